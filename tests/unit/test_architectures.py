"""What architectures say of themselves, and that nothing else names one."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from pielab import architectures
from pielab.config import check_config

ROOT = Path(__file__).parents[2]
NAMES = architectures.architecture_names()
OWN = ROOT / "scripts/pielab/training/architectures"
SOURCES = [p for p in (ROOT / "scripts").rglob("*.py") if not p.is_relative_to(OWN)]
SOURCES += [ROOT / "Snakefile", ROOT / "workflow/Snakefile", *(ROOT / "workflow").rglob("*.smk")]


@cache
def classes():
    """Return the names of the models' classes."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in OWN.glob("*.py")]
    found = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    return {node.name for node in found if ast.unparse(node.bases[0]) == "Classifier"}


def test_each_kind_of_model_has_a_class_that_the_search_knows():
    assert {"BiLSTM", "Encoder"} <= classes()
    assert {"bilstm", "encoder"} <= set(NAMES)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_names_an_architecture(path):
    text = path.read_text(encoding="utf-8")
    names = "|".join(NAMES)
    assert not re.search(rf"""(["'])({names})\1""", text)
    assert not re.search(rf"architectures\.({names})\b|architectures import ({names})\b", text)
    if path.suffix == ".py":  # in code, not in comments
        nodes = list(ast.walk(ast.parse(text)))
        words = {getattr(node, kind, "") for node in nodes for kind in ("id", "attr")}
        assert not words & (classes() - {"Encoder"})


def test_an_architecture_says_what_it_starts_from_and_which_keys_it_reads():
    bilstm, encoder = (architectures.architecture(name) for name in ("bilstm", "encoder"))
    assert (bilstm.starts_from, encoder.starts_from) == (("vectors",), ("pretrained",))
    assert (bilstm.family, encoder.family) == ("recurrent", "attention")
    assert architectures.readers("vectors") == ["bilstm"]
    assert "encoder" in architectures.readers("freeze_layers")
    assert architectures.architecture("external").starts_from == ()


def test_each_says_what_the_schema_has_as_the_value_that_says_nothing():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    keys = schema["$defs"]["model"]["properties"]
    for name, unused in architectures.unused_values().items():
        assert keys[name]["default"] == unused


def test_a_module_that_does_not_say_what_it_starts_from_is_refused(tmp_path, monkeypatch):
    (tmp_path / "mean.py").write_text("AUTOCASTS = False\n")
    monkeypatch.setattr(architectures, "ARCHITECTURES", tmp_path)
    with pytest.raises(ValueError, match=r"mean\.py: no STARTS_FROM"):
        architectures.architecture("mean")


def test_one_more_file_is_one_more_architecture_that_a_config_may_name(tmp_path, monkeypatch):
    for path in OWN.glob("[a-z]*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "mean.py").write_text('STARTS_FROM = ("vectors",)\nGPU_SHARE = 5\n')
    monkeypatch.setattr(architectures, "ARCHITECTURES", tmp_path)
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config["models"]["mean"] = {"architecture": "mean", "vectors": "glove.txt", "seeds": 1}
    assert check_config(config, schema)["compute"]["gpu_share"]["mean"] == 5
    config["models"]["mean"] |= {"layers": 2}
    with pytest.raises(ValueError, match=r"mean\.layers: 2; expected where architecture is enc"):
        check_config(config, schema)
