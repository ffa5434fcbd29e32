"""Check the config against its schema, fill in defaults, and say in one line what is wrong."""

import copy
import difflib
import os
from collections.abc import Iterable, Sequence

import jsonschema


def check(config: dict, schema: dict, files: Sequence[str] = ()) -> dict:
    """Return the config with the schema's defaults filled in.

    Raises
    ------
    ValueError
        One line that names the file, the key, its value and what was expected.
    """
    where = ", ".join(map(os.path.relpath, files)) or "config"
    study = copy.deepcopy(config)
    _fill(study, schema, schema)
    errors = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(study), key=lambda e: list(e.path)
    )
    if errors:
        raise ValueError(f"{where}: {_explain(errors[0])}")
    problem = next(_contradictions(study), None)
    if problem:
        raise ValueError(f"{where}: {problem}")
    return study


def levels(sparsities: Iterable[float]) -> list[str]:
    """Return sparsities (percent) as they stand in paths: 5 is 05, 99.5 stays."""
    return [f"{sparsity:g}".zfill(2) for sparsity in sparsities]


def source_files(dataset: dict) -> list[str]:
    """Return the local files that a dataset is read from."""
    specs = (dataset["files"] or {}).values()
    return [
        path for spec in specs for path in (spec.values() if isinstance(spec, dict) else [spec])
    ]


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


def _explain(error: jsonschema.ValidationError) -> str:
    """Return one line on a violation of the schema."""
    path = ".".join(map(str, error.absolute_path)) or "top level"
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in known)
        near = difflib.get_close_matches(str(unknown), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
        return f"{path}: unknown key {unknown!r}; {hint}"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{path}: key {missing!r} is missing"
    if error.validator == "propertyNames":
        return f"{path}: {error.instance!r} is not a name; expected letters, digits, - and _"
    expected = error.schema.get("description", error.message)
    return f"{path}: {error.instance!r} is not allowed ({error.message}); expected: {expected}"


def _contradictions(study: dict) -> Iterable[str]:
    """Yield what no schema can say: names that point nowhere and keys that exclude each other."""
    for dataset, pairs in study["training"].items():
        for kind, name in [("datasets", dataset), *(("models", model) for model in pairs)]:
            if name not in study[kind]:
                known = ", ".join(study[kind])
                yield f"training.{dataset}: {name!r} is not one of {kind} ({known})"
    for name, method in study["methods"].items():
        if name == "dense":
            yield "methods.dense: the name is taken by the models that are not compressed"
        if method["rewind"] and method["schedule"] != "iterative":
            yield f"methods.{name}.rewind: true; only iterative methods rewind"
        if method["criterion"] == "none" and method["schedule"] != "iterative":
            yield f"methods.{name}.schedule: {method['schedule']!r}; criterion none is iterative"
    for name, dataset in study["datasets"].items():
        for key in ("files", "hub"):
            if (dataset[key] is not None) != (dataset["source"] == key):
                yield f"datasets.{name}: source {dataset['source']!r} and key {key!r} go together"
        for path in source_files(dataset):
            if not os.path.exists(path):
                yield f"datasets.{name}.files: {path}: no such file"
    for name, model in study["models"].items():
        key = "vectors" if model["architecture"] == "bilstm" else "pretrained"
        if model[key] is None:
            yield f"models.{name}.{key}: missing; a model of this architecture needs it"
