"""Know external files by their content: a file that is swapped makes stale what was read from it.

Snakemake compares times, and a file that is moved or unpacked into place keeps an older one.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pielab import provenance

CACHE = Path(".snakemake/external_digests.json")  # beside Snakemake's own notes on files
_known: dict[str, str] = {}  # digests by a file's identity, those of CACHE among them


def with_content(settings: dict, paths: Iterable[str]) -> dict:
    """Return settings with the digest of each external file that a job reads, if it reads any.

    `paths`: files that are there.
    """
    content = digests(paths)
    return settings | ({"content": content} if content else {})


def digests(paths: Iterable[str], cache: Path = CACHE) -> dict[str, str]:
    """Return the SHA-256 of each file, by its path.

    A digest is computed once and kept in `cache` by what tells that a file is still the same:
    device, inode, size and times of change in nanoseconds.
    """
    found, new = {}, False
    for path in paths:
        identity = _identity(path)
        if identity not in _known and not new:
            _known.update(_read(cache))
        if identity not in _known:
            _known[identity], new = provenance.sha256_of(path), True
        found[path] = _known[identity]
    if new:
        from pielab.files import write_text  # brings numpy, which planning does without

        with suppress(OSError):  # a finished study may be read-only; then they are computed again
            write_text(cache, json.dumps(_known, sort_keys=True))
    return found


def _identity(path: str) -> str:
    """Return what shows that a file is still the same."""
    status = os.stat(path)
    times = f"{status.st_mtime_ns}:{status.st_ctime_ns}"
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{times}"


def _read(cache: Path) -> dict[str, str]:
    """Return the digests of a cache, none if there is no whole one."""
    try:
        known = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
