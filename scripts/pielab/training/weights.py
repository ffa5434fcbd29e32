"""What each weight of a model is: whether it may be compressed, and whose units it holds."""

import json
import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn

from pielab import files
from pielab.training.sparse import FLOAT

MATRIX = "compressed"  # what methods compress; all other roles are left out
EMBEDDING, TIED, LAST = "embedding", "tied to what is left out", "last layer"
NORM, BIAS, FROZEN, OTHER = "norm", "bias", "frozen", "no linear layer"

logger = logging.getLogger("pielab")


class Units(NamedTuple):
    """The units of one layer that `structured` removes whole, such as its attention heads.

    `zeroed`: weights and biases whose rows say what a unit says, with how many parts the rows have
    (the gates of an LSTM) and which of them is meant, None for all. `rows`, `columns`: weights that
    lose a unit's rows, and those that lose the columns which read it.
    """

    number: int
    zeroed: Mapping[str, tuple[int, int | None]]
    rows: list[str]
    columns: list[str]


class Weight(NamedTuple):
    """A trained weight of a model as its file describes it.

    `shape`: of matrices (outputs, inputs). `units`: by what is removed, and by axis, how many units
    share that axis.
    """

    shape: tuple[int, ...]
    role: str
    units: Mapping[str, Mapping[int, int]] = {}


def is_turned(module: nn.Module) -> bool:
    """Return whether a layer keeps its weight as (inputs, outputs): transformers' Conv1D does."""
    return type(module).__name__ == "Conv1D" and hasattr(module, "nf")


def is_linear(module: nn.Module) -> bool:
    """Return whether a layer's matrix is compressed: a linear one or an LSTM."""
    return isinstance(module, nn.Linear | nn.LSTM) or is_turned(module)


def is_norm(module: nn.Module) -> bool:
    """Return whether a layer normalises: LayerNorm, or one of transformers' own RMSNorms."""
    return isinstance(module, nn.LayerNorm) or type(module).__name__.endswith("RMSNorm")


def roles(model: nn.Module) -> dict[str, str]:
    """Return what each parameter of a classifier is, in the order of its parameters."""
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    last = {id(p) for p in model.get_submodule(getattr(model, "last", "classifier")).parameters()}
    found: dict[int, str] = {}
    for path, module, leaf, parameter in _owned(model):
        if id(parameter) in tables or id(parameter) in last:
            is_owner = isinstance(module, nn.Embedding) if id(parameter) in tables else True
            role = (EMBEDDING if id(parameter) in tables else LAST) if is_owner else TIED
        elif not parameter.requires_grad:
            role = FROZEN
        elif parameter.ndim == 2 and leaf.startswith("weight") and is_linear(module):
            role = MATRIX
        elif is_norm(module) and leaf == "weight":
            role = EMBEDDING if "embedding" in path else NORM
        else:
            role = BIAS if parameter.ndim < 2 else OTHER
        # A weight of several owners may be compressed only if it may be so as a part of each
        if found.setdefault(id(parameter), role) == MATRIX or role == TIED:
            found[id(parameter)] = role
    return {name: found[id(parameter)] for name, parameter in model.named_parameters()}


def _owned(model: nn.Module) -> Iterator[tuple[str, nn.Module, str, Tensor]]:
    """Yield each module's own parameters, with the module and both parts of their names."""
    for path, module in model.named_modules():
        for leaf, parameter in module.named_parameters(recurse=False):
            yield path, module, leaf, parameter


def turned(model: nn.Module) -> set[str]:
    """Return the names of the matrices that are kept as (inputs, outputs)."""
    return {f"{name}.weight" for name, module in model.named_modules() if is_turned(module)}


def describe(model: Any) -> dict[str, Weight]:
    """Return what is known of each trained parameter of a classifier, by name."""
    role_of, across = roles(model), turned(model)
    units: dict[str, dict[str, dict[int, int]]] = {}
    for kind in getattr(model, "unit_kinds", ()):
        for layer in model.units(kind):
            for axis, names in enumerate((layer.rows, layer.columns)):
                for name in names:
                    units.setdefault(name, {}).setdefault(kind, {})[axis] = layer.number
    found = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            shape = tuple(parameter.shape)
            shape = shape[::-1] if name in across else shape
            found[name] = Weight(shape, role_of[name], units.get(name, {}))
    return found


