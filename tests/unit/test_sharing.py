"""How two processes share the tests."""

from types import SimpleNamespace

from helpers import sharing
from helpers.small_study import ROOT

NAMES = [
    "tests/unit/figures/test_a.py::test_one[x::y]",
    "tests/unit/figures/test_b.py::test_two",
    "tests/e2e/test_study.py::test_three",
    "tests/e2e/test_study.py::test_four",
    "tests/unit/test_c.py::test_five",
    "tests/unit/test_d.py::test_six",
    "tests/unit/test_d.py::test_seven",
]


class Process:
    """A process that is told which tests to run."""

    shutting_down = False

    def __init__(self, name):
        self.gateway, self.told = SimpleNamespace(id=name), []

    def send_runtest_some(self, places):
        self.told.append([NAMES[place] for place in places])

    def shutdown(self):
        self.shutting_down = True


def test_tests_of_a_file_or_of_files_that_share_drawings_go_to_one_process():
    options = {"tx": ["popen", "popen"]}
    scheduling = sharing.Scheduling(SimpleNamespace(getvalue=options.get, option=SimpleNamespace()))
    processes = [Process("one"), Process("other")]
    for process in processes:
        scheduling.add_node(process)
        scheduling.add_node_collection(process, NAMES)
    scheduling.schedule()
    assert processes[0].told == [NAMES[:2], NAMES[4:5]]
    assert processes[1].told == [NAMES[2:4], NAMES[5:]]


def test_each_test_of_faults_goes_to_whichever_process_is_free():
    names = [f"tests/faults/test_doors.py::test_a[{number}]" for number in range(2)]
    assert list(map(sharing.group_of, names)) == names


def test_the_longest_files_are_there():
    assert [path for path in sharing.LONGEST if not (ROOT / "tests" / path).exists()] == []
    assert sharing.place_of("tests/unit/figures/test_a.py::test_b") == 0
    assert sharing.place_of("tests/unit/test_a.py::test_b") == len(sharing.LONGEST)
