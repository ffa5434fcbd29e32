"""Compression after training as a user runs it: members, bytes, what runs again, and layers."""

import copy

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.described_columns import DESCRIPTIONS
from helpers.small_study import STUDY, plan, snakemake
from pielab import files

CELL = "results/predictions/rotten_tomatoes/bilstm"
METHODS = {
    "int2": {"compressor": "quantise", "bits": 2},
    "wanda": {
        "compressor": "wanda",
        "calibration": {"examples": 20, "draws": 3, "draws_per_job": 2},
    },
}


@pytest.fixture(scope="module")
def study():
    study = copy.deepcopy(STUDY)
    return study | {"methods": METHODS, "layers": {"methods": ["int2"]}}


@pytest.fixture(scope="module")
def compressed(tmp_path_factory, study):
    """A folder in which a study of compressors has run to its tables."""
    folder = tmp_path_factory.mktemp("compressed")
    tables = [f"results/tables/{name}.csv" for name in ("frontier", "layers", "kept_layers")]
    tables += ["results/gate/rotten_tomatoes/bilstm.tried.csv"]
    run = snakemake(folder, study, "--cores", "2", "--", *tables)
    assert run.returncode == 0, run.stderr
    return folder


def test_no_method_that_compresses_trains(tmp_path, study):
    jobs = plan(tmp_path, study)
    assert sum(count for (rule, _), count in jobs.items() if rule == "train_dense") == 2
    assert not [rule for rule, _ in jobs if rule == "prune"]
    compressing = {wildcards[2:5] for rule, wildcards in jobs if rule == "compress"}
    blocks = [f"{seed}-{seed}.draws{draws}" for seed in (0, 1) for draws in ("0-1", "2-2")]
    assert compressing == {("wanda", "sparsity90", block) for block in blocks} | {
        ("int2", "bits2", f"{seed}-{seed}") for seed in (0, 1)
    }


def test_messages_of_jobs_say_levels_with_their_replicates(tmp_path, study):
    other = study | {
        "methods": METHODS | {"control": {"criterion": "none", "schedule": "iterative"}}
    }
    said = snakemake(tmp_path, other, "-n").stdout
    for words in (
        "Compress bilstm on rotten_tomatoes by int2, 2 bits, seeds 0-0",
        "Compress bilstm on rotten_tomatoes by wanda, 90 %, seeds 0-0.draws0-1",
        "Find PIEs of bilstm on rotten_tomatoes, int2, 2 bits, against dense",
        "Find PIEs of bilstm on rotten_tomatoes, control, not compressed, against dense",
        "Put layers back into bilstm on rotten_tomatoes, int2, 2 bits, seeds 0-0 (each)",
    ):
        assert words in said


def test_the_same_draw_gives_the_same_bytes_in_another_block(compressed, study, tmp_path):
    one = copy.deepcopy(study)
    one["methods"]["wanda"]["calibration"] |= {"draws": 3, "draws_per_job": 3}
    one["models"]["bilstm"]["seeds_per_job"] = 2
    path = f"{CELL}/wanda/sparsity90/seeds0-1.draws0-2.test.safetensors"
    run = snakemake(tmp_path, one, "--cores", "2", "--", path)
    assert run.returncode == 0, run.stderr
    together, _ = files.read_arrays(tmp_path / path)
    alone, _ = files.read_arrays(
        compressed / f"{CELL}/wanda/sparsity90/seeds1-1.draws0-1.test.safetensors"
    )
    assert together["seeds"].tolist() == [0, 0, 0, 1, 1, 1]
    assert together["logits"][3:5].tobytes() == alone["logits"].tobytes()


def test_one_draw_or_compressor_more_runs_just_that(compressed, study):
    more = copy.deepcopy(study)
    more["methods"]["wanda"]["calibration"]["draws"] = 5
    ran = {"train_dense", "compress", "restore_layers"}
    jobs = [(rule, at) for rule, at in plan(compressed, more) if rule in ran]
    assert {wildcards[4] for _, wildcards in jobs} == {
        f"{seed}-{seed}.draws{draws}" for seed in (0, 1) for draws in ("2-3", "4-4")
    }
    other = copy.deepcopy(study)
    other["methods"]["int4"] = {"compressor": "quantise", "bits": 4, "group": 8}
    jobs = [(rule, at) for rule, at in plan(compressed, other) if rule in ran]
    assert {(rule, wildcards[2]) for rule, wildcards in jobs} == {("compress", "int4")}


def test_the_gate_tries_layers_kept_dense_and_with_two_seeds_nothing_passes(compressed):
    tried = pd.read_csv(compressed / "results/gate/rotten_tomatoes/bilstm.tried.csv")
    assert {"kind", "share", "layers", "more_bytes", "verdict"} <= set(tried)
    assert tried.empty


def test_tables_say_what_members_are_how_large_models_are_and_which_layers_to_keep(compressed):
    tables = compressed / "results/tables"
    frontier = pd.read_csv(tables / "frontier.csv").set_index("method")
    assert frontier["differ_by"].to_dict() == {"int2": "seed", "wanda": "seed and draw"}
    assert frontier["seeds"].to_dict() == {"int2": 2, "wanda": 6}
    assert frontier["level_text"].to_dict() == {"int2": "2 bits", "wanda": "90 %"}
    assert (frontier["size_share"] < 0.2).all()
    layers, kept = (pd.read_csv(tables / f"{name}.csv") for name in ("layers", "kept_layers"))
    assert set(layers["method"]) == set(kept["method"]) == {"int2"}
    assert len(layers) == 6
    assert layers["layer"][0] in kept["layer"].str.split("+").explode().tolist()
    assert len(kept) == 2
    scores = pd.read_csv(tables / "scores.csv")
    drawn = scores[scores["method"] == "wanda"]
    assert sorted(zip(drawn["seed"], drawn["draw"], strict=True)) == [
        (seed, draw) for seed in (0, 1) for draw in (0, 1, 2)
    ]
    assert len(scores[scores["method"] == "dense"]) == 2
    described = yaml.safe_load(DESCRIPTIONS.read_text())
    for name in ("layers", "kept_layers", "layer_map", "frontier"):
        own = set(pd.read_csv(tables / f"{name}.csv").columns) - set(described["shared"])
        assert own == set(described["tables"][name]["columns"]), name


def test_one_dense_model_with_draws_is_a_study(compressed, study):
    single = copy.deepcopy(study) | {"methods": {"wanda": METHODS["wanda"]}, "layers": {}}
    single["models"]["bilstm"]["seeds"] = 1
    # The pages of such a study are drawn by config/smollm2.yaml
    wanted = [f"results/tables/{name}.csv" for name in ("pies", "scorecard", "causes", "remedies")]
    run = snakemake(compressed, single, "--cores", "2", "--", *wanted, "results/gate/gate.json")
    assert run.returncode == 0, run.stderr
    pies = pd.read_csv(compressed / "results/tables/pies.csv")
    assert set(pies["differ_by"]) == {"draw"}
    assert set(pies["replicates"]) == {3}
    assert (pies["noise_floor"] == 0).all()
    assert np.isfinite(pies["excess"]).all()
