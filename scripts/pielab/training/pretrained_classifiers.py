"""Fetch and read classifiers of transformers, from the hub or a folder."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from pielab import files, logs
from pielab.training import foreign_models

# Keys of a config.json that may differ between classifiers of one model
SAID_OF_EACH = (
    "_name_or_path",
    "id2label",
    "label2id",
    "transformers_version",
    "dtype",
    "torch_dtype",
    "architectures",
)
HUGE = 10**6  # tokens: what tokenizers say that know no longest text


def fetch(settings: dict, source: str, folder: str | Path) -> list[str]:
    """Write a pretrained model without its head, and its tokenizer; return what users should know.

    Parameters
    ----------
    settings : dict
        `layers`, `revision` and `dropout`, each perhaps None; `folders`, if these are classifiers
        that were trained elsewhere, of which `source` is the first.

    Raises
    ------
    ValueError
        If it is no such model, or lacks weights that do not start fresh; or if folders differ in
        more than their weights.
    """
    folders = settings.get("folders", [])
    config = read_config(source, settings["revision"])
    if settings["layers"]:
        cut(config, settings["layers"], source)
    if settings["dropout"] is not None:
        set_dropout(config, settings["dropout"], source)
    model, absent = load(source, config, revision=settings["revision"])
    body = f"{model.base_model_prefix}."
    fresh = sorted(name for name in absent if not name.startswith(body) or "pooler" in name)
    check_absent(source, absent if folders else [name for name in absent if name not in fresh])
    check_alike(folders)
    state = model.state_dict()
    head = [name for name in state if not name.startswith(body)]
    notes = [] if folders else [f"the head starts fresh from each seed: {', '.join(head)}"]
    if poolers := [name for name in fresh if name.startswith(body)]:
        notes.append(f"has no pooler, which starts fresh from each seed: {', '.join(poolers)}")
    tokenizer = read_tokenizer(source, settings["revision"])
    notes += agree_on_padding(model.config, tokenizer, source)
    limit_length(model, tokenizer)
    if not reads_segments(model):  # else a pipeline would hand them over, and some models add them
        names = [name for name in tokenizer.model_input_names if name != "token_type_ids"]
        tokenizer.model_input_names = tokenizer.init_kwargs["model_input_names"] = names
    kept = {name: weight for name, weight in state.items() if name not in {*head, *fresh}}
    model.config.num_labels = 2  # of whom it was fetched from: as many as a dataset has classes
    model.save_pretrained(folder, state_dict=kept, max_shard_size="1000GB")
    tokenizer.save_pretrained(folder)
    size = sum(weight.numel() for weight in kept.values())
    layers = getattr(model.config, "num_hidden_layers", "?")
    return [f"{model.config.model_type}, {layers} layers, {size} weights", *notes]


def read_config(source: str | Path, revision: str | None = None) -> Any:
    """Return the configuration of a model that transformers has a classifier for.

    Raises
    ------
    ValueError
        If it has none, or the model is quantised already.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification, logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        config = AutoConfig.from_pretrained(
            source, revision=revision or "main", trust_remote_code=False
        )
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"{source}: no model that can be read: {logs.brief(error)}") from error
    model_type = config.model_type
    if type(config) not in AutoModelForSequenceClassification._model_mapping:
        raise ValueError(f"{source}: transformers has no classifier for {model_type} models")
    if getattr(config, "is_encoder_decoder", False):
        raise ValueError(
            f"{source}: a {model_type} model is an encoder with a decoder; expected one or the "
            "other"
        )
    if getattr(config, "quantization_config", None):
        raise ValueError(f"{source}: its weights are quantised; expected the model before that")
    return config


def cut(config: Any, layers: int, source: str | Path) -> None:
    """Leave a configuration its first layers.

    Raises
    ------
    ValueError
        If it has fewer.
    """
    most = getattr(config, "num_hidden_layers", 0)
    if layers > most:
        raise ValueError(f"{source}: layers: {layers}; expected at most {most}, which it has")
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]


def set_dropout(config: Any, rate: float, source: str | Path) -> None:
    """Give all dropout of a configuration one rate.

    Raises
    ------
    ValueError
        If it has none.
    """
    stated = config.to_dict()
    names = [
        name
        for name, value in stated.items()
        if ("drop" in name and "layerdrop" not in name and "path" not in name)
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ]
    if not names:
        model_type = config.model_type
        raise ValueError(
            f"{source}: dropout: {rate}; expected none, as a {model_type} model has none"
        )
    for name in names:
        setattr(config, name, float(rate))


def load(source: str | Path, config: Any, revision: str | None = None) -> tuple[Any, list[str]]:
    """Return a classifier in float32, and the names of weights that its files lack."""
    from transformers import AutoModelForSequenceClassification

    try:
        model, found = AutoModelForSequenceClassification.from_pretrained(
            source,
            config=config,
            revision=revision or "main",
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # of a head for other classes, which starts fresh
        )
    except (ValueError, OSError) as error:
        raise ValueError(f"{source}: no model that can be read: {logs.brief(error)}") from error
    model.config.use_cache = False
    absent = {*found["missing_keys"], *(mismatch[0] for mismatch in found["mismatched_keys"])}
    return model, sorted(absent)


