"""The settings of the jobs that ask decoders."""

from collections.abc import Sequence

from pielab import asked
from pielab.cells import CellKey, Comparison, read_level
from pielab.job_settings.external import read_predictions
from pielab.job_settings.jobs import subset, train
from pielab.study import Study


def ask(study: Study, cell: CellKey, run: str) -> dict:
    """Return how a decoder is compressed and what it is asked.

    `run`: such as draw0, of calibration texts, or rerun1, which the dense decoder's reruns say.
    """
    dataset = study.datasets[cell.dataset]
    settings = {
        "model": subset(study.models[cell.model], "architecture"),
        **subset(dataset, "tasks", "tasks_from", "limit", "num_fewshot", "batch_size"),
        **subset(study.config["compute"], "threads"),
    }
    if cell.method != "dense":
        method = train(study, cell.dataset, cell.model, cell.method)["method"]
        draw = int(run.removeprefix(asked.DRAW))
        settings |= {"method": method, "level": read_level(cell.level).number, "draw": draw}
    elif run.startswith(asked.RERUN):
        number = int(run.removeprefix(asked.RERUN))
        settings |= study.reruns(cell.model, cell.method)[number - 1]
    return settings


def restore(study: Study, cell: CellKey, draw: int, sets: str) -> dict:
    """Return what putting blocks back into a draw has to know, and how its answers are read."""
    settings = ask(study, cell, f"{asked.DRAW}{draw}")
    read = read_predictions(study, cell, "test")
    settings["read"] = {key: value for key, value in read.items() if key not in ("files", "runs")}
    keep = subset(study.config["layers"], "keep") if sets == "kept" else {}
    return settings | {"draw": draw} | keep


def export(study: Study, exported: Sequence[dict]) -> dict:
    """Return the decoders that may leave, with a mapping for each version in their order.

    Parameters
    ----------
    exported : sequence of dict
        As job_settings.exports returns them.
    """
    versions = []
    for item in exported:
        comparison: Comparison = item["comparison"]
        drawn = study.n_models(comparison.model, comparison.method) > 1
        versions.append(
            {
                "cell": comparison.row(),
                "folder": list(comparison.cell),
                "settings": ask(study, comparison.cell, f"{asked.DRAW}{item['draw']}"),
                "draw": item["draw"] if drawn else None,
            }
        )
    chosen = subset(study.config["export"], "force") | subset(study.config["gate"], "fail_on")
    return chosen | {"versions": versions} | subset(study.config["compute"], "threads")
