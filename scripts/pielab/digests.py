"""What a job wrote: the SHA-256 of each result, in a hidden file beside it.

`results/tables/pies.csv` has `results/tables/.pies.csv.sha256`, one line as `sha256sum` prints it
in the folder of results: `DIGEST  tables/pies.csv`. A reader finds it by the result's path alone,
two jobs never write the same one, and it travels with a folder of predictions that is shared. The
line names the result, so that two folders that are swapped do not fit.
"""

import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pielab import provenance

SUFFIX = ".sha256"
CHECKPOINT = ".checkpoint.safetensors"  # of a job that was killed
CHANGED, MISSING, UNKNOWN = "changed", "missing", "not written by any job"
NOT_RESULTS = ("logs", "benchmarks")  # folders of results that change no result
TRIES, SECONDS = 3, 1.0  # on a shared file system a file may arrive before its digest


class Problem(NamedTuple):
    """A file that is not what was written: its path, and CHANGED, MISSING or UNKNOWN."""

    path: Path
    what: str


def path_of(result: str | Path) -> Path:
    """Return where the digest of a result is."""
    result = Path(result)
    return result.with_name(f".{result.name}{SUFFIX}")


def write(result: str | Path, root: str | Path) -> None:
    """Write the digest of a file or folder, atomically.

    Parameters
    ----------
    root : path
        The folder of results, to which the result's name is relative.
    """
    from pielab import files  # brings numpy, which planning does without

    files.write_text(path_of(result), _lines(Path(result), _name(result, root)))


def forget(results: Iterable[str | Path]) -> None:
    """Remove digests, before results are written anew."""
    for result in results:
        path_of(result).unlink(missing_ok=True)


def check(path: str | Path, root: str | Path) -> None:
    """Raise if a file or folder is not what was written.

    A file outside `root` needs no digest; that of one of shared predictions is checked too.

    Raises
    ------
    ValueError
        Naming the file, and what to do.
    """
    name = _name(path, root) if _is_below(path, root) else None
    if name is None and not path_of(path).is_file():
        return
    for attempt in range(TRIES):
        recorded = _read(path_of(path))
        if recorded is not None and _fits(Path(path), recorded, name):
            return
        if attempt + 1 < TRIES:
            time.sleep(SECONDS)
            os.listdir(Path(path).parent)  # a network file system looks again
    if recorded is None:
        raise ValueError(
            f"{path}: has no digest, so an earlier release or no job wrote it; delete it and type "
            f"the same command (your own files belong outside of {root})"
        )
    mend = (
        "delete it and type the same command"
        if name
        else "fetch it again, with the hidden file beside it (delete that if you changed it)"
    )
    raise ValueError(f"{path}: changed since it was written; {mend}")


def listed(results: Iterable[str | Path]) -> dict[str, str]:
    """Return the digests of results that were written, by their names in the folder of results."""
    texts = (path_of(result).read_text(encoding="utf-8") for result in results)
    lines = (text.removesuffix("\n").partition("  ") for text in texts)
    return {name: digest for digest, _, name in lines}


def recorded(root: str | Path) -> list[Path]:
    """Return the results below a folder that have a digest."""
    return [result for result in _results(Path(root)) if path_of(result).is_file()]


def survey(root: str | Path) -> tuple[list[Problem], int]:
    """Return the files below a folder of results that are not what was written, and of how many.

    Logs, benchmarks, hidden files and other working directories of Snakemake are no results.
    Checkpoints of killed jobs hold their own digests.
    """
    found, count = [], 0
    for result in _results(Path(root)):
        recorded = _read(path_of(result))
        count += 1
        if not result.exists():
            found.append(Problem(result, MISSING))
        elif recorded is None:
            found.append(Problem(result, UNKNOWN))
        elif not _fits(result, recorded, _name(result, root)):
            found.append(Problem(result, CHANGED))
    return found, count


def is_made(path: str | Path, outputs: Iterable[str]) -> bool:
    """Return whether a path is an output of a rule.

    Parameters
    ----------
    outputs : iterable of str
        With wildcards in braces.
    """
    patterns = ("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", output))) for output in outputs)
    return any(re.fullmatch(pattern, Path(path).as_posix()) for pattern in patterns)


def _results(root: Path) -> Iterator[Path]:
    """Yield what is below `root` or has a digest there."""
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        named = {name[1 : -len(SUFFIX)] for name in names if _is_digest(name)}
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in named
            and not (here == root and name in NOT_RESULTS)
            and not (here / name / ".snakemake").exists()
        )
        shown = {name for name in names if not name.startswith(".")}
        for name in sorted(shown | named):
            if name in named or not name.endswith(CHECKPOINT):
                yield here / name


def _is_digest(name: str) -> bool:
    return re.fullmatch(rf"\..+{re.escape(SUFFIX)}", name) is not None


def _is_below(path: str | Path, root: str | Path) -> bool:
    return Path(os.path.abspath(path)).is_relative_to(os.path.abspath(root))


def _name(result: str | Path, root: str | Path) -> str:
    return Path(os.path.relpath(result, root)).as_posix()


def _read(path: Path) -> str | None:
    """Return the text of a digest, None if there is none; one that is no text fits nothing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _fits(path: Path, recorded: str, name: str | None) -> bool:
    """Return whether a result has the recorded content and name.

    Where shared predictions are put is not known (None), but all that follows the folder is.
    """
    if name is None:
        name = recorded.partition("  ")[2].removesuffix("\n")
        tail = name.partition("/")[2] or name
        if not Path(os.path.abspath(path)).as_posix().endswith(f"/{tail}"):
            return False
    return recorded == _lines(path, name)


def _lines(path: Path, name: str) -> str:
    """Return the digest's text; of a folder a line for each file, so that one more is noticed."""
    if not path.is_dir():
        return f"{provenance.sha256_of(path)}  {name}\n"
    held = sorted(file for file in path.rglob("*") if file.is_file())
    return "".join(
        f"{provenance.sha256_of(file)}  {name}/{file.relative_to(path).as_posix()}\n"
        for file in held
    )
