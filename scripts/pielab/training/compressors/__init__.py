"""What compresses models after training: a module a compressor, taken by its name.

Each declares in constants what pielab.methods.Compressor holds, `LEVEL` at least, and has

- `compress(model, job)`, which returns the compressed model: the same, changed, or another;
- `stored_bytes(name, shape, level, options)`, the bytes of one of its matrices on the disk;
  with `STORES_BIASES`, of all other weights too. Options are the method's keys, and `units`: by
  axis, how many of what it removes share that axis of the weight;
- where whole units make another level than was asked for, `level_reached(units, level)`.

A job's digest of code counts its own only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from torch import Tensor

from pielab.training import loop


@dataclass(frozen=True)
class Job:
    """What a model is compressed to and by: its level, and a method's own keys.

    `run`: the training examples, how models are trained, and the dense model's seed. `rows`: the
    calibration texts among the examples, int64 (texts,), of compressors that read any.
    """

    level: float
    options: Mapping
    run: loop.Run
    rows: Tensor | None = None


def compressor_module(name: str) -> ModuleType:
    """Return the module of a compressor."""
    return import_module(f"{__name__}.{name}")
