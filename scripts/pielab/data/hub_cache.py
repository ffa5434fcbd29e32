"""Notice files that changed in the cache of the Hugging Face hub, which its client trusts."""

import hashlib
import re
from pathlib import Path

from pielab import provenance

HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # SHA-1 of what Git keeps, or SHA-256


def check(repo_type: str, name: str) -> None:
    """Raise if a cached file of a repository is not what its name says, which is its digest.

    Parameters
    ----------
    repo_type : str
        `models` or `datasets`.
    name : str
        Of the repository, `owner/name`.

    Raises
    ------
    ValueError
        Naming the file, and what to do.
    """
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE, "--".join([repo_type, *name.split("/")]), "blobs")
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if HASH.fullmatch(path.name) and path.name not in _digests(path):
            raise ValueError(
                f"{path}: changed since {name} was downloaded; delete it and type the same command"
            )


def _digests(path: Path) -> set[str]:
    """Return what a file with this content may be named."""
    if len(path.name) == 64:
        return {provenance.sha256_of(path)}
    content = path.read_bytes()  # of a small file: large ones are named by their SHA-256
    as_in_git = b"blob %d\0" % len(content) + content
    return {
        hashlib.sha1(version, usedforsecurity=False).hexdigest() for version in (as_in_git, content)
    }