def check_absent(source: str | Path, absent: list[str]) -> None:
    """Raise if weights are missing: transformers has drawn them at random.

    Raises
    ------
    ValueError
        With the first of their names.
    """
    if absent:
        more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
        raise ValueError(
            f"{source}: no weights {', '.join(absent[:5])}{more}; expected a checkpoint that holds "
            "them: only a head and a pooler that are trained here may start fresh"
        )


def check_alike(folders: Sequence[str]) -> None:
    """Raise if trained classifiers differ in more than weights and the order of their labels.

    Raises
    ------
    ValueError
        With the folder and what differs.
    """
    described = []
    for folder in folders:
        with foreign_models.reading(folder):
            described.append(_described(Path(folder)))
    for folder, described_here in zip(folders[1:], described[1:], strict=True):
        for key in sorted({*described_here, *described[0]}):
            here, there = described_here.get(key), described[0].get(key)
            if here != there:
                raise ValueError(
                    f"{folder}: {key} {str(here)[:80]}; expected {str(there)[:80]}, as in "
                    f"{folders[0]}: classifiers of one model differ by their weights alone"
                )


def _described(folder: Path) -> dict[str, object]:
    """Return what the files of a trained classifier hold besides weights and label names."""
    config = files.read_object(folder / "config.json")
    stated = {key: value for key, value in config.items() if key not in SAID_OF_EACH}
    words = folder / "tokenizer.json"
    if words.is_file():
        tokenizer = files.read_json(words)
        keys = ("model", "added_tokens", "normalizer", "pre_tokenizer")
        stated |= {f"tokenizer's {key}": tokenizer.get(key) for key in keys}
    return stated


def read_trained(folder: str | Path) -> Any:
    """Return a classifier that was trained elsewhere.

    Raises
    ------
    ValueError
        If a weight is missing, of its head too.
    """
    model, absent = load(folder, read_config(folder))
    check_absent(folder, absent)
    return model


def read_tokenizer(source: str | Path, revision: str | None = None) -> Any:
    """Return a tokenizer that can be saved in one file.

    Raises
    ------
    ValueError
        If there is none.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            source, revision=revision or "main", trust_remote_code=False
        )
    except (ValueError, OSError, ImportError) as error:
        raise ValueError(f"{source}: no tokenizer that can be read: {logs.brief(error)}") from error
    if not tokenizer.is_fast:
        raise ValueError(f"{source}: expected a tokenizer with a tokenizer.json")
    tokenizer.padding_side = tokenizer.truncation_side = "right"
    return tokenizer


def agree_on_padding(config: Any, tokenizer: Any, source: str | Path) -> list[str]:
    """Let model and tokenizer pad with one token, which both have; return a note if it is another.

    A head that reads the last token finds it by the token that pads, so that there must be one: the
    end-of-text token where there is none, never a new one.

    Raises
    ------
    ValueError
        If there is no end of text either.
    """
    notes, padding = [], tokenizer.pad_token_id
    is_known = padding is not None and padding < config.vocab_size  # and not one that is new to it
    if not is_known and config.pad_token_id is not None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(config.pad_token_id)
    elif not is_known:
        if tokenizer.eos_token_id is None:
            raise ValueError(
                f"{source}: its tokenizer has neither a token for padding nor one for the end of "
                "a text; expected one of the two"
            )
        tokenizer.pad_token = tokenizer.eos_token
        notes.append(f"pads with its end-of-text token {tokenizer.eos_token!r}, as it has no other")
    if config.pad_token_id is None:
        config.pad_token_id = tokenizer.pad_token_id
    return notes


def limit_length(model: Any, tokenizer: Any) -> None:
    """Let a tokenizer know the longest text that the model has positions for."""
    known = getattr(model.config, "max_position_embeddings", None)
    for name, table in model.named_modules():
        if isinstance(table, torch.nn.Embedding) and name.endswith("position_embeddings"):
            counted = 0 if table.padding_idx is None else table.padding_idx + 1
            known = table.num_embeddings - counted
    if known and tokenizer.model_max_length > min(known, HUGE):
        tokenizer.model_max_length = known


def read(folder: str | Path, n_classes: int) -> Any:
    """Return a fetched model with a head of so many classes, as torch's generator draws it."""
    config = read_config(folder)
    config.num_labels = n_classes
    model, _ = load(folder, config)
    return model


def reads_segments(model: Any) -> bool:
    """Return whether a model tells the second text of a pair from the first."""
    kinds = getattr(model.config, "type_vocab_size", 0) or 0
    return kinds > 1 and "token_type_ids" in inspect.signature(model.forward).parameters
