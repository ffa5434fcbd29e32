"""How processes of pytest-xdist share the tests: a file's in one, the longest files first.

Its own `--dist loadgroup` marks each test's name with its group, which pytest 9.2 does not let it:
tests went to either process, and both made what a file's tests share.
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("browser", "unit/figures")  # folders whose files share what they drew
ALONE = "faults"  # whose tests, but those of files below, share nothing but what a lock guards
# By seconds of the processor, most first; what else there is comes after, in the order of pyproject
LONGEST = (
    "unit/figures",
    "browser",
    "e2e/test_study.py",
    "workflow/test_contributing.py",
    "workflow/test_external.py",
    "workflow/test_trained_elsewhere.py",
    "workflow/test_objectives.py",
    "workflow/test_harness_logs.py",
    "faults/test_resume.py",
    "faults/test_damage.py",
    "unit/training/test_checkpoints.py",
    "workflow/test_hub.py",
    "workflow/test_external_models.py",
    "workflow/test_withdrawn.py",
    "workflow/test_staleness.py",
    "unit/benchmarks/test_gpu.py",
    "workflow/test_compress.py",
    "workflow/test_module.py",
    "workflow/test_gate.py",
    "workflow/test_paper.py",
)


def group_of(name):
    """Return the group of a test, by its name: a file or folder below tests/."""
    path = name.split("::")[0].removeprefix("tests/")
    if path.startswith(f"{ALONE}/") and path not in LONGEST:
        return name
    return next((folder for folder in TOGETHER if path.startswith(f"{folder}/")), path)


def place_of(name):
    """Return where a test comes among all, as a number that sorts them."""
    group = group_of(name)
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)


class Scheduling(LoadScopeScheduling):
    """The groups in the order in which their first tests come."""

    def __init__(self, config, log=None):
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid):
        return group_of(nodeid)
