"""The job that explains the texts of both splits."""

import json

import numpy as np
import pandas as pd
import pytest

import find_causes
from pielab import files
from pielab.causes import doubt
from pielab.data.labels import examples_digest
from pielab.vocabulary import COMPLEXITY

TEXTS, SEEDS = 200, 4
NAMES = {"dataset": "toy", "model": "bert"}


@pytest.fixture
def study(tmp_path):
    """The inputs of a job: models that break the texts whose factor is high, in both splits."""
    rng = np.random.default_rng(0)
    inputs = {"card": str(tmp_path / "card.json")}
    (tmp_path / "card.json").write_text(json.dumps({"classes": ["a", "b", "c"]}))
    for split in ("train", "test"):
        labels = rng.integers(0, 3, TEXTS)
        frame = pd.DataFrame({"example_id": np.arange(TEXTS) + 10, "text": "x", "text_pair": None})
        frame["label"], high = labels, rng.normal(size=TEXTS)
        known = frame[["example_id"]].assign(negations=high + 5, numbers=rng.random(TEXTS))
        if split == "train":
            known = known.assign(label_doubt=rng.random(TEXTS), doubted=(high > 2) * 1.0)
            influence = known[["example_id"]].assign(el2n=high + rng.normal(size=TEXTS), bin=1)
            influence.to_parquet(tmp_path / "influence.parquet")
            inputs["influence"] = str(tmp_path / "influence.parquet")
        words = pd.DataFrame({name: rng.random(TEXTS) for name in COMPLEXITY})
        for name, each in (("", frame), ("_factors", known), ("_complexity", words)):
            inputs[f"{split}{name}"] = str(tmp_path / f"{split}{name}.parquet")
            each.to_parquet(inputs[f"{split}{name}"])
        digest = examples_digest(frame, labels)
        inputs[f"{split}_predictions"] = []
        for method, level, lost in (("dense", "none", 0), ("imp-ft", "sparsity90", 4)):
            logits = rng.normal(0, 0.5, (SEEDS, TEXTS, 3))
            logits[:, np.arange(TEXTS), labels] += 2 - lost * (high > 1)
            path = tmp_path / method / level / f"seeds0-3.{split}.safetensors"
            path.parent.mkdir(parents=True, exist_ok=True)
            arrays = {"logits": logits.astype("f4"), "seeds": np.arange(SEEDS)}
            files.write_arrays(path, arrays, {"examples": digest})
            inputs[f"{split}_predictions"].append(str(path))
    return inputs


def run(inputs, folder):
    cell = {"method": "imp-ft", "level": "sparsity90", "baseline": "dense"}
    settings = NAMES | {"ties": "lowest", "cells": [NAMES | cell]}
    outputs = {"table": str(folder / "causes.csv"), "factors": str(folder / "factors.parquet")}
    find_causes.main(settings, inputs, outputs)
    return pd.read_csv(outputs["table"]), pd.read_parquet(outputs["factors"])


def of(table, split, factor, outcome="pie"):
    rows = table[(table["split"] == split) & (table["method"] == "all")]
    return rows[(rows["factor"] == factor) & (rows["outcome"] == outcome)].iloc[0]


def test_the_texts_of_both_splits_are_explained(study, tmp_path):
    table, whole = run(study, tmp_path)
    assert set(table["split"]) == {"train", "test"}
    for split in ("train", "test"):
        assert of(table, split, "negations")["alone_low"] > 2
        assert of(table, split, "numbers")["alone_low"] < 1
        assert of(table, split, "class: a")["alone_low"] < 2
    assert "doubt_spread" in whole  # of test texts
    assert len(whole) == TEXTS
    # The same at each run, as other columns' order would give the file other bytes
    assert [name for name in whole if name in COMPLEXITY] == list(COMPLEXITY)


def test_training_texts_have_measures_of_influence_and_doubts_of_models_not_trained_on_them(
    study, tmp_path
):
    table, _ = run(study, tmp_path)
    assert of(table, "train", "el2n")["alone_low"] > 1.2
    assert "el2n" not in set(table.loc[table["split"] == "test", "factor"])
    doubts = pd.read_parquet(study["train_factors"])
    own = of(table, "train", "label_doubt")
    assert own["mean"] == pytest.approx(doubts["label_doubt"].mean())
    assert own["doubted"] == (doubts["doubted"] > 0).sum()  # each of these texts is a PIE


def test_a_study_without_training_predictions_explains_its_test_texts(study, tmp_path):
    both, _ = run(study, tmp_path)
    alone = {key: path for key, path in study.items() if not key.startswith("train")}
    table, _ = run(alone | {"train_predictions": []}, tmp_path)
    assert set(table["split"]) == {"test"}
    same = both[both["split"] == "test"].reset_index(drop=True)
    pd.testing.assert_frame_equal(table, same)


def test_doubts_of_training_texts_are_by_five_folds():
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 50)
    embeddings = rng.normal(size=(100, 4)) + 6 * labels[:, None]
    wrong = labels.copy()
    wrong[:3] = 1
    chances = doubt.cross_validated(embeddings.astype("f4"), wrong, 2)
    assert doubt.of_label(chances, wrong)[:3].min() > 0.5
    assert doubt.of_label(chances, wrong)[3:].max() < 0.5


def test_versions_with_as_many_replicates_are_explained_together_and_most_of_them():
    def of(replicates):
        rows = np.zeros((1 + replicates, 5))
        return find_causes.Texts(*[rows] * 6, *[np.zeros(5)] * 3)

    one, two, three = of(0), of(8), of(8)
    assert find_causes.with_most_alike([one, two, three]) == [two, three]
    assert find_causes.with_most_alike([one, two]) == [two]
    assert find_causes.with_most_alike([]) == []
