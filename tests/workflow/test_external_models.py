"""Models that others made, as a user brings them: they predict here, and are audited."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import BertForSequenceClassification

from helpers.external_models import (
    CLASSES,
    BagOfWords,
    expected_of,
    one_by_one,
    save_bert,
    save_tokenizer,
    texts,
)
from helpers.small_study import plan, snakemake
from pielab import files

SEEDS = 3
STUDY = {
    "datasets": {
        "films": {
            "source": "files",
            "files": {"test": "films.csv"},
            "columns": {"id": "id", "text": "text", "label": "label"},
        }
    },
    "models": {"ours": {"architecture": "external", "seeds": SEEDS}},
    "methods": {
        "half": {"compressor": "external", "bits": 16},
        "words": {"compressor": "external"},
        "table": {"compressor": "external", "percent": 50},
    },
    "predictions": {
        "files": {
            "dense": "models/dense/seed*",
            "half": "models/half/seed*",
            "words": "models/words/seed*.onnx",
            "table": "table.csv",
        },
        "scores": "labels",
    },
    "figures": {"formats": ["svg"]},
}
PREDICTIONS = "results/predictions/films/ours"


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """A folder with texts, models and a table, in which PIEs have been found."""
    folder = tmp_path_factory.mktemp("brought")
    frame = texts(60, seed=5)
    frame.insert(0, "id", [f"film {row}" for row in range(len(frame))])
    frame["label"] = np.resize(CLASSES, len(frame))
    frame.drop(columns="text_pair").to_csv(folder / "films.csv", index=False)
    for seed in range(SEEDS):
        dense = save_bert(folder / f"models/dense/seed{seed}", CLASSES, seed)
        half = folder / f"models/half/seed{seed}"
        BertForSequenceClassification.from_pretrained(dense).to(torch.bfloat16).save_pretrained(
            half
        )
        save_tokenizer(half)
        (folder / "models/words").mkdir(exist_ok=True)
        BagOfWords(3, seed).save(folder / f"models/words/seed{seed}.onnx")
    save_tokenizer(folder / "models/words")
    table = pd.concat([frame[["id"]].assign(seed=seed, prediction="fine") for seed in range(SEEDS)])
    table.to_csv(folder / "table.csv", index=False)
    run = snakemake(folder, STUDY, "--cores", "1", "--", "results/tables/pies.csv")
    assert run.returncode == 0, run.stderr
    return folder


def predicted(folder, cell):
    arrays, header = files.read_arrays(folder / f"{PREDICTIONS}/{cell}/seeds0-2.test.safetensors")
    assert arrays["seeds"].tolist() == [0, 1, 2]
    frame = pd.read_parquet(folder / "results/data/films/test.parquet")
    return arrays["logits"], header, frame


def test_each_kind_of_model_predicts_what_it_would_alone(brought):
    logits, header, frame = predicted(brought, "dense/none")
    assert json.loads(header["names"]) == ["0", "1", "2"]
    assert header["precision"] == "float32"
    expected = one_by_one(brought / "models/dense/seed1", frame)
    np.testing.assert_allclose(logits[1], expected, atol=1e-4)
    logits, header, frame = predicted(brought, "words/as-given")
    expected = expected_of(BagOfWords(3, 2), frame, brought / "models/words")
    np.testing.assert_allclose(logits[2], expected, atol=1e-4)
    assert predicted(brought, "half/bits16")[1]["precision"] == "bfloat16"
    pies = pd.read_csv(brought / "results/tables/pies.csv").set_index("method")
    assert set(pies.index) == {"half", "words", "table"}
    assert (pies["seeds"] == SEEDS).all()


def test_a_model_that_changes_predicts_again_and_no_other(brought):
    assert not {rule for rule, _ in plan(brought, STUDY)} & {"predict_checkpoints", "find_pies"}
    model = brought / "models/half/seed1"
    save_bert(model, CLASSES, seed=9)
    ran = [(rule, at[2]) for rule, at in plan(brought, STUDY) if rule.startswith(("pred", "read"))]
    assert ran == [("predict_checkpoints", "half")]


@pytest.mark.parametrize(
    ("changes", "methods"),
    [
        ({"max_tokens": 12}, {"dense", "half", "words"}),
        ({"batch_size": 2}, {"dense", "half", "words"}),
        ({"columns": {"label": "said"}}, {"table"}),
    ],
)
def test_a_setting_of_models_makes_no_table_read_again(brought, changes, methods):
    changed = STUDY | {"predictions": STUDY["predictions"] | changes}
    rules = ("predict_checkpoints", "read_predictions")
    ran = {at[2] for rule, at in plan(brought, changed) if rule in rules}
    assert ran - {"half"} == methods - {"half"}


def test_too_few_models_end_in_a_line_that_names_them(tmp_path, brought):
    fewer = STUDY | {"models": {"ours": {"architecture": "external", "seeds": 4}}}
    target = f"{PREDICTIONS}/dense/none/seeds0-3.test.safetensors"
    run = snakemake(brought, fewer, "--cores", "1", "--", target)
    assert run.returncode
    assert "3 models (0, 1, 2); expected 4, the model's seeds" in run.stderr
    assert not (brought / target).exists()
