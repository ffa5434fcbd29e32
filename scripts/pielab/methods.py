"""What the config's methods are: who compresses, what their levels mean, and what they need."""

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from pielab import objectives, registry

COMPRESSORS = Path(__file__).parent / "training" / "compressors"
PRUNE = "prune"  # who compresses where a criterion and a schedule say how
RETRAINING = ("iterative", "at-initialisation")  # schedules that train after or before pruning
EXTERNAL = "external"  # the compressor of models that were not compressed here


class Compressor(NamedTuple):
    """What a module of training/compressors declares.

    `level`: the unit of its level, percent of the study's `sparsities` or else an option of its
    own; `calibrates`: it reads training texts, whose draw is a part of what a model is;
    `cpu_only`: no GPU can run what it makes; `options`: the schema of its own keys of a method;
    `words`: what it does, for readers who do not know its name.
    """

    level: str
    calibrates: bool = False
    cpu_only: bool = False
    options: Mapping[str, dict] = {}
    words: str = ""


def _levels_of(unit: str, least: float, most: float) -> dict:
    number = {"type": "number", "minimum": least, "maximum": most}
    number["description"] = f"a level in {unit}, {least:g} to {most:g}"
    return {
        "description": f"a level in {unit}, {least:g} to {most:g}, or a list of them",
        "default": None,
        "oneOf": [
            number,
            {"type": "null"},
            {"type": "array", "minItems": 1, "uniqueItems": True, "items": number},
        ],
    }


# What is external is not compressed here: it has no module
OF_OTHERS = Compressor(
    level=EXTERNAL,
    options={
        "percent": _levels_of("percent", 0, 99.999),
        "bits": _levels_of("bits", 1, 64),
        "draws": {
            "description": "a number of models, 1 to 1,000, that were made of each model that was "
            "trained, such as one a draw of calibration texts",
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 1,
        },
    },
)


def compressor_names() -> list[str]:
    """Return the compressors that a method can name by `compressor`."""
    return [*(name for name in registry.module_names(COMPRESSORS) if name != PRUNE), EXTERNAL]


@cache
def compressor(name: str) -> Compressor:
    """Return what a compressor declares, without importing it: torch takes seconds.

    Raises
    ------
    ValueError
        If its module does not say what its level is.
    """
    if name == EXTERNAL:
        return OF_OTHERS
    path = COMPRESSORS / f"{name}.py"
    stated = registry.constants(path, Compressor._fields)
    if "level" not in stated:
        raise ValueError(f"{path.name}: no LEVEL; expected percent or the name of an option")
    return Compressor(**cast(dict, stated))


def compressor_of(method: Mapping) -> str:
    """Return who compresses by a method of the config."""
    return method.get("compressor", PRUNE)


def is_retrained(method: Mapping) -> bool:
    """Return whether models are trained again by a method, and not only compressed."""
    return method.get("schedule") in RETRAINING


def calibration(method: Mapping) -> Mapping | None:
    """Return how a method draws its calibration texts, None if it reads none."""
    if method.get("draws", 1) > 1:  # others drew them
        return {"draws": method["draws"], "draws_per_job": method["draws"]}
    return method.get("calibration")


def unit_of(method: Mapping) -> str:
    """Return the unit of a method's levels: percent, bits, or none where a level is not known."""
    unit = compressor(compressor_of(method)).level
    if unit != EXTERNAL:
        return unit
    return next((name for name in ("percent", "bits") if method.get(name) is not None), "none")


def own_levels(method: Mapping) -> list[float] | None:
    """Return the levels that a method names, None if its levels are the study's `sparsities`."""
    unit = unit_of(method)
    if unit == "none":
        return []
    stated = method.get(unit)
    return stated if stated is None or isinstance(stated, list) else [stated]


def compresses(method: Mapping) -> bool:
    """Return whether a method compresses; a control does not, nor does a rerun, at 0 percent."""
    return method.get("criterion") != "none" and own_levels(method) != [0]


