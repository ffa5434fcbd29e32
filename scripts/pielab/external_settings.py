"""What others made: which paths of a config name models, and what jobs know of what they read."""

import json
import re
from pathlib import Path

from pielab.cells import Cell, read_level
from pielab.job_settings import subset
from pielab.methods import calibration, compresses
from pielab.provenance import canonical
from pielab.study import Study

LARGE = 2**25  # bytes of an ONNX file
# In an ONNX file, a text of a key, "location", and of a value of up to 127 characters
LOCATION = re.compile(rb"\n\x08location\x12([\x01-\x7f][\x20-\xff]{1,127})")


def is_model(path: str) -> bool:
    """Return whether a path names a model: an ONNX file, or a folder, there or not."""
    return Path(path).suffix in ("", ".onnx") or Path(path).is_dir()


def methods_with_models(study: Study) -> list[str]:
    """Return the methods, dense among them, whose predictions are made here by models."""
    if not study.external:
        return []
    found = {
        cell.method
        for cell in study.groups
        for path in study.external_files(cell, "test")
        if is_model(path)
    }
    return sorted(found)


def model_files(paths: list[str], tokenizer: str | None) -> list[str]:
    """Return the files that a job reads of models and their tokenizers, those that are there."""
    folders = [Path(path) for path in paths] + ([Path(tokenizer)] if tokenizer else [])
    files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
    for path in map(Path, paths):
        if path.suffix == ".onnx":  # large weights lie beside it, in files that begin like it
            files += path.parent.glob(f"{path.name}*")
            files += [path.parent / name for name in _weights_beside(path)]
            files += [
                file
                for folder in path.parents[:2]
                for pattern in ("*.json", "vocab.txt", "merges.txt", "*.model")
                for file in folder.glob(pattern)
            ]
    return sorted({str(file) for file in files if file.is_file()})


def _weights_beside(path: Path) -> list[str]:
    """Return the files that an ONNX file says its weights are in, whatever their names."""
    if not path.is_file() or path.stat().st_size > LARGE:
        return []  # one with weights of its own
    found = LOCATION.findall(path.read_bytes())
    return sorted({name[1 : 1 + name[0]].decode("utf-8", "replace") for name in found})


def read_predictions(study: Study, cell: Cell, split: str) -> str:
    """Return how files that others made are read, and how many models they must hold."""
    described = study.datasets[cell.dataset]
    settings = subset(study.external or {}, "scores", "columns", "metric", "filter")
    settings |= subset(described, "task", "label_separator", "max_left_out")
    if study.external and study.external["labels"]:
        settings["labels"] = {
            str(own): str(there) for own, there in study.external["labels"].items()
        }
    drawn = calibration(study.methods.get(cell.method, {})) or {"draws": 1}
    settings |= {"seeds": study.models[cell.model]["seeds"], "draws": drawn["draws"]}
    # What is not there is no input; the job says so
    return canonical(settings | {"files": study.external_files(cell, split)})


def compare_runs(study: Study) -> str:
    """Return the logs of runs that are told apart, each with the first dense one of its pair."""
    rows = []
    for dense in study.dense_cells:
        first, *others = study.external_files(dense, "test")
        cells = [each for each in study.cells if each.pair == dense.pair]
        runs = [(dense, path) for path in others]
        runs += [(cell, path) for cell in cells for path in study.external_files(cell, "test")]
        rows += [cell._asdict() | {"dense_run": first, "run": path} for cell, path in runs]
    return canonical({"runs": rows})


def compared_groups(study: Study) -> list[list[Cell]]:
    """Return the groups of models of each pair, the baseline first."""
    return [
        [dense, *(each for each in study.cells if each.pair == dense.pair)]
        for dense in study.dense_cells
    ]


def compare_external(study: Study) -> str:
    """Return the groups of each pair whose models are compared, with their numbers of files."""
    pairs = []
    for own in compared_groups(study):
        dense = own[0]
        groups = [cell._asdict() | _external_group(study, cell) for cell in own]
        rerun = study.models[dense.model]["members"] == "rerun"
        several = study.datasets[dense.dataset]["task"] == "multi-label"
        decision = {"multi_label": several} | subset(study.external or {}, "threshold")
        pairs.append({"are_reruns": rerun, "groups": groups} | decision)
    return canonical({"pairs": pairs})


def _external_group(study: Study, cell: Cell) -> dict:
    several = sum(each.method == cell.method and each.pair == cell.pair for each in study.cells) > 1
    method = study.methods.get(cell.method)
    return {
        "name": f"{cell.method} ({read_level(cell.level).text})" if several else cell.method,
        "rerun": method is not None and not compresses(method),
        "files": len(study.prediction_files(cell, "test")),
    }


def predict_settings(study: Study, cell: Cell, split: str) -> str:
    """Return how models predict a cell on a split, and how many of them there must be."""
    given, read = study.external or {}, json.loads(read_predictions(study, cell, split))
    settings = subset(read, "files", "seeds", "draws", "labels")
    settings |= subset(given, "tokenizer", "max_tokens", "batch_size", "scores")
    return canonical(settings | subset(study.config["compute"], "threads"))
