"""The door of every job: what it says, what it reads, and the digests of what it wrote."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pielab import digests, logs, memory

EXTERNAL = "external"  # the name of a rule's inputs that users bring


class Job(NamedTuple):
    """What a rule gives its script: settings, and by name a path or a list of paths."""

    settings: dict[str, Any]  # also those that are in no digest, such as the number of threads
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@contextmanager
def job(snakemake: Any) -> Iterator[Job]:
    """Log as `logs.job` does, check the inputs before the block and record the outputs after it.

    An input below the folder of results must be what its job wrote. Files that users bring are
    known by their content (`pielab.external_content`) and are a rule's inputs `external`. Of these
    the ones that a job of this or another study wrote, such as logs of decoders, must be that too.

    Parameters
    ----------
    snakemake : object
        What Snakemake gives a script.

    Yields
    ------
    Job
    """
    root = results_folder(snakemake.log[0])
    memory.keep_freed()
    with logs.job(snakemake.log[0]):
        # A killed job leaves no digest that fits something else
        digests.forget(snakemake.output)
        inputs = _by_name(snakemake.input)
        external = inputs.get(EXTERNAL, [])
        given = {external} if isinstance(external, str) else set(external)
        for path in dict.fromkeys(snakemake.input):
            if path not in given or digests.path_of(path).is_file():
                digests.check(path, root)
        params = [snakemake.params.get(name, "{}") for name in ("settings", "untracked")]
        settings, untracked = map(json.loads, params)
        yield Job(settings | untracked, inputs, _by_name(snakemake.output))
        for path in snakemake.output:
            if Path(path).exists():  # else Snakemake says that it is missing
                digests.write(path, root)


def results_folder(log: str | Path) -> Path:
    """Return the folder of results that a job writes to, which has its log in `logs`."""
    parents = [parent for parent in Path(log).parents if parent.name == "logs"]
    return parents[0].parent


def _by_name(paths: Any) -> dict[str, Any]:
    """Return the paths that have a name: one, or a list."""
    return {name: path if isinstance(path, str) else list(path) for name, path in paths.items()}
