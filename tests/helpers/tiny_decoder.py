"""Tiny random decoders with a tokenizer of bytes, and small tasks to ask them."""

import json
import os
from pathlib import Path

import torch
import transformers
import yaml
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

# Of the environment that make harness builds; tests that need it are left out without
PYTHON = Path(os.environ.get("PIELAB_HARNESS", ".venv-harness/bin/python")).absolute()
SIZES = {"vocab_size": 258, "bos_token_id": 256, "eos_token_id": 257, "pad_token_id": 257}
LLAMA = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4}
LLAMA |= {"num_key_value_heads": 2, "intermediate_size": 24, "max_position_embeddings": 512}
GPT2 = {"n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": 512}
CONFIGS = {
    "llama": lambda: transformers.LlamaConfig(**SIZES, **LLAMA, tie_word_embeddings=True),
    "untied": lambda: transformers.LlamaConfig(**SIZES, **LLAMA, tie_word_embeddings=False),
    "gpt2": lambda: transformers.GPT2Config(**SIZES, **GPT2),
}
COLOURS = ["red", "green", "blue"]


def tokenizer():
    """Return a tokenizer whose tokens are bytes."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {letter: number for number, letter in enumerate(letters)}
    own = Tokenizer(models.BPE(vocab=words, merges=[]))
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    own.add_special_tokens(["<s>", "</s>"])
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=own, **names)


def save(folder, kind="llama", seed=0, dtype=torch.float32):
    """Write a random decoder with its tokenizer, and return it."""
    torch.manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(CONFIGS[kind]()).train(False)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    model = model.to(dtype)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return model


def write_tasks(folder, documents=12):
    """Write a task of choices, one that generates, and calibration texts; return their folder."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    rows = [
        {"text": f"Item {number} is a {'thing' * (number % 3)}", "colour": COLOURS[number % 3]}
        for number in range(documents)
    ]
    for row in rows:
        row["right"] = COLOURS.index(row["colour"])
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "items.jsonl").write_text(lines, encoding="utf-8")
    common = {
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(folder / "items.jsonl")}},
        "test_split": "test",
        "doc_to_text": "{{text}}. Its colour:",
    }
    choice = {"output_type": "multiple_choice", "doc_to_choice": COLOURS, "doc_to_target": "right"}
    choice |= {"metric_list": [{"metric": "acc"}, {"metric": "acc_norm"}]}
    word = {"output_type": "generate_until", "doc_to_target": "{{colour}}"}
    word |= {"generation_kwargs": {"until": ["\n"], "max_gen_toks": 4, "do_sample": False}}
    word |= {"metric_list": [{"metric": "exact_match"}]}
    for name, own in (("colour", choice), ("word", word)):
        text = yaml.safe_dump({"task": name} | common | own)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    texts = [chr(65 + number) * (3 + number) + " and more" for number in range(20)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    (folder / "calibration.jsonl").write_text(lines, encoding="utf-8")
    return folder


def study(model, tasks, draws=2, reruns=()):
    """Return the config of a study of a decoder."""
    drawn = {"file": f"{tasks}/calibration.jsonl", "examples": 8, "tokens": 16, "draws": draws}
    return {
        "datasets": {
            name: {"source": "lm_eval", "tasks": name, "tasks_from": str(tasks)}
            for name in ("colour", "word")
        },
        "models": {
            "tiny": {"architecture": "decoder", "pretrained": str(model), "reruns": list(reruns)}
        },
        "methods": {
            "int4": {"compressor": "quantise", "bits": 4},
            "wanda": {"compressor": "wanda", "calibration": drawn},
        },
        "sparsities": [50],
        "predictions": {"scores": "labels", "metric": {"colour": "acc", "word": "exact_match"}},
    }
