"""The configuration of the published study: its values, its grid and its plan."""

import copy
import csv
from collections import Counter

import pytest
import yaml

from helpers.small_study import ROOT, plan, snakemake

PAPER = ROOT / "resources/paper"
MEAN_PADDED = {("reuters", "bilstm"), ("aapd", "bilstm")}


@pytest.fixture(scope="module")
def paper():
    return yaml.safe_load((ROOT / "config/paper.yaml").read_text())


def fewer(paper):
    """Return the study with one level and one block of seeds: fewer jobs, and no fewer figures."""
    study = copy.deepcopy(paper) | {"sparsities": [90]}
    for model in study["models"].values():
        model["seeds"] = model["seeds_per_job"]
    return study


def rows(name):
    with open(PAPER / name, newline="") as file:
        return list(csv.DictReader(file))


def test_hyperparameters_are_the_published_ones(paper):
    for row in rows("hyperparameters.csv"):
        own = dict(paper["training"][row["dataset"]][row["model"]])
        padded = own.pop("pad_with", "zeros")  # of the authors' code, not published
        assert padded == "zeros" or (row["dataset"], row["model"]) in MEAN_PADDED
        assert own == {key: pytest.approx(float(row[key]), rel=0) for key in own}


def test_the_grid_is_that_of_the_published_scores(paper):
    methods = [name for name, own in paper["methods"].items() if own["criterion"] != "none"]
    pairs = [(dataset, model) for dataset, own in paper["training"].items() for model in own]
    levels = [str(level) for level in paper["sparsities"]]
    grid = {(*pair, "dense", "00") for pair in pairs}
    grid |= {(*pair, method, level) for pair in pairs for method in methods for level in levels}
    published = {
        tuple(row[key] for key in ("dataset", "model", "method", "sparsity"))
        for row in rows("effectiveness.csv")
    }
    assert grid == published
    assert len(grid) == 328
    assert {model["seeds"] for model in paper["models"].values()} == {30}


def test_each_of_its_datasets_is_the_published_one_and_by_name_alone_none_is(paper, tmp_path):
    assert {name: own["published_as"] for name, own in paper["datasets"].items()} == {
        name: name for name in paper["datasets"]
    }
    comparison = ("plot_paper_comparison", ("",) * 6)
    jobs = plan(tmp_path, fewer(paper))
    assert comparison in jobs
    trained = {at[:3] for rule, at in jobs if rule == "prune"}
    assert len(trained) == 4 * 2 * (8 + 1)  # in each pair each method and the control
    unnamed = fewer(paper)
    for dataset in unnamed["datasets"].values():
        del dataset["published_as"]
    assert comparison not in plan(tmp_path, unnamed)


def test_it_is_planned_before_its_local_files_are_there_and_says_which_are_missing(paper, tmp_path):
    """Of one dataset, whose jobs are as many as those of the others."""
    one = {key: {"aapd": paper[key]["aapd"]} for key in ("datasets", "training")}
    counts = Counter(rule for rule, _ in plan(tmp_path, paper | one))
    blocks = 3 + 5  # of 10 seeds of a BiLSTM and of 6 of BERT
    assert counts["fetch"] == 1
    assert counts["train_dense"] == blocks
    assert counts["prune"] == blocks * (8 * 5 + 1)
    # Five methods are iterative: their cells are compared with the control too
    assert counts["find_pies"] == 2 * (8 * 5 + 1 + 5 * 5)
    assert counts["score_claims"] == 1
    run = snakemake(tmp_path, paper, "-n", "--quiet", "rules", "--", "results/data/aapd/card.json")
    assert run.returncode == 0, run.stderr
    said = run.stdout + run.stderr
    assert "datasets.aapd.files: 'resources/aapd/text_train': no such file" in said
    assert "models.bilstm.vectors: 'resources/glove.840B.300d.txt': no such file" in said
