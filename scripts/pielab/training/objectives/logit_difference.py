"""Logit difference inhibition: stay near the logits of an ensemble (ELODI, Zhao et al. 2022).

Source: arXiv 2205.06265. Only differences of the classes that the ensemble ranks highest count,
and only what exceeds a margin.
"""

import torch
from torch import Tensor

from pielab.training import loop
from pielab.training.objectives import Job

TEACHER = "ensemble"
OPTIONS = {
    "top": {
        "description": "a number of classes, 1 to 1,000, the teacher's highest, whose logits are "
        "compared (several labels: all classes are)",
        "type": "integer",
        "minimum": 1,
        "maximum": 1000,
        "default": 10,
    },
    "margin": {
        "description": "a difference of logits, 0 to 1,000, that costs nothing",
        "type": "number",
        "minimum": 0,
        "maximum": 1000,
        "default": 0,
    },
    "weight": {
        "description": "a fraction, 0 to 1, that imitation counts; cross-entropy counts the rest",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.5,
    },
}


def prepare(job: Job) -> loop.Loss:
    """Return (1 - w) cross-entropy + w mean of max(0, abs(logit - teacher's) - margin)^2."""
    assert job.teacher is not None
    top, margin, weight = (job.options[key] for key in ("top", "margin", "weight"))
    teacher = job.teacher

    def loss(logits: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        of_model, of_teacher = logits.float(), teacher[rows]
        if labels.ndim == 1 and top < of_teacher.shape[1]:
            classes = of_teacher.topk(top, dim=1).indices
            of_model, of_teacher = of_model.gather(1, classes), of_teacher.gather(1, classes)
        beyond = torch.relu((of_model - of_teacher).abs() - margin)
        cross_entropy = loop.cross_entropy(logits, labels, rows)
        return (1 - weight) * cross_entropy + weight * beyond.square().mean()

    return loss
