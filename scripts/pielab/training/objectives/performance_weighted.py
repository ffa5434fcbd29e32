"""Weigh an example by how badly the dense model did on it (Meyer and Wong 2022).

Source: arXiv 2211.10285 and its code: weights are least + (1 - least) (1 - p)^exponent, p the
teacher's probability of the truth; the targets are the teacher's probabilities where it is right,
and the labels where it is wrong (corrected soft labels).
"""

import torch
from torch import Tensor
from torch.nn import functional

from pielab.training import loop, losses
from pielab.training.objectives import Job

TEACHER = "own"
OPTIONS = {
    "least": {
        "description": "the smallest weight, 0 to 1, that of an example of which the teacher is "
        "sure and right",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.75,
    },
    "exponent": {
        "description": "a number, 0 to 100, the power to which the teacher's error is raised",
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "default": 5,
    },
    "soft_labels": {
        "description": "true to learn the teacher's probabilities where it is right; false to "
        "learn the labels",
        "type": "boolean",
        "default": True,
    },
}


def prepare(job: Job) -> loop.Loss:
    """Return the weighted mean of cross-entropies with the corrected targets, in nats."""
    assert job.teacher is not None
    least, exponent = job.options["least"], job.options["exponent"]
    soft, teacher = job.options["soft_labels"], job.teacher

    def loss(logits: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        of_teacher = teacher[rows]
        error = 1 - losses.probabilities_of_truth(of_teacher, labels)
        weights = least + (1 - least) * error.clamp(min=0) ** exponent
        if not soft:
            return (weights * losses.cross_entropies(logits, labels)).mean()
        right = losses.are_right(of_teacher, labels)
        if labels.ndim == 2:
            targets = torch.where(right, of_teacher.sigmoid(), labels.float())
            entropies = functional.binary_cross_entropy_with_logits(
                logits.float(), targets, reduction="none"
            )
        else:
            truth = functional.one_hot(labels, of_teacher.shape[1]).float()
            targets = torch.where(right[:, None], of_teacher.softmax(dim=1), truth)
            entropies = -(targets * logits.float().log_softmax(dim=1)).sum(dim=1)
        return (weights * entropies).mean()

    return loss
