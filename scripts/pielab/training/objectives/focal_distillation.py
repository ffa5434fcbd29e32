"""Focal distillation: imitate above all where the teacher is right (Yan et al. 2021).

Source: arXiv 2011.09161, equations 3 to 6: the cross-entropy plus the divergence from the old
model, times alpha, and times alpha + beta where the old model is right.
"""

from torch import Tensor

from pielab.training import loop, losses
from pielab.training.objectives import Job

TEACHER = "own"
OPTIONS = {
    "alpha": {
        "description": "a number, 0 to 1,000, that imitation counts on every example",
        "type": "number",
        "minimum": 0,
        "maximum": 1000,
        "default": 1,
    },
    "beta": {
        "description": "a number, 0 to 1,000, that imitation counts on top where the teacher is "
        "right",
        "type": "number",
        "minimum": 0,
        "maximum": 1000,
        "default": 5,
    },
    "temperature": {
        "description": "a number over 0, at most 1,000, by which logits are divided before they "
        "are compared",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1000,
        "default": 2,
    },
}


def prepare(job: Job) -> loop.Loss:
    """Return cross-entropy + mean of (alpha + beta [teacher is right]) T^2 KL(teacher || model)."""
    assert job.teacher is not None
    alpha, beta, temperature = (job.options[key] for key in ("alpha", "beta", "temperature"))
    teacher = job.teacher

    def loss(logits: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        of_teacher = teacher[rows]
        imitated = losses.divergences(logits, of_teacher, temperature, labels.ndim == 2)
        focus = alpha + beta * losses.are_right(of_teacher, labels).float()
        return loop.cross_entropy(logits, labels, rows) + (focus * imitated).mean()

    return loss
