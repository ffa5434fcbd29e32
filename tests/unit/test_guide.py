"""What docs/ tells users to type is a valid study."""

import re
from pathlib import Path

import yaml

from pielab.config import check_config
from pielab.job_settings.external import methods_with_models
from pielab.study import Study

ROOT = Path(__file__).parents[2]


def first_yaml(page):
    """Return the first block of yaml on a page."""
    return yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])


def test_the_worked_example_of_an_own_csv_is_a_valid_study_of_so_many_models():
    page = (ROOT / "docs/tutorials/own-csv.md").read_text(encoding="utf-8")
    config = first_yaml(page)
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    study = Study(check_config(config, schema, ["mine.yaml"]))
    models = (1 + len(study.cells)) * study.models["bilstm"]["seeds"]
    assert f"trains {models} models" in page


def test_the_example_of_models_that_one_has_is_a_valid_study_of_them():
    config = first_yaml((ROOT / "docs/guides/audit-models.md").read_text(encoding="utf-8"))
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    study = Study(check_config(config, schema, ["audit.yaml"]))
    assert methods_with_models(study) == ["dense", "int8"]


def test_the_gate_in_the_guide_is_the_gate_by_default():
    shown = first_yaml((ROOT / "docs/guides/gate.md").read_text(encoding="utf-8"))
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert shown["gate"] == check_config(config, schema)["gate"]


def test_the_config_of_a_model_that_one_has_is_ten_lines_and_a_valid_study(tmp_path, monkeypatch):
    page = (ROOT / "docs/guides/compress-your-model.md").read_text(encoding="utf-8")
    shown = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1]
    script = (ROOT / "resources/compress/fine_tune.py").read_text(encoding="utf-8")
    assert len(shown.splitlines()) == 10
    assert shown in script
    for seed in range(3):
        (tmp_path / f"models/dense/seed{seed}").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    study = Study(check_config(yaml.safe_load(shown), schema, ["mine.yaml"]))
    assert study.models["ours"]["seeds"] == 3
    export = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[1])
    whole = check_config(yaml.safe_load(shown) | export, schema)
    assert whole["export"]["methods"] == ["int8"]
