"""Folders that leave a study have digests, too."""

import json

import pytest

from pielab import digests, files
from pielab.digests import CHANGED, Problem
from pielab.gate.leaving import leave

CELL = {"dataset": "bbc", "model": "ours", "method": "int8", "baseline": "dense", "level": 8.0}


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """A folder of results with the two versions that left."""
    root = tmp_path / "results"
    monkeypatch.setattr("pielab.gate.leaving.KEYS", ["dataset", "model", "method", "baseline"])
    names = ["int8", "int4"]
    keys = ("dataset", "model", "method", "baseline")
    cells = [{key: (CELL | {"method": name})[key] for key in keys} for name in names]
    judged = [cell | {"verdict": "PASS", "level_text": "8 bits"} for cell in cells]
    files.write_text(root / "gate/gate.json", json.dumps({"versions": judged}))
    digests.write(root / "gate/gate.json", root)
    versions = [
        {"cell": cell, "folder": ["bbc", name]} for cell, name in zip(cells, names, strict=True)
    ]

    def write(number, version, folder):
        (folder / "config.json").write_text(f'{{"a": {number}}}')
        (folder / "model.safetensors").write_bytes(bytes([number]) * 100)
        return {}, f"# {version['method']}"

    output = root / "export/exported.json"
    settings = {"versions": versions, "force": True, "fail_on": "BLOCK"}

    def again():
        leave(settings, str(root / "gate/gate.json"), str(output), write)
        digests.write(output, root)

    again()
    return root, again


def test_folders_that_left_are_what_was_written(exported):
    root, again = exported
    assert digests.survey(root) == ([], 4)
    again()
    assert digests.survey(root) == ([], 4)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "README.md"])
@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped", "swapped", "removed"])
def test_a_damaged_file_of_a_folder_that_left_is_noticed(exported, damage, name):
    root, _ = exported
    folder = root / "export/bbc/int8"
    content = (folder / name).read_bytes()
    changed = {
        "cut": content[: len(content) // 2],
        "emptied": b"",
        "flipped": bytes([content[0] ^ 1]) + content[1:],
        "swapped": (root / "export/bbc/int4" / name).read_bytes(),
        "removed": None,
    }[damage]
    (folder / name).unlink() if changed is None else (folder / name).write_bytes(changed)
    assert digests.survey(root)[0] == [Problem(folder, CHANGED)]