def left_out(model: Any) -> dict[str, int]:
    """Return how many weights are not trained, by what they are: also those that are not loaded."""
    found, role_of = Counter(getattr(model, "not_loaded", {})), roles(model)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            found[role_of[name]] += parameter.numel()
    return dict(found)


def header(model: Any) -> dict[str, str]:
    """Return the description as the header of a file of weights."""
    described = {name: weight._asdict() for name, weight in describe(model).items()}
    return {"weights": json.dumps(described), "left_out": json.dumps(left_out(model))}


def by_module(weights: Mapping[str, Weight], untrained: Mapping[str, int]) -> list[dict]:
    """Return a row for each module and role: `module`, `role`, `parameters` (their number).

    `untrained`: as left_out returns it; its module is empty.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for name, weight in weights.items():
        counts[name.rpartition(".")[0], weight.role] += math.prod(weight.shape)
    counts.update({("", role): number for role, number in untrained.items()})
    return [
        {"module": module, "role": role, "parameters": number}
        for (module, role), number in counts.items()
    ]


def sentence(rows: Iterable[Mapping]) -> str:
    """Return in a sentence how much of a model is compressed, and what is left out.

    `rows`: as by_module returns them.
    """
    counts: Counter[str] = Counter()
    modules = set()
    for row in rows:
        counts[row["role"]] += int(row["parameters"])
        modules |= {row["module"]} if row["role"] == MATRIX else set()
    whole, part = counts.total(), counts.pop(MATRIX, 0)
    rest = ", ".join(f"{role} {number:,}" for role, number in counts.most_common())
    return (
        f"{part:,} of {whole:,} weights ({100 * part / max(whole, 1):.1f} %) can be compressed, in "
        f"{len(modules)} modules; left out: {rest}"
    )


def log(model: Any) -> None:
    """Log how much of a model is compressed, and what is left out."""
    rows = by_module(describe(model), left_out(model))
    logger.info("%s", sentence(rows))
    for row in rows:
        logger.debug("%s: %d weights, %s", row["module"], row["parameters"], row["role"])


class Description(NamedTuple):
    """What is known of a model without its weights; `each`: the bytes of a dense weight."""

    weights: dict[str, Weight]
    left_out: dict[str, int]
    each: int


def as_json(model: Any, each: int) -> str:
    """Return the description of a model as a file of its own, for read_description."""
    described = {name: weight._asdict() for name, weight in describe(model).items()}
    return json.dumps({"each": each, "left_out": left_out(model), "weights": described}) + "\n"


def read_description(path: str | Path) -> Description:
    """Return the description of weights in a file of dense models, or in one of as_json.

    Raises
    ------
    ValueError
        If it is no whole file, or does not describe its weights.
    """
    if Path(path).suffix == ".json":
        stated = files.read_json(path)
        return Description(_parsed(stated["weights"]), stated["left_out"], stated["each"])
    with files.open_arrays(path, "pt") as file:
        known = file.metadata() or {}
    if "weights" not in known:
        raise ValueError(f"{path}: no description of its weights; expected a file of train_dense")
    left_out = json.loads(known.get("left_out", "{}"))
    return Description(_parsed(json.loads(known["weights"])), left_out, FLOAT)


def _parsed(stated: Mapping[str, Mapping]) -> dict[str, Weight]:
    """Return the descriptions of weights that were written as JSON."""
    return {
        name: Weight(
            tuple(weight["shape"]),
            weight["role"],
            {
                kind: {int(axis): number for axis, number in axes.items()}
                for kind, axes in weight["units"].items()
            },
        )
        for name, weight in stated.items()
    }


def count(weights: Mapping[str, Weight]) -> int:
    """Return how many numbers these weights are."""
    return sum(math.prod(weight.shape) for weight in weights.values())
