"""Distillation: imitate a teacher's probabilities (Hinton et al. 2015, arXiv 1503.02531)."""

from torch import Tensor

from pielab.training import loop, losses
from pielab.training.objectives import Job

TEACHER = "own"
OPTIONS = {
    "temperature": {
        "description": "a number over 0, at most 1,000, by which logits are divided before they "
        "are compared",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1000,
        "default": 2,
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
    """Return (1 - w) cross-entropy + w T^2 KL(teacher || model), the mean over a batch."""
    assert job.teacher is not None
    weight, temperature, teacher = job.options["weight"], job.options["temperature"], job.teacher

    def loss(logits: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        imitated = losses.divergences(logits, teacher[rows], temperature, labels.ndim == 2)
        return (1 - weight) * loop.cross_entropy(logits, labels, rows) + weight * imitated.mean()

    return loss
