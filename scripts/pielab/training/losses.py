"""What objectives are made of: losses of single examples, in nats.

Logits are float (rows, classes); labels int64 (rows,), or with several labels uint8 (rows,
classes), of which each class is a decision of its own and the loss of an example their mean.
"""

import torch
from torch import Tensor
from torch.nn import functional


def cross_entropies(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropy of each decision: (rows,), with several labels (rows, classes)."""
    if labels.ndim == 2:
        return functional.binary_cross_entropy_with_logits(
            logits.float(), labels.float(), reduction="none"
        )
    return functional.cross_entropy(logits.float(), labels, reduction="none")


def divergences(logits: Tensor, teacher: Tensor, temperature: float, multi_label: bool) -> Tensor:
    """Return T^2 KL(teacher || model) of each decision, both softened by the temperature T.

    (rows,), with several labels (rows, classes). T^2 keeps the size of the gradient (Hinton et al.
    2015, arXiv 1503.02531, section 2).
    """
    student, softened = logits.float() / temperature, teacher.float() / temperature
    if multi_label:
        target = softened.sigmoid()
        entropy = functional.binary_cross_entropy_with_logits(softened, target, reduction="none")
        cross = functional.binary_cross_entropy_with_logits(student, target, reduction="none")
        return temperature**2 * (cross - entropy)
    log_own, log_other = student.log_softmax(dim=1), softened.log_softmax(dim=1)
    return temperature**2 * (log_other.exp() * (log_other - log_own)).sum(dim=1)


def are_right(logits: Tensor, labels: Tensor) -> Tensor:
    """Return which decisions are right, bool: (rows,), with several labels (rows, classes)."""
    if labels.ndim == 2:
        return (logits > 0) == labels.bool()
    return logits.argmax(dim=1) == labels


def probabilities_of_truth(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the probability of each right decision, (rows,) or (rows, classes)."""
    return torch.exp(-cross_entropies(logits, labels))
