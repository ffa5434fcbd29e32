"""What is external: which paths of a config name models, and what jobs know of what they read."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from pielab.cells import BY_TASK, CELL, CellKey, read_level
from pielab.job_settings.jobs import subset
from pielab.methods import calibration, compresses
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
    return sorted({str(file) for file in files if os.path.isfile(file)})  # a name may be too long


def _weights_beside(path: Path) -> list[str]:
    """Return the files that an ONNX file names for its weights, whatever they are called."""
    if not path.is_file() or path.stat().st_size > LARGE:
        return []  # one with weights of its own
    found = LOCATION.findall(path.read_bytes())
    return sorted({name[1 : 1 + name[0]].decode("utf-8", "replace") for name in found})


def read_predictions(study: Study, cell: CellKey, split: str) -> dict:
    """Return how external files are read, and how many models they must hold."""
    described = study.datasets[cell.dataset]
    settings = subset(study.external or {}, "columns", *BY_TASK) | {
        "scores": study.scores(cell.dataset)
    }
    settings |= {"cluster_by": described["cluster_by"]} if described["cluster_by"] else {}
    settings |= subset(described, "task", "label_separator", "max_left_out")
    if study.external and study.external["labels"]:
        settings["labels"] = {
            str(name): str(there) for name, there in study.external["labels"].items()
        }
    drawn = calibration(study.methods.get(cell.method, {})) or {"draws": 1}
    settings |= {"seeds": study.models[cell.model]["seeds"], "draws": drawn["draws"]}
    if runs := study.runs(cell):
        settings["joined"] = described["tasks_as"] == "slice"
        folders, first = study.folders(cell), len(runs) - len(study.reruns(cell.model, cell.method))
        if again := dict(zip(folders[first:], runs[first:], strict=True)):
            settings["reruns"] = again
        return settings | {"files": folders[:first], "runs": runs[:first]}
    settings["task"] = cell.dataset
    # What is not there is no input; the job says so
    files = study.named_files(cell, split)
    if study.is_of_inspect(cell.dataset):
        settings["tables"] = study.external_files(cell, split)
    return settings | {"files": files}


def compare_runs(study: Study) -> dict:
    """Return the logs of runs that are compared, each with the first dense one of its pair."""
    rows = []
    for dense in study.dense_cells:
        described = study.datasets[dense.dataset]
        first, *others = _logs_of_runs(study, dense)
        cells = [cell for cell in study.cells if cell.pair == dense.pair]
        runs = [(dense, run) for run in others]
        runs += [(cell, run) for cell in cells for run in _logs_of_runs(study, cell)]
        for cell, run in runs:
            row = cell.row() | {"dense_run": first["run"], "run": run["run"]}
            pairs = [[logs["logs"][task] for logs in (first, run)] for task in run["logs"]]
            lacking = [
                task
                for task, folders in described.get("not_in", {}).items()
                if (first["run"] in folders) != (run["run"] in folders)
            ]
            rows.append(row | {"logs": pairs, "tasks": list(run["logs"]), "in_one_only": lacking})
    return {"runs": rows}


def _logs_of_runs(study: Study, cell: CellKey) -> list[dict]:
    """Return each run of a cell: its file or folder, and its logs by task."""
    if runs := study.runs(cell):
        pairs = zip(study.folders(cell), runs, strict=True)
        return [{"run": folder, "logs": logs} for folder, logs in pairs]
    named = zip(study.named_files(cell, "test"), study.external_files(cell, "test"), strict=True)
    return [{"run": name, "logs": {"": path}} for name, path in named]


def document_files(study: Study, cell: CellKey, predicted: Sequence[str]) -> list[str]:
    """Return the tables of logged documents of a cell; none for methods predicted here."""
    if cell.method in predicted:
        return []
    folder = f"results/answers/{CELL}".format(**cell._asdict())
    return [
        f"{folder}/seeds{block}.test.parquet"
        for block in study.model_blocks(cell.model, cell.method)
    ]


def compare_tasks(study: Study) -> dict:
    """Return the comparisons whose documents are logged, with the places of their tables."""
    places: dict[CellKey, list[int]] = {}
    number = 0
    predicted = methods_with_models(study)
    for cell in study.groups:
        paths = document_files(study, cell, predicted)
        places[cell] = list(range(number, number + len(paths)))
        number += len(paths)
    comparisons = [
        {
            "keys": comparison.row(),
            "baseline": places[comparison.baseline_cell],
            "compressed": places[comparison.cell],
        }
        for comparison in study.comparisons
    ]
    documented = [
        comparison
        for comparison in comparisons
        if comparison["baseline"] and comparison["compressed"]
    ]
    return {"comparisons": documented}


def compared_groups(study: Study) -> list[list[CellKey]]:
    """Return the groups of models of each pair, the baseline first."""
    return [
        [dense, *(cell for cell in study.cells if cell.pair == dense.pair)]
        for dense in study.dense_cells
    ]


def compare_external(study: Study) -> dict:
    """Return the groups of each pair whose models are compared, with their numbers of files."""
    pairs = []
    for cells in compared_groups(study):
        dense = cells[0]
        groups = [cell.row() | _external_group(study, cell) for cell in cells]
        rerun = study.models[dense.model]["differ_by"] == "rerun"
        several = study.datasets[dense.dataset]["task"] == "multi-label"
        decision = {"multi_label": several} | subset(study.external or {}, "threshold")
        pairs.append({"are_reruns": rerun, "groups": groups} | decision)
    return {"pairs": pairs}


def _external_group(study: Study, cell: CellKey) -> dict:
    several = (
        sum(other.method == cell.method and other.pair == cell.pair for other in study.cells) > 1
    )
    method = study.methods.get(cell.method)
    return {
        "name": f"{cell.method} ({read_level(cell.level).text})" if several else cell.method,
        "rerun": method is not None and not compresses(method),
        "files": len(study.prediction_files(cell, "test")),
    }


def predict_settings(study: Study, cell: CellKey, split: str) -> dict:
    """Return how models predict a cell on a split, and how many of them there must be."""
    given, read = study.external or {}, read_predictions(study, cell, split)
    settings = subset(read, "files", "seeds", "draws", "labels")
    settings |= subset(given, "tokenizer", "max_tokens", "batch_size")
    settings["scores"] = study.scores(cell.dataset)
    return settings | subset(study.config["compute"], "threads")