def with_compressors(schema: dict, config: object) -> dict:
    """Return the config's schema, in which each method has the keys of what it names.

    Raises
    ------
    ValueError
        If a method names a compressor or an objective that there is not.
    """
    methods = config.get("methods") if isinstance(config, dict) else None
    allowed = {
        name: _schema_of(f"methods.{name}", method, schema)
        for name, method in (methods.items() if isinstance(methods, dict) else ())
        if isinstance(method, dict) and ("compressor" in method or "objective" in method)
    }
    if not allowed:
        return schema
    schema = copy.deepcopy(schema)
    schema["properties"]["methods"]["properties"] = allowed
    return schema


def _schema_of(where: str, method: dict, schema: dict) -> dict:
    """Return the schema of a method that names a compressor, or an objective."""
    if "objective" not in method:
        return _schema_of_compressor(where, method["compressor"])
    described = objectives.schema_of(f"{where}.objective", method["objective"])
    if "compressor" in method:
        name = method["objective"]["name"]
        raise ValueError(f"{where}.objective: {name!r}; {objectives.EXPECTED}")
    retrained = copy.deepcopy(schema["$defs"]["method"])
    retrained["properties"]["objective"] = described
    return retrained


def _schema_of_compressor(where: str, name: object) -> dict:
    known = compressor_names()
    if name == "given":
        raise ValueError(f"{where}.compressor: 'given' is now called {EXTERNAL!r}")
    if name not in known:
        hint = registry.near(name, known)
        raise ValueError(f"{where}.compressor: {name!r}; expected one of {', '.join(known)}{hint}")
    found = compressor(str(name))
    keys = {"compressor": {"description": "a compressor", "const": name}, **found.options}
    if found.calibrates:
        keys["calibration"] = {"$ref": "#/$defs/calibration", "default": {}}
    return {
        "description": f"the keys of {name}: {', '.join(keys)}",
        "type": "object",
        "additionalProperties": False,
        "required": [key for key, option in found.options.items() if "default" not in option],
        "properties": keys,
    }


def contradictions(study: dict) -> Iterator[str]:
    """Yield what no schema can check of methods: keys that exclude each other."""
    smallest = min((dataset["max_train"] or 10**9 for dataset in _studied(study)), default=10**9)
    for name, method in study["methods"].items():
        where = f"methods.{name}"
        if name == "dense":
            yield f"{where}: the name is taken by the models that are not compressed"
        if method.get("rewind") and method["schedule"] != "iterative":
            yield f"{where}.rewind: true; only iterative methods rewind"
        if method.get("criterion") == "none" and method["schedule"] != "iterative":
            yield f"{where}.schedule: {method['schedule']!r}; criterion none is iterative"
        if method.get("percent") is not None and method.get("bits") is not None:
            yield f"{where}.bits: {method['bits']!r}; expected either percent or bits"
        if compressor_of(method) == EXTERNAL and not isinstance(study["predictions"], dict):
            yield f"{where}.compressor: 'external'; expected with predictions.files"
        if not study["sparsities"] and compresses(method) and own_levels(method) is None:
            yield f"sparsities: none; expected some, the levels of methods.{name}"
        texts = calibration(method) or {}
        drawn = texts.get("examples", 0)
        if drawn > smallest and not texts.get("file"):
            yield f"{where}.calibration.examples: {drawn}; expected at most max_train, {smallest}"
    yield from objectives.contradictions(study["methods"])
    for name in study["layers"]["methods"]:
        method = study["methods"].get(name, {"schedule": RETRAINING[0]})
        if is_retrained(method) or compressor(compressor_of(method)).cpu_only:
            yield f"layers.methods: {name!r}; expected a method that changes weights after training"
    if not any(map(compresses, study["methods"].values())):
        yield f"methods: {', '.join(study['methods'])}; expected one or more that compress"


def _studied(study: dict) -> list[dict]:
    return [study["datasets"][name] for name in study["training"] if name in study["datasets"]]
