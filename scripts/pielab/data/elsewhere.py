"""The content of a package that is not installed, from where else it lies, held to its digest.

Digests are of what is read (texts and labels in order, numbers by name), so that an archive, a
repository of the hub and a package that hold the same have the same one.
"""

import importlib.util
import os
import re
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

from pielab import leftovers
from pielab.logs import logger, one_line

SECONDS = 60  # without an answer
MOST_BYTES = 2**30  # of an archive, or of what is read of one: the largest archive has 862 MB
LONGEST_REASON = 160
Content = TypeVar("Content")


def package_folder(module: str) -> Path | None:
    """Return where an installed package lies, of which nothing is imported."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def take(
    package: str,
    places: Mapping[str, Callable[[], Content]],
    digest: Callable[[Content], str],
    expected: str,
) -> Content:
    """Return the content of a package from the first place that has the same, and log which.

    Parameters
    ----------
    package : str
        The name of a package that is not installed.
    places : mapping from str to callable
        How to read what each place has.
    digest : callable
        The SHA-256 of a content.
    expected : str
        That of the package.
    """
    failures = []
    for place, read in places.items():
        try:
            content = read()
        except Exception as error:  # of networks, archives and three libraries: no other base
            failures.append(f"{place}: {_reason(error)}")
            continue
        if digest(content) == expected:
            line = f"the package {package} is not installed; {place} has the same content"
            logger.warning("%s", line)
            print(f"pielab: {line}", file=sys.stderr)
            return content
        failures.append(f"{place}: other content than the package has")
    raise ValueError(
        f"the package {package} is not installed, and its content was not found elsewhere: "
        + "; ".join(failures)
    )


def _reason(error: Exception) -> str:
    line = one_line(f"{type(error).__name__}: {error}")
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]} …"


@contextmanager
def downloaded(url: str) -> Iterator[Path]:
    """Yield a temporary file with what a URL answers."""
    request = urllib.request.Request(url, headers={"User-Agent": "pielab"})
    with leftovers.temporary_folder() as folder:
        path = Path(folder) / "archive"
        with urllib.request.urlopen(request, timeout=SECONDS) as answer, path.open("wb") as file:
            _copy(answer, file, url)
        yield path


def hub_file(repository: str, name: str, revision: str) -> Path:
    """Return a file of a model on the Hugging Face hub, which is kept in the hub's cache."""
    import huggingface_hub

    return Path(huggingface_hub.hf_hub_download(repository, name, revision=revision))


def archived(archive: Path, pattern: str) -> Iterator[tuple[re.Match[str], bytes]]:
    """Yield the files of a zip or tar archive whose names match, in its order.

    Yields
    ------
    name : re.Match
    content : bytes
    """
    left = MOST_BYTES
    for name, opened in _files(archive):
        found = re.search(pattern, name)
        if found:
            with opened() as file:
                content = file.read(left + 1)
            left -= len(content)
            if left < 0:
                raise ValueError(f"{archive.name} holds more than {MOST_BYTES:,} bytes")
            yield found, content


def _files(archive: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                yield entry.filename, partial(zipped.open, entry)
        return
    with tarfile.open(archive) as tarred:
        for member in tarred:
            if member.isfile():
                yield member.name, partial(_extract, tarred, member)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    assert file is not None  # since it is a file
    return file


def _copy(answer: Any, file: IO[bytes], name: str) -> None:
    copied = 0
    while chunk := answer.read(2**20):
        copied += len(chunk)
        if copied > MOST_BYTES:
            raise ValueError(f"{name} has more than {MOST_BYTES:,} bytes")
        file.write(chunk)
    expected = answer.headers.get("Content-Length")
    if expected is not None and copied != int(expected):
        raise ValueError(f"{name} broke off after {copied:,} of {int(expected):,} bytes")


def cache_folder() -> Path:
    """Return where contents are kept whose reading takes long: below the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pielab"
