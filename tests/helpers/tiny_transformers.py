"""Tiny random classifiers of many architectures, from their configurations."""

import copy
from functools import cache

import torch
import transformers

SIZES = {"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 4}
SIZES |= {"intermediate_size": 24, "max_position_embeddings": 32, "pad_token_id": 0}
DECODER = SIZES | {"bos_token_id": 1, "eos_token_id": 2}
GPT = {"vocab_size": 20, "n_embd": 16, "n_layer": 3, "n_head": 4, "n_positions": 32}
GPT |= {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "summary_first_dropout": 0.1}
DISTIL = {"vocab_size": 20, "dim": 16, "n_layers": 3, "n_heads": 4, "hidden_dim": 24}
DISTIL |= {"max_position_embeddings": 32, "pad_token_id": 0}
DISENTANGLED = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8}
DISENTANGLED |= {"norm_rel_ebd": "layer_norm", "type_vocab_size": 0, "share_att_key": True}
DISENTANGLED |= {"position_biased_input": False, "pooler_hidden_size": 16}
ALTERNATING = {"global_attn_every_n_layers": 2, "local_attention": 4, "cls_token_id": 1}
ALTERNATING |= {"sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}

CONFIGS = {
    "bert": lambda: transformers.BertConfig(**SIZES),
    "roberta": lambda: transformers.RobertaConfig(**SIZES),
    "distilbert": lambda: transformers.DistilBertConfig(**DISTIL),
    "deberta-v2": lambda: transformers.DebertaV2Config(**SIZES, **DISENTANGLED),
    "electra": lambda: transformers.ElectraConfig(**SIZES, embedding_size=8),
    "albert": lambda: transformers.AlbertConfig(**SIZES, embedding_size=8),
    "modernbert": lambda: transformers.ModernBertConfig(**SIZES, **ALTERNATING),
    "gpt2": lambda: transformers.GPT2Config(**GPT),
    "llama": lambda: transformers.LlamaConfig(**DECODER, num_key_value_heads=2),
    "qwen2": lambda: transformers.Qwen2Config(**DECODER, num_key_value_heads=2),
    "mistral": lambda: transformers.MistralConfig(
        **DECODER, num_key_value_heads=2, sliding_window=4
    ),
}
DECODERS = {"gpt2", "llama", "qwen2", "mistral"}
WITHOUT_LAYERS = {"albert"}  # one layer's weights, used again and again


def classifier(kind, n_classes=2, seed=0, **changes):
    """Return a random classifier; biases and norms are random too, not zeros and ones."""
    return copy.deepcopy(_drawn(kind, n_classes, seed, tuple(changes.items())))


@cache
def _drawn(kind, n_classes, seed, changes):
    torch.manual_seed(seed)
    config = CONFIGS[kind]()
    for name, value in ({"num_labels": n_classes} | dict(changes)).items():
        setattr(config, name, value)
    model = transformers.AutoModelForSequenceClassification.from_config(config).train(False)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def save(folder, kind, n_classes=2, seed=0, **changes):
    """Write a random classifier with its configuration, and return it."""
    model = classifier(kind, n_classes, seed, **changes)
    model.save_pretrained(folder)
    return model
