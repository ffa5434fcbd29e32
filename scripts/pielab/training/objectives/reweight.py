"""Cross-entropy in which some examples count more than others."""

import torch
from torch import Tensor

from pielab.training import loop, losses, text_scores
from pielab.training.objectives import Job

OPTIONS = {
    "by": {
        "description": "class (rare classes count more), el2n, pie-probability, length or "
        "readability (Gunning's fog index) - what an example counts in proportion to",
        "enum": ["class", "el2n", "pie-probability", "length", "readability"],
    },
    "weight": {
        "description": "a fraction, 0 to 1, of an example's weight that is in proportion to its "
        "score; the rest is the same for all",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 1,
    },
}


def prepare(job: Job) -> loop.Loss:
    """Return the mean of weighted cross-entropies; the weights of all examples have a mean of 1."""
    by, examples = job.options["by"], job.examples
    if by == "class" and examples.multi_label:
        scores = text_scores.decision_weights(examples.labels.cpu())
    else:
        scores = text_scores.scores_of(by, examples, job.scores)
    weight = job.options["weight"]
    weights = ((1 - weight) + weight * scores / scores.mean()).float()
    weights = weights.to(examples.offsets.device)

    def loss(logits: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        entropies, weight = losses.cross_entropies(logits, labels), weights[rows]
        return torch.mean(
            entropies * (weight if weight.ndim == entropies.ndim else weight[:, None])
        )

    return loss
