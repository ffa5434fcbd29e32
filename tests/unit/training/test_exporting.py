"""A compressed model that leaves decides as it did here, or does not leave."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import tiny_transformers as tiny
from helpers.external_models import save_tokenizer
from helpers.small_model import bilstm, run
from pielab.training import exporting, models, pretrained_classifiers
from pielab.training.architectures import encoder
from pielab.training.compressors import Job, compressor_module

LABELS = ["no", "yes"]
FREE = {"freeze_embeddings": False, "freeze_layers": None}
PLAIN = {"layers": None, "revision": None, "dropout": None}


def texts(rows=12):
    words = np.random.default_rng(0).choice(["the", "a", "film", "was", "good"], (rows, 6))
    return pd.DataFrame(
        {"example_id": range(rows), "text": [" ".join(row) for row in words], "text_pair": None}
    )


def settings(architecture, **more):
    model = {"architecture": architecture} | FREE | more
    return {"model": model, "max_tokens": 16, "multi_label": False}


def logits_here(model, folder, frame):
    """Return what a model says of each text alone."""
    from transformers import AutoTokenizer

    from pielab.training import batches

    tokenizer, said = AutoTokenizer.from_pretrained(folder), []
    for text in frame["text"]:
        ids = torch.tensor([tokenizer(text, truncation=True, max_length=16)["input_ids"]])
        length = torch.tensor([ids.shape[1]])
        with torch.no_grad():
            said.append(model.train(False)(batches.Batch(ids, length, length, length))[0].numpy())
    return np.stack(said)


@pytest.mark.parametrize("kind", list(tiny.CONFIGS))
def test_export_and_reload_decide_alike(kind, tmp_path):
    source, fetched, out = (tmp_path / name for name in ("source", "fetched", "out"))
    fetched.mkdir()
    tiny.save(source, kind)
    save_tokenizer(source)
    pretrained_classifiers.fetch(PLAIN, str(source), fetched)
    inputs = {"pretrained": str(fetched / "model.safetensors")}
    own = settings("transformer")
    model = models.build(own["model"], inputs["pretrained"], 2, 0)
    compressor_module("quantise").compress(model, Job(4, {"group": 8}, run()))
    frame = texts()
    logits = logits_here(model, fetched, frame)
    exporting.write(model, own, LABELS, inputs, out)
    said = exporting.decide(out, frame, 16, several=False)
    expected = torch.softmax(torch.tensor(logits), 1).numpy()
    np.testing.assert_allclose(said, expected, atol=1e-6)
    exporting.check(out, said, logits, frame, several=False)
    with pytest.raises(ValueError, match=r"decides otherwise .* on 12 of 12 texts, such as ex"):
        exporting.check(out, said, -logits, frame, several=False)


@pytest.mark.parametrize("frozen", [None, 1])
def test_an_encoder_leaves_as_berts_own_classifier(frozen, tmp_path):
    from transformers import BertModel

    torch.manual_seed(0)
    BertModel(tiny.CONFIGS["bert"]()).save_pretrained(tmp_path / "bert")
    save_tokenizer(tmp_path / "bert")
    own = settings("encoder", freeze_layers=frozen)
    inputs = {"pretrained": str(tmp_path / "bert/model.safetensors")}
    model = models.build(own["model"], inputs["pretrained"], 2, 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1
    exporting.write(model, own, LABELS, inputs, tmp_path / "out")
    if frozen is None:
        logits = logits_here(model, tmp_path / "bert", texts())
    else:  # what is below comes from the pretrained weights
        whole = encoder.Encoder(tmp_path / "bert", 2)
        state = models.trainable_state(whole)
        for name, tensor in models.trainable_state(model).items():
            number, dot, rest = name.removeprefix("encoder.encoder.layer.").partition(".")
            moved = f"encoder.encoder.layer.{int(number) + 1}.{rest}" if number.isdigit() else name
            state[moved if dot else name] = tensor
        models.restore(whole, state)
        logits = logits_here(whole, tmp_path / "bert", texts())
    said = exporting.decide(tmp_path / "out", texts(), 16, several=False)
    np.testing.assert_allclose(said, torch.softmax(torch.tensor(logits), 1), atol=1e-6)


def test_what_transformers_has_no_class_for_is_refused(tmp_path):
    with pytest.raises(ValueError, match="architecture bilstm: transformers has no class"):
        exporting.write(bilstm(), settings("bilstm"), LABELS, {}, tmp_path)
