"""What config/README.md tells users to type is a valid study."""

import re
from pathlib import Path

import yaml

from pielab.config import check_config
from pielab.external_settings import methods_with_models
from pielab.study import Study

ROOT = Path(__file__).parents[2]


def test_the_worked_example_of_an_own_csv_is_a_valid_study_of_so_many_models():
    guide = (ROOT / "config/README.md").read_text(encoding="utf-8")
    section = guide.split("## Your own csv in five minutes")[1].split("## ")[0]
    config = yaml.safe_load(re.search(r"```yaml\n(.*?)```", section, re.DOTALL)[1])
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    study = Study(check_config(config, schema, ["mine.yaml"]))
    models = (1 + len(study.cells)) * study.models["bilstm"]["seeds"]
    assert f"trains {models} models" in section


def test_the_example_of_models_that_one_has_is_a_valid_study_of_them():
    guide = (ROOT / "config/README.md").read_text(encoding="utf-8")
    section = guide.split("## Models that you have")[1].split("## ")[0]
    config = yaml.safe_load(re.search(r"```yaml\n(.*?)```", section, re.DOTALL)[1])
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    study = Study(check_config(config, schema, ["audit.yaml"]))
    assert methods_with_models(study) == ["dense", "int8"]


def test_the_gate_in_the_guide_is_the_gate_by_default():
    guide = (ROOT / "config/README.md").read_text(encoding="utf-8")
    shown = yaml.safe_load(
        re.search(r"```yaml\n(.*?)```", guide.split("## May it ship?")[1], re.DOTALL)[1]
    )
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert shown["gate"] == check_config(config, schema)["gate"]
