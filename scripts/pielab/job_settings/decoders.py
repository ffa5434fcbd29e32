"""The settings of the jobs that ask decoders."""

import json

from pielab.cells import CellKey, read_level
from pielab.job_settings.jobs import subset, train
from pielab.provenance import canonical
from pielab.study import Study


def ask(study: Study, cell: CellKey, draw: int) -> str:
    """Return how a decoder is compressed and what it is asked; `draw`: of calibration texts."""
    dataset = study.datasets[cell.dataset]
    settings = {
        "model": subset(study.models[cell.model], "architecture"),
        **subset(dataset, "tasks", "tasks_from", "limit", "num_fewshot", "batch_size"),
        **subset(study.config["compute"], "threads"),
    }
    if cell.method != "dense":
        method = json.loads(train(study, cell.dataset, cell.model, cell.method))["method"]
        settings |= {"method": method, "level": read_level(cell.level).number, "draw": draw}
    return canonical(settings)
