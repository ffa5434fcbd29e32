"""What training after pruning makes small: a module an objective, taken by its name.

Each has `prepare(job)`, which returns a loss of a batch, and may say of itself in constants what
pielab.objectives.Objective holds: whom it imitates, `TEACHER`, and its own keys, `OPTIONS`. A
job's digest of code counts its own objective only.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from torch import Tensor

from pielab import files
from pielab.objectives import OWN, module_of
from pielab.training import batches, loop


class Job(NamedTuple):
    """What an objective is prepared from.

    `options`: the keys of the config's objective. `examples`: the training split. `teacher`:
    logits of the teacher for each of them, float32 (examples, classes), None without a teacher.
    `scores`: the file of their scores, None where an objective reads none.
    """

    options: Mapping
    examples: batches.Encoded
    teacher: Tensor | None = None
    scores: str | None = None


def objective_module(name: str) -> ModuleType:
    """Return the module of an objective."""
    return import_module(f"{__name__}.{module_of(name)}")


def prepare(
    options: Mapping, run: loop.Run, teachers: Sequence[str], scores: str | None = None
) -> loop.Loss:
    """Return the loss by which a model of `run` is trained.

    Parameters
    ----------
    options : mapping
        The objective of the config: its `name` and keys.
    teachers : paths
        Logits of dense models on the training split.
    scores : path
        Scores of the training texts.
    """
    teacher = None
    if options.get("teacher"):
        seeds = [run.seed] if options["teacher"] == OWN else None
        teacher = mean_logits(teachers, run.encoded.digest, seeds)
        teacher = teacher.to(run.encoded.offsets.device)
    return objective_module(options["name"]).prepare(Job(options, run.encoded, teacher, scores))


def mean_logits(paths: Sequence[str], examples: str, seeds: Sequence[int] | None = None) -> Tensor:
    """Return the mean logits of the models of `seeds`, or of all, float32 (examples, classes).

    Parameters
    ----------
    paths : paths
        Files of logits (seeds, examples, classes) and `seeds`.
    examples : str
        The digest of the examples that they must be for.

    Raises
    ------
    ValueError
        If a file is for other examples, or a seed is in none.
    """
    total, found = None, []
    for path in paths:
        with files.open_arrays(path, "pt") as file:
            if file.metadata().get("examples", "") != examples:
                raise ValueError(f"{path}: predictions for other examples; expected {examples}")
            for row, seed in enumerate(file.get_tensor("seeds").tolist()):
                if seeds is None or seed in seeds:
                    logits = file.get_slice("logits")[row].double()
                    total = logits if total is None else total + logits
                    found.append(seed)
    if total is None or (seeds is not None and sorted(found) != sorted(seeds)):
        raise ValueError(f"{', '.join(paths) or 'no file'}: seeds {found}; expected {seeds}")
    return (total / len(found)).float()
