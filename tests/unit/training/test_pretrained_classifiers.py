"""What is fetched of a classifier of transformers, and what is refused in one line."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers import models as kinds
from transformers import (
    AutoTokenizer,
    BartConfig,
    BartForSequenceClassification,
    PreTrainedTokenizerFast,
    T5Config,
)

from helpers import tiny_transformers as tiny
from helpers.external_models import save_tokenizer
from pielab.training import models, pretrained_classifiers
from pielab.training.architectures import transformer

FREE = {"architecture": "transformer", "freeze_embeddings": False, "freeze_layers": None}
SETTINGS = {"layers": None, "revision": None, "dropout": None}


def write_tokenizer(folder, **marks):
    words = {word: number for number, word in enumerate(["<pad>", "<s>", "</s>", "the", "film"])}
    own = Tokenizer(kinds.WordLevel(words, unk_token="the"))
    own.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=own, unk_token="the", **marks).save_pretrained(folder)


def fetched(tmp_path, kind="bert", drop=(), settings=SETTINGS, marks=None, **changes):
    """Return the folder of a fetched model, which was saved without weights named in `drop`."""
    source, folder = tmp_path / "source", tmp_path / "fetched"
    folder.mkdir()
    tiny.save(source, kind, **changes)
    marks = {"pad_token": "<pad>", "eos_token": "</s>"} if marks is None else marks
    write_tokenizer(source, **marks)
    state = load_file(source / "model.safetensors")
    state = {k: v for k, v in state.items() if not any(name in k for name in drop)}
    save_file(state, source / "model.safetensors", {"format": "pt"})
    return folder, pretrained_classifiers.fetch(settings, str(source), str(folder))


def test_the_head_is_left_behind_and_the_log_says_so(tmp_path):
    folder, notes = fetched(tmp_path, "roberta", n_classes=3)
    kept = load_file(folder / "model.safetensors")
    assert kept
    assert not any(name.startswith("classifier") for name in kept)
    assert "the head starts fresh from each seed: classifier.dense.weight" in notes[1]
    model = models.build(FREE, folder / "model.safetensors", 7, 0)
    assert model.model.classifier.out_proj.out_features == 7


def test_a_pooler_may_be_absent_and_starts_fresh_but_no_other_weight(tmp_path):
    folder, notes = fetched(tmp_path, "bert", drop=("pooler", "classifier"))
    assert "has no pooler, which starts fresh from each seed: bert.pooler.dense.bias" in notes[2]
    states = [
        models.build(FREE, folder / "model.safetensors", 2, seed).model.bert.pooler.dense.weight
        for seed in (0, 0, 1)
    ]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_a_missing_weight_of_the_body_is_refused_by_its_name(tmp_path):
    with pytest.raises(ValueError, match=r"no weights bert\.encoder\.layer\.1\.attention\.self\.q"):
        fetched(tmp_path, "bert", drop=("layer.1.attention.self.query",))


@pytest.mark.parametrize("kind", sorted(tiny.DECODERS))
def test_without_a_padding_token_the_end_of_the_text_pads(kind, tmp_path):
    # transformers' own class of Qwen2 adds a token that pads, which this model does not know
    changes = {"pad_token_id": None, "vocab_size": 5}
    folder, notes = fetched(tmp_path, kind, marks={"eos_token": "</s>"}, **changes)
    assert "pads with its end-of-text token '</s>', as it has no other" in notes
    config = json.loads((folder / "config.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert config["pad_token_id"] == tokenizer.pad_token_id == 2
    assert tokenizer.padding_side == "right"


def test_without_padding_and_end_of_text_a_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="neither a token for padding nor one for the end"):
        fetched(tmp_path, "gpt2", marks={}, pad_token_id=None)


@pytest.mark.parametrize("kind", list(tiny.CONFIGS))
def test_layers_and_dropout_are_changed_where_there_are_some(kind, tmp_path):
    settings = SETTINGS | {"layers": 2, "dropout": 0.25}
    folder, _ = fetched(tmp_path, kind, settings=settings)
    model = models.build(FREE, folder / "model.safetensors", 2, 0)
    assert model.model.config.num_hidden_layers == 2
    rates = {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)} - {0.0}
    rates |= {getattr(m, "attention_dropout", 0.25) for m in model.modules()}
    assert all(rate == 0.25 for rate in rates if isinstance(rate, float))
    with pytest.raises(ValueError, match="layers: 9; expected at most 3"):
        pretrained_classifiers.fetch(settings | {"layers": 9}, str(tmp_path / "source"), folder)


@pytest.mark.parametrize(("kind", "longest"), [("roberta", 31), ("gpt2", 32), ("bert", 32)])
def test_the_tokenizer_knows_the_longest_text_that_the_model_has_positions_for(
    kind, longest, tmp_path
):
    folder, _ = fetched(tmp_path, kind)
    assert AutoTokenizer.from_pretrained(folder).model_max_length == longest


def test_what_is_no_classifier_of_texts_is_refused_in_one_line(tmp_path):
    config = BartConfig(vocab_size=20, d_model=8, encoder_layers=1, decoder_layers=1)
    config.encoder_attention_heads = config.decoder_attention_heads = 2
    BartForSequenceClassification(config).save_pretrained(tmp_path / "bart")
    with pytest.raises(ValueError, match="bart model is an encoder with a decoder"):
        pretrained_classifiers.read_config(tmp_path / "bart")
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match="no model that can be read"):
        pretrained_classifiers.read_config(tmp_path / "none")
    described = tiny.CONFIGS["bert"]()
    described.quantization_config = {"quant_method": "gptq", "bits": 4}
    described.save_pretrained(tmp_path / "quantised")
    with pytest.raises(ValueError, match="its weights are quantised"):
        pretrained_classifiers.read_config(tmp_path / "quantised")
    assert T5Config().is_encoder_decoder


def test_code_of_a_models_makers_never_runs(tmp_path):
    tiny.save(tmp_path, "bert")
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "mine.py").write_text("raise SystemExit('ran')\n")
    with pytest.raises(ValueError, match="no model that can be read") as refused:
        pretrained_classifiers.read_config(tmp_path)
    assert "\n" not in str(refused.value)


def test_the_architecture_fetches_with_the_tokenizer_beside_it(tmp_path, caplog):
    caplog.set_level("INFO", "pielab")
    tiny.save(tmp_path / "source", "electra")
    save_tokenizer(tmp_path / "source")
    (tmp_path / "out").mkdir()
    transformer.fetch(SETTINGS, str(tmp_path / "source"), str(tmp_path / "out"))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert "electra, 3 layers" in caplog.text
