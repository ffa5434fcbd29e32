"""The door of every job: what it says, what it reads, and the digests of what it wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pielab import digests, logs

EXTERNAL = "external"  # the name of a rule's inputs that users bring


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Log as `logs.job` does, check the inputs before the block and record the outputs after it.

    An input below the folder of results must be what its job wrote. Files that users bring are
    known by their content (`pielab.external_content`) and are a rule's inputs `external`.

    Parameters
    ----------
    snakemake : object
        What Snakemake gives a script.
    """
    root = results_folder(snakemake.log[0])
    with logs.job(snakemake.log[0]):
        # A killed job leaves no digest that fits something else
        digests.forget(snakemake.output)
        own = {path for name, path in _named(snakemake.input) if name == EXTERNAL}
        for path in dict.fromkeys(snakemake.input):
            if path not in own:
                digests.check(path, root)
        yield
        for path in snakemake.output:
            if Path(path).exists():  # else Snakemake says that it is missing
                digests.write(path, root)


def results_folder(log: str | Path) -> Path:
    """Return the folder of results that a job writes to, which has its log in `logs`."""
    parents = [parent for parent in Path(log).parents if parent.name == "logs"]
    return parents[0].parent


def _named(inputs: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and path of each input that has a name."""
    for name, paths in inputs.items():
        for path in [paths] if isinstance(paths, str) else paths:
            yield name, path
