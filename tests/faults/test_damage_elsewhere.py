"""Files that jobs read and that are no results of the study: what is damaged is named, too.

`FAULTS_SEED` draws where a byte is flipped and with what a file is swapped.
"""

import hashlib
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.small_study import ROOT
from pielab import digests, jobs
from pielab.data import hub_cache

SEED = int(os.environ.get("FAULTS_SEED", 0))
PREDICTIONS = ("resources/thirty_seeds", "resources/mending")
SHIPPED = {
    "shared predictions": [p for f in PREDICTIONS for p in (ROOT / f).rglob("*.safetensors")],
    "vendored files": (ROOT / "resources/vendor").rglob("*.min.*"),
    "templates": (ROOT / "workflow/templates").glob("*.*"),
    "published numbers": (ROOT / "resources/paper").glob("*.csv"),
    "logs of a harness": [
        p for name in ("*.gz", "*.json") for p in (ROOT / "resources/smollm2/runs").rglob(name)
    ],
}
DAMAGES = {
    "cut": lambda content, other, place: content[: place % len(content)],
    "emptied": lambda content, other, place: b"",
    "flipped": lambda content, other, place: flipped(content, place),
    "swapped": lambda content, other, place: other,
}


def flipped(content, place):
    changed = bytearray(content)
    changed[place % len(changed)] ^= 1 << place % 8
    return bytes(changed)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(digests, "SECONDS", 0)


class Named(list):
    """Paths of a rule that are all `external`."""

    def items(self):
        return [("external", list(self))] if self else []


def read(path, log):
    """Read a file as a job does, as a rule's input that users bring."""
    asked = SimpleNamespace(input=Named([str(path)]), output=Named(), log=[str(log)], params={})
    with jobs.job(asked):
        pass


@pytest.mark.parametrize("kind", SHIPPED)
def test_a_file_that_comes_with_the_project_is_named_by_the_job_that_reads_it(tmp_path, kind):
    paths = sorted(p for p in SHIPPED[kind] if not p.name.startswith("."))
    assert paths
    generator, log = np.random.default_rng(SEED), tmp_path / "study/results/logs/a.log"
    for number, path in enumerate(paths):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(digests.path_of(path), digests.path_of(copy))
        content, other = path.read_bytes(), paths[number - 1].read_bytes()
        # Of hundreds of predictions one damage each
        some = list(DAMAGES) if len(paths) < 100 else [list(DAMAGES)[generator.integers(4)]]
        for damage in some:
            copy.write_bytes(DAMAGES[damage](content, other, int(generator.integers(2**31))))
            if copy.read_bytes() == content:  # two shipped files may be the same
                continue
            with pytest.raises(SystemExit, match=f"{path.name}: changed since it was written"):
                read(copy, log)
        copy.write_bytes(content)
        read(copy, log)
    print(f"tried: {len(paths) * len(some)} damaged")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_in_the_cache_of_the_hub_is_named(tmp_path, monkeypatch, damage):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    blobs = tmp_path / "models--of--some/blobs"
    blobs.mkdir(parents=True)
    generator = np.random.default_rng(SEED)
    contents = [generator.bytes(size) for size in (200, 90_000, 40)]
    names = [
        hashlib.sha256(contents[0]).hexdigest(),
        hashlib.sha256(contents[1]).hexdigest(),
        hashlib.sha1(b"blob 40\0" + contents[2]).hexdigest(),
    ]
    for name, content in zip(names, contents, strict=True):
        (blobs / name).write_bytes(content)
    hub_cache.check("models", "of/some")
    for number, name in enumerate(names):
        place = int(generator.integers(2**31))
        changed = DAMAGES[damage](contents[number], contents[number - 1], place)
        (blobs / name).write_bytes(changed)
        with pytest.raises(ValueError, match=f"{name}: changed since of/some was downloaded"):
            hub_cache.check("models", "of/some")
        (blobs / name).write_bytes(contents[number])
    print(f"tried: {len(names)} damaged")
