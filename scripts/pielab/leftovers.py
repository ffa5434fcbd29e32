"""Temporary files and folders: whoever writes one holds it, and what nobody holds is removed.

A job that is killed holds nothing any more. On a file system that several machines share, nobody
sees what is held elsewhere; there a file counts as left once nothing was written to it for a while.
"""

import fcntl
import glob
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = re.compile(r"\.[0-9a-f]{8}\..")  # how names begin
ELSEWHERE = "pielab"  # how those of folders outside of the results end
SECONDS = 600  # without a write; jobs of a cluster may outlive their Snakemake


def path_beside(path: Path) -> Path:
    """Return a name for a temporary file; it is random, as process ids repeat across nodes."""
    return path.with_name(f".{secrets.token_hex(4)}.{path.name}")


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Let others know, while the block runs, that a file or folder is still used."""
    number = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems know no locks
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


@contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Yield a new folder, in the system's place for such ones if in no other, and remove it."""
    place = parent or Path(tempfile.gettempdir())
    folder = path_beside(place / ELSEWHERE)
    folder.mkdir(0o700)
    try:
        with holding(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_beside(path: Path) -> None:
    """Remove what killed writers of a path left some time ago; in a module no run does."""
    for left in path.parent.glob(f".{'[0-9a-f]' * 8}.{glob.escape(path.name)}"):
        with suppress(FileNotFoundError):  # another job may have removed it, or be done with it
            if _is_left(left, False):
                left.unlink()


def remove(root: Path, is_local: bool) -> None:
    """Remove what killed jobs left below a folder, and where the system has temporary folders.

    Parameters
    ----------
    is_local : bool
        Whether all jobs run on this machine, so that what is held is seen.
    """
    found = []
    for folder, folders, names in os.walk(root):
        found += [Path(folder, name) for name in (*folders, *names) if NAME.match(name)]
        folders[:] = [name for name in folders if not NAME.match(name)]
    place = Path(tempfile.gettempdir())
    found += [path for path in place.glob(f".*.{ELSEWHERE}") if NAME.match(path.name)]
    found += Path(".snakemake/scripts").glob("tmp*.py")  # copies that Snakemake makes and holds not
    for path in found:
        with suppress(OSError):  # a job that was still running has ended, or it is another user's
            if _is_left(path, is_local and NAME.match(path.name) is not None):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_left(path: Path, is_local: bool) -> bool:
    """Return whether nobody writes to a file or folder any more."""
    number = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        is_local = False
    finally:
        os.close(number)
    newest = max(entry.stat().st_mtime for entry in (path, *path.rglob("*")))
    return is_local or time.time() - newest > SECONDS
