"""The config's architectures: what each starts from, which keys it reads, what it needs."""

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from pielab import registry

ARCHITECTURES = Path(__file__).parent / "training" / "architectures"
EXTERNAL = "external"  # the architecture of models that are not run here: it has no module
RECURRENT, ATTENTION = "recurrent", "attention"  # families, which claim 3 compares


class Architecture(NamedTuple):
    """What a module of training/architectures declares.

    `starts_from`: the keys of a model, one of which says what it starts from; `keys`: other keys of
    a model that it reads, with the values that say nothing; `pruning`: the keys of the config's
    `pruning` that change how it is pruned; `family`: recurrent or attention; `gpu_share`: percent
    of a GPU that a job needs; `cpu_batch`: texts at a time when it is timed on a CPU; `asked`: its
    models are no classifiers, so that nothing trains and a harness asks them.
    """

    starts_from: tuple[str, ...]
    keys: Mapping[str, object] = {}
    pruning: tuple[str, ...] = ()
    family: str = ATTENTION
    gpu_share: int = 100
    cpu_batch: int = 4
    asked: bool = False


def architecture_names() -> list[str]:
    """Return the architectures of models that run here."""
    return registry.module_names(ARCHITECTURES)


@cache
def architecture(name: str) -> Architecture:
    """Return what an architecture declares.

    Raises
    ------
    ValueError
        If its module does not say what its models start from.
    """
    if name == EXTERNAL:
        return Architecture(starts_from=())
    path = ARCHITECTURES / f"{name}.py"
    stated = registry.constants(path, Architecture._fields)
    if "starts_from" not in stated:
        raise ValueError(f"{path.name}: no STARTS_FROM; expected keys of a model, such as vectors")
    return Architecture(**cast(dict, stated))


def readers(key: str) -> list[str]:
    """Return the architectures that read a key of a model."""
    known = {name: architecture(name) for name in architecture_names()}
    return [
        name
        for name, described in known.items()
        if key in (*described.starts_from, *described.keys)
    ]


def unused_values() -> dict[str, object]:
    """Return the keys that only some architectures read, with the values that mean nothing."""
    all_keys = [architecture(name).keys for name in architecture_names()]
    return {key: value for keys in all_keys for key, value in keys.items()}


def with_architectures(schema: dict) -> dict:
    """Return the config's schema with the names of all architectures and their shares of a GPU."""
    schema = copy.deepcopy(schema)
    names = architecture_names()
    chosen = schema["$defs"]["model"]["properties"]["architecture"]
    chosen["enum"] = [*names, EXTERNAL]
    chosen["description"] = f"{', '.join(names)} or {chosen['description']}"
    shares = schema["properties"]["compute"]["properties"]["gpu_share"]
    shares["properties"] = {
        name: {
            "description": "a percentage, 1 to 100",
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "default": architecture(name).gpu_share,
        }
        for name in names
    }
    return schema
