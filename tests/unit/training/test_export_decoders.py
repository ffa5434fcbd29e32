"""Decoders leave as folders that transformers loads, if the gate lets them."""

import json
from pathlib import Path

import pytest
import torch
import transformers

import export_decoders
from helpers import tiny_decoder
from pielab import files
from pielab.training.architectures import decoder

CELL = {"dataset": "word", "model": "tiny", "level": 50.0, "baseline": "dense"}


@pytest.fixture
def job(tmp_path):
    """The settings of a job, the weights of its two versions and the path of its output."""
    tiny_decoder.save(tmp_path / "source", dtype=torch.bfloat16)
    (tmp_path / "tiny").mkdir()
    decoder.fetch({"revision": None}, str(tmp_path / "source"), str(tmp_path / "tiny"))
    method = {"criterion": "magnitude", "schedule": "after-training"}
    own = {"model": {"architecture": "decoder"}, "threads": 1, "method": method, "level": 50}
    versions = [
        {"cell": CELL | {"method": name}, "folder": ["word", "tiny", name, "sparsity50"]}
        | {"settings": own | {"draw": 0}, "draw": None}
        for name in ("good", "bad")
    ]
    settings = {"versions": versions, "threads": 1, "device": "cpu", "fail_on": "block"}
    weights = [str(tmp_path / "tiny/model.safetensors")] * 2
    judged = [
        CELL | {"method": name, "level_text": "50 %", "verdict": verdict, "rules": []}
        for name, verdict in (("good", "PASS"), ("bad", "BLOCK"))
    ]
    (tmp_path / "gate.json").write_text(json.dumps({"versions": judged}))
    output = tmp_path / "out/exported.json"
    return settings, weights, str(tmp_path / "gate.json"), str(output)


def test_what_the_gate_passes_leaves_in_its_own_precision_with_a_card_and_nothing_else_does(job):
    settings, weights, gate, output = job
    export_decoders.main(settings | {"force": False}, weights, gate, output)
    (made,) = files.read_json(output)["exported"]
    folder = made["folder"]
    assert folder.endswith("out/word/tiny/good/sparsity50")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    for name, own in model.named_parameters():
        if "proj" in name:
            assert (own == 0).float().mean() == pytest.approx(0.5)
    assert len(transformers.AutoTokenizer.from_pretrained(folder)("ab")["input_ids"]) == 2
    card = Path(f"{folder}/README.md").read_text(encoding="utf-8")
    assert "# tiny, compressed by good (50 %)" in card
    assert "weights (" in card
    assert "bfloat16" in card


def test_force_exports_all_and_without_any_one_line_says_so(job):
    settings, weights, gate, output = job
    export_decoders.main(settings | {"force": True}, weights, gate, output)
    assert len(files.read_json(output)["exported"]) == 2
    settings["versions"], weights = settings["versions"][1:], weights[1:]
    with pytest.raises(ValueError, match="export: no version that the gate passes and"):
        export_decoders.main(settings | {"force": False}, weights, gate, output)
