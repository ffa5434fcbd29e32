"""The hub's cache: files are named for their content, and one that is not is refused."""

import hashlib

import pytest

from pielab.data import hub_cache

SMALL, LARGE = b'{"a": 1}', b"weights" * 100


@pytest.fixture
def blobs(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--of--some/blobs"
    folder.mkdir(parents=True)
    in_git = hashlib.sha1(b"blob 8\0" + SMALL).hexdigest()
    for name, content in {
        in_git: SMALL,
        hashlib.sha1(b"plain").hexdigest(): b"plain",  # a mirror of the hub may name them so
        hashlib.sha256(LARGE).hexdigest(): LARGE,
        "0" * 32: b"named otherwise",
        f"{in_git}.incomplete": b"{",
    }.items():
        (folder / name).write_bytes(content)
    return folder


DAMAGES = {
    "cut": lambda content, other: content[: len(content) // 2],
    "emptied": lambda content, other: b"",
    "flipped": lambda content, other: bytes([content[0] ^ 1]) + content[1:],
    "swapped": lambda content, other: other,
}


def test_a_cache_as_it_was_downloaded_is_taken(blobs):
    hub_cache.check("models", "of/some")
    hub_cache.check("models", "of/other")
    hub_cache.check("datasets", "of/some")


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", range(3))
def test_a_damaged_file_of_the_cache_is_named(blobs, damage, which):
    paths = [path for path in sorted(blobs.iterdir()) if hub_cache.HASH.fullmatch(path.name)]
    path, other = paths[which], paths[which - 1]
    path.write_bytes(DAMAGES[damage](path.read_bytes(), other.read_bytes()))
    with pytest.raises(ValueError, match=f"^{path}: changed since of/some was downloaded; delete"):
        hub_cache.check("models", "of/some")
