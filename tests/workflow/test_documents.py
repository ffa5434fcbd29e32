"""What the documents tell a reader to type: commands are planned or run, configs are valid."""

import copy
import re
import subprocess
from collections import Counter
from functools import cache

import pandas as pd
import pytest
import yaml
from snakemake.cli import get_argument_parser

from helpers import checkpoint_study, forked
from helpers.dataset_settings import SCHEMA
from helpers.documents import DOCUMENTS, ROOT, blocks, commands, configs
from helpers.small_study import STUDY, plan_of
from pielab.config import check_config

DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text())
COMMANDS = [command for document in DOCUMENTS for command in commands(document)]
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PLACEHOLDERS = {"FILE", "RULE"}
GUIDES = ROOT / "docs/guides"


def typed(program):
    return sorted({c.words for c in COMMANDS if c.words[0] == program and not c.is_marked})


@cache
def parser():
    """Return Snakemake's own parser of arguments; it takes 0.1 s to make."""
    return get_argument_parser()


def options(words):
    """Return the options of a command of Snakemake, or exit as it does."""
    return parser().parse_args(list(words[1:]))


def whole_study(document):
    """Return the first whole study on a page, if it has one."""
    studies = (yaml.safe_load(text) for text in configs(document))
    return next((one for one in studies if {"datasets", "models"} <= set(one)), None)


def test_every_command_is_of_a_kind_that_is_tested_or_is_marked():
    others = {c.words for c in COMMANDS if not c.is_marked} - {("source", ".venv/bin/activate")}
    known = ("make", "python", "snakemake", "pip")
    assert [words for words in others if words[0] not in known] == []


@pytest.mark.parametrize("words", typed("make"), ids=" ".join)
def test_make_has_every_target(words):
    assert [w for w in words[1:] if "=" not in w and w not in TARGETS] == []


@pytest.mark.parametrize("words", typed("python"), ids=" ".join)
def test_scripts_that_python_runs_exist(words):
    (script, *_) = words[1:]
    assert script == "table.py" or (ROOT / script).is_file()


@pytest.mark.parametrize("words", typed("snakemake"), ids=" ".join)
def test_snakemake_understands_every_command_and_takes_no_target_for_a_config_file(words):
    known = options(words)
    assert all(str(path).endswith(".yaml") for path in known.configfile or ())
    assert not known.cores or known.cores in ("all", "1", 1) or int(known.cores) > 0


def test_config_files_that_commands_name_are_valid_studies():
    """Each has tests of its own that plan it, or run it."""
    named = {path for words in typed("snakemake") for path in options(words).configfile or ()}
    shipped = {str(path) for path in named if path.parts[0] == "config"}
    assert shipped >= {"config/audit.yaml", "config/compress.yaml", "config/thirty_seeds.yaml"}
    for path in shipped:
        check_config(yaml.safe_load((ROOT / path).read_text()), SCHEMA)


@pytest.mark.parametrize("target", ["gate", "export", "share_predictions", "verify", "repair"])
def test_targets_that_commands_name_are_planned(target, tmp_path):
    study = STUDY | {"methods": {"int8": {"compressor": "quantise", "bits": 8}}}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    rules = {rule for rule, _ in plan_of(tmp_path, [tmp_path / "study.yaml"], target)}
    assert target in rules


def test_every_target_that_a_command_names_is_one_of_those():
    known = {"gate", "export", "share_predictions", "verify", "repair", "pie_gate"}
    named = {w for words in typed("snakemake") for w in options(words).targets}
    assert named <= known | PLACEHOLDERS


def fragments():
    """Return the configs on the pages, whole or parts of one."""
    for document in DOCUMENTS:
        for number, text in enumerate(configs(document)):
            value = yaml.safe_load(text)
            if not set(value) & {"jobs", "default-resources", "set-resources"}:
                name = f"{document.relative_to(ROOT)} {number}"
                yield pytest.param(document, value, id=name)


@pytest.mark.parametrize(("document", "value"), fragments())
def test_every_config_on_a_page_is_valid_by_itself_or_with_the_study_before_it(
    document, value, tmp_path, monkeypatch
):
    base = {} if {"models", "datasets"} <= set(value) else whole_study(document) or DEFAULT
    for seed in range(3):
        (tmp_path / f"models/dense/seed{seed}").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    study = copy.deepcopy(base)
    for key, part in value.items():
        both = isinstance(part, dict) and isinstance(study.get(key), dict)
        study[key] = study[key] | part if both and key != "predictions" else part
    check_config(study, SCHEMA)


def test_the_workflow_for_github_runs_the_gate_and_shows_files_that_it_writes():
    page = GUIDES / "ci.md"
    (workflow,) = (one for text in configs(page) if "jobs" in (one := yaml.safe_load(text)))
    steps = workflow["jobs"]["gate"]["steps"]
    said = "\n".join(step.get("run", "") for step in steps)
    (judged,) = (line for line in said.splitlines() if "snakemake" in line)
    known = options(tuple(judged.split()))
    assert (known.targets, known.snakefile) == (["gate"], "../pielab/Snakefile")
    assert "make -C pielab env TORCH=cpu" in said
    written = (ROOT / "workflow/rules/gate.smk").read_text()
    for name in re.findall(r"audit/(results/gate/\S+?)[\s}]", page.read_text()):
        assert f'"{name}"' in written, name
    after = steps[next(n for n, step in enumerate(steps) if step.get("name") == "Judge") + 1 :]
    assert {step["if"] for step in after} == {"always()"}


def test_the_table_for_latex_has_a_row_for_each_primary_comparison(tmp_path):
    (recipe,) = (b.text for b in blocks(GUIDES / "write-a-paper.md") if b.language == "python")
    (tmp_path / "results/tables").mkdir(parents=True)
    pies = pd.read_csv(ROOT / "resources/thirty_seeds/pies.csv")
    pies.to_csv(tmp_path / "results/tables/pies.csv", index=False)
    (tmp_path / "table.py").write_text(recipe)
    subprocess.run([forked.python(), "table.py"], cwd=tmp_path, check=True)
    latex = (tmp_path / "pies.tex").read_text()
    kept = pies[pies["primary"] & pies["is_compressed"] & ~pies["collapsed"]]
    assert latex.count(r" \\") == 1 + (kept["split"] == "test").sum()
    assert r"bbc & minilm & imp-ft & 90 \% & 94.2 & 25 & 12 & 8 [2, 15] \\" in latex


def test_the_guide_to_a_model_of_ones_own_plans_compression_and_no_training(tmp_path, monkeypatch):
    (study, export) = map(yaml.safe_load, configs(GUIDES / "compress-your-model.md"))
    checkpoint_study.write(tmp_path)
    (tmp_path / "films.csv").rename(tmp_path / "texts.csv")
    (tmp_path / "models").rename(tmp_path / "dense")
    (tmp_path / "models").mkdir()
    (tmp_path / "dense").rename(tmp_path / "models/dense")
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study | export))
    monkeypatch.chdir(tmp_path)
    rules = Counter(rule for rule, _ in plan_of(tmp_path, [tmp_path / "mine.yaml"], "export"))
    assert rules["compress"] == 4
    assert {"read_checkpoints", "judge_gate", "export"} <= set(rules)
    assert not {"train_dense", "prune"} & set(rules)
