"""The kinds of models: a module an architecture, taken by its name.

Each declares in constants what pielab.architectures.Architecture holds, `STARTS_FROM` at
least, and whether its models compute in bfloat16 where the card has it, `AUTOCASTS`. It has

- `build(settings, pretrained, n_classes)`, which returns a models.Classifier; torch is seeded.

One whose models start from pretrained weights has, too,

- `fetch(settings, source, folder)`, which writes config.json, model.safetensors, tokenizer.json and
  tokenizer_config.json;
- `read_frozen(folder, number)`, which returns a frozen.Frozen of the embeddings and first layers.

A job's digest of code counts its own only.
"""

from importlib import import_module
from types import ModuleType


def architecture_module(name: str) -> ModuleType:
    """Return the module of an architecture."""
    return import_module(f"{__name__}.{name}")
