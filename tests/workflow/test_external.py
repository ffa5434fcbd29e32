"""Predictions that others made take the same way to tables and pages as those of this study."""

import copy
import json
import re

import pandas as pd
import pytest
import yaml

from helpers.dataset_settings import SCHEMA
from helpers.exported import export
from helpers.small_study import STUDY, plan, snakemake
from pielab.config import check_config
from pielab.study import Study

METHODS = ("dense", *STUDY["methods"])
PATTERNS = {name: f"{{dataset}}.{name}.{{level}}.{{split}}.csv" for name in METHODS}
TABLES = ("pies", "scores", "agreement", "seeds", "influence_bins", "complexity", "scorecard")


@pytest.fixture(scope="module")
def exported(finished_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    export(Study(check_config(STUDY, SCHEMA)), finished_once / "results", folder, PATTERNS)
    return folder


def bringing(exported, **changed):
    study = copy.deepcopy(STUDY)
    files = {name: str(exported / pattern) for name, pattern in PATTERNS.items()}
    return study | {"predictions": {"files": files, "scores": "logits"}} | changed


def test_a_study_that_is_exported_and_brought_back_has_the_same_tables(
    exported, finished_once, tmp_path
):
    targets = [f"results/tables/{name}.csv" for name in TABLES]
    run = snakemake(tmp_path, bringing(exported), "--cores", "2", "--", *targets)
    assert run.returncode == 0, run.stderr
    for target in targets:
        assert (tmp_path / target).read_text() == (finished_once / target).read_text(), target


def test_nothing_trains_where_predictions_are_given(exported, tmp_path):
    rules = {rule for rule, _ in plan(tmp_path, bringing(exported))}
    assert "read_predictions" in rules
    assert not rules & {"train_dense", "prune", "encode_words", "fetch_encoder"}


@pytest.fixture
def audit(tmp_path):
    """An audit of one model a side on a test split alone, with nothing else known."""
    texts = [
        f"This is text {number}, and it is {'good' if number % 3 else 'bad'}."
        for number in range(40)
    ]
    labels = ["good" if number % 3 else "bad" for number in range(40)]
    ids = [f"t{number}" for number in range(40)]
    pd.DataFrame({"id": ids, "text": texts, "label": labels}).to_csv(tmp_path / "texts.csv")
    changed = ["bad" if number in (1, 2, 4) else label for number, label in enumerate(labels)]
    for name, said in (("dense", labels), ("small", changed)):
        rows = pd.DataFrame({"id": ids, "prediction": said})
        rows.sample(frac=1, random_state=1).to_csv(tmp_path / f"{name}.csv", index=False)
    return {
        "datasets": {
            "reviews": {"source": "files", "files": {"test": "texts.csv"}, "columns": {"id": "id"}}
        },
        "models": {"ours": {"architecture": "external", "seeds": 1}},
        "methods": {"small": {"compressor": "external", "bits": 8}},
        "predictions": {
            "files": {"dense": "dense.csv", "small": "small.csv"},
            "scores": "labels",
        },
        "figures": {"formats": ["svg"]},
    }


def test_two_single_models_make_all_pages_without_a_training_split(audit, tmp_path):
    run = snakemake(tmp_path, audit, "--cores", "2")
    assert run.returncode == 0, run.stderr
    row = pd.read_csv(tmp_path / "results/tables/pies.csv").iloc[0]
    assert row[["level_text", "pies", "negative_flips", "positive_flips"]].tolist() == [
        "8 bits",
        3,
        3,
        0,
    ]
    assert row["mcnemar_p"] == 0.25  # 2 * 0.5 ** 3
    assert not (tmp_path / "results/influence").exists()
    page = (tmp_path / "results/report/index.html").read_text()
    assert "answers 3 of 40 texts (7.5\u00a0%) differently" in page
    assert "With one model on each side nobody can tell" in page
    assert "The paper’s claims" not in page
    again = snakemake(tmp_path, audit, "-n")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_a_file_that_changes_is_read_again_and_what_does_not_fit_is_named(audit, tmp_path):
    target = "results/predictions/reviews/ours/small/bits8/seeds0-0.test.safetensors"
    assert snakemake(tmp_path, audit, "--cores", "1", "--", target).returncode == 0
    rows = pd.read_csv(tmp_path / "small.csv")
    rows.iloc[1:].to_csv(tmp_path / "small.csv", index=False)
    run = snakemake(tmp_path, audit, "--cores", "1", "--", target)
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert f"small.csv: no row for 1 of 40 examples, such as '{rows['id'][0]}'" in said
    assert "Traceback" not in said
    rows.to_csv(tmp_path / "small.csv", index=False)
    assert snakemake(tmp_path, audit, "--cores", "1", "--", target).returncode == 0


def test_a_file_that_is_not_there_is_named_before_and_by_the_job(audit, tmp_path):
    (tmp_path / "small.csv").unlink()
    run = snakemake(tmp_path, audit, "--cores", "1", "--", "results/tables/pies.csv")
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert "predictions.files.small: 'small.csv': no such file" in said
    assert "small.csv: no such file; expected predictions" in said


def test_other_models_than_were_announced_are_named(audit, tmp_path):
    audit["models"]["ours"]["seeds"] = 3
    run = snakemake(tmp_path, audit, "--cores", "1", "--", "results/tables/pies.csv")
    assert run.returncode != 0
    assert "1 models (" in run.stdout + run.stderr
    assert "expected 3, the model's seeds" in run.stdout + run.stderr


def test_several_files_are_several_models(audit, tmp_path):
    for name in ("dense", "small"):
        text = (tmp_path / f"{name}.csv").read_text()
        (tmp_path / f"{name}.csv").unlink()
        for seed in range(2):
            (tmp_path / f"{name}-{seed}.csv").write_text(text)
        audit["predictions"]["files"][name] = f"{name}-*.csv"
    audit["models"]["ours"] |= {"seeds": 2, "differ_by": "rerun"}
    run = snakemake(tmp_path, audit, "--cores", "2", "--", "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    row = pd.read_csv(tmp_path / "results/tables/pies.csv").iloc[0]
    assert row[["seeds", "differ_by", "pies"]].tolist() == [2, "rerun", 3]


def test_the_product_cuts_at_its_own_threshold(audit, tmp_path):
    shares = [number / 40 for number in range(40)]
    for name, shift in (("dense", 0.0), ("small", 0.1)):
        good = [min(1.0, share + shift) for share in shares]
        rows = {"id": [f"t{number}" for number in range(40)], "good": good}
        rows["bad"] = [1 - share for share in good]
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
    audit["predictions"] |= {"scores": "probabilities", "threshold": 0.81}
    run = snakemake(tmp_path, audit, "--cores", "1", "--", "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    rows = pd.read_csv(tmp_path / "results/tables/pies.csv")
    # Of 0 to 39 fortieths those above 0.71 and not above 0.81: 29 to 32
    assert rows["pies"].tolist() == [4]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"files": {"dense": "dense.csv"}}, "predictions.files: key 'small' is missing"),
        (
            {"files": {"dense": "a", "small": "b", "smal": "c"}},
            "predictions.files: 'smal' is not dense or one of methods (dense, small)",
        ),
        (
            {"files": {"dense": "{seed}.csv", "small": "b"}},
            "predictions.files.dense: '{seed}.csv'; expected no braces but those of",
        ),
        ({"columns": {"scores": "p"}}, "predictions.columns.scores: 'p'; expected a name with"),
        ({"threshold": 0.3}, "predictions.threshold: 0.3; expected with probabilities or logits"),
        ({"metric": "acc"}, "predictions.metric: 'acc'; expected with logs, samples_*.jsonl"),
        ({"score": "labels"}, "predictions: unknown key 'score'; did you mean scores?"),
    ],
)
def test_what_contradicts_itself_is_refused_when_the_config_is_read(audit, change, reason):
    audit["predictions"] |= change
    with pytest.raises(ValueError, match=re.escape(reason)):
        check_config(audit, SCHEMA)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"predictions": None}, "top level: key 'training' is missing"),
        ({"models": {"ours": {"architecture": "external"}}}, "models.ours: key 'seeds' is missing"),
    ],
)
def test_what_is_given_and_what_is_not_do_not_mix(audit, changed, said, tmp_path):
    mixed = {key: value for key, value in (audit | changed).items() if value is not None}
    run = snakemake(tmp_path, mixed, "-n")
    assert run.returncode != 0
    assert said in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_the_header_says_whose_predictions_these_are(audit, tmp_path):
    from pielab import files

    target = "results/predictions/reviews/ours/small/bits8/seeds0-0.test.safetensors"
    assert snakemake(tmp_path, audit, "--cores", "1", "--", target).returncode == 0
    arrays, header = files.read_arrays(tmp_path / target)
    assert json.loads(header["names"]) == ["small"]
    assert arrays["seeds"].tolist() == [0]
    assert yaml.safe_load(header["scores"]) == "labels"
