"""What the workflow asks of Snakemake for which there is no documented way.

Each function takes Snakemake's `workflow`. A change of Snakemake is met here and nowhere else.
"""

import inspect
import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from pielab import forking

NOTES = Path(".snakemake/metadata")
TEMPORARY = ("TMPDIR", "TMP", "TEMPDIR", "TEMP")  # variables that name a folder for scratch files
LONGEST = 254  # letters of a name in it


def config_files(workflow: Any) -> list[str]:
    """Return the config files that were read, those of --configfile first.

    Documented is only `config`, in which all files are merged; errors must name the file.
    """
    return list(map(str, workflow.configfiles))


def command_line_config(workflow: Any) -> list[str]:
    """Return the option --config if the user typed it, since its values are in no file."""
    return ["--config"] if workflow.config_settings.config else []


def is_main_process(workflow: Any) -> bool:
    """Return whether this is the process that the user started.

    Snakemake reads the workflow again for each job; checks and warnings once are enough.
    """
    return bool(workflow.is_main_process)


def is_module(workflow: Any) -> bool:
    """Return whether another workflow uses this one by `module:`.

    Snakemake then runs none of this workflow's onstart, onsuccess and onerror.
    """
    return not workflow.modifier.is_main_snakefile()


def outputs(workflow: Any) -> list[str]:
    """Return the outputs of all rules so far, with their wildcards.

    Documented is only `rules.NAME.output`, rule by rule.
    """
    return [str(path) for rule in workflow.rules for path in rule.output]


def is_local(workflow: Any) -> bool:
    """Return whether all jobs run on this machine, and not on others of a cluster."""
    return bool(workflow.local_exec)


def without_notes(paths: Iterable[Path], notes: Path = NOTES) -> list[Path]:
    """Return the files on which Snakemake has no note, by which it tells what changed since.

    Documented are the notes' folder and `--list-changes`, which takes a file without a note for one
    that is as it should be.
    """
    return [path for path in paths if not _has_note(path, notes)]


def _has_note(path: Path, notes: Path) -> bool:
    name = urlsafe_b64encode(str(path).encode()).decode()
    parts = [name[first : first + LONGEST] for first in range(0, len(name), LONGEST)]
    place = Path(*(f"@{part}" for part in parts[:-1]), parts[-1])
    if (notes.parent / "incomplete" / place).exists():  # of a job that was killed, and runs again
        return True
    try:
        return isinstance(json.loads((notes / place).read_bytes()), dict)
    except (OSError, ValueError):  # which Snakemake takes for none
        return False


def lift_rate_limit(workflow: Any) -> None:
    """Let a run on this machine start its jobs without a limit a second.

    For its limit of 100 jobs a second, which is meant for clusters, Snakemake 9.27 looks at all
    waiting jobs again a second after each look, beside the looks that ended jobs cause: the more
    jobs have ended, the more looks a second, each of some milliseconds. There is no option that
    takes the limit away. It is left alone on a cluster, and where --max-jobs-per-timespan sets
    another. For `onstart`, when there is a scheduler.
    """
    scheduler = workflow.scheduler
    limit = scheduler.job_rate_limiter
    if workflow.local_exec and limit and (limit.max_jobs, limit.timespan) == (100, 1):
        scheduler.job_rate_limiter = None


def keep_signatures(workflow: Any) -> None:
    """Write down at each function of a rule which arguments it takes.

    Snakemake 9.27 asks `inspect.signature` that three times for each function of each job, which
    takes longer than most of them. A function that has `__signature__` (PEP 362) is not asked.
    """
    for rule in workflow.rules:
        given = [*(getattr(path, "_file", path) for path in rule.input), *rule.params]
        found = [getattr(one, "callable", one) for one in given]
        for resource in rule.resources.values():
            found += [getattr(resource, "_evaluator", None), type(resource).evaluate]
        for function in filter(inspect.isfunction, found):
            function.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]


def fork_jobs(scripts: Any, benchmarked: Callable[..., AbstractContextManager[Any]]) -> None:
    """Let scripts of one thread start as forks of one process, see `forking`; for `onstart`.

    Others start as ever, and so do all where processes are not forked safely.

    Parameters
    ----------
    scripts : class
        Snakemake's `PythonScript`.
    benchmarked : function
        Snakemake's, from the number of a process and a record to a context.
    """
    start, forks = scripts.execute_script, forking.Forks()

    def execute(script: Any, path: str, edit: bool = False) -> None:
        def watched(process: int) -> AbstractContextManager[Any]:
            record = script.bench_record
            return benchmarked(process, record) if record is not None else nullcontext()

        is_plain = script.threads == 1 and not (
            script.conda_env
            or script.container_img
            or script.env_modules
            or script.shadow_dir
            or script.resources.get("shell_exec")
        )
        place = script.resources.get("tmpdir")
        environment = dict.fromkeys(TEMPORARY, place) if place else {}
        status = forks.run(path, environment, watched) if is_plain else None
        if status is None:
            start(script, path, edit)
        elif status:
            raise subprocess.CalledProcessError(status, f"{sys.executable} {path}")

    if sys.platform == "linux":
        scripts.execute_script = execute
