"""The cross-entropy of the labels, as dense models are trained."""

from pielab.training import loop
from pielab.training.objectives import Job


def prepare(job: Job) -> loop.Loss:
    """Return the mean cross-entropy, or binary cross-entropy with several labels, in nats."""
    return loop.cross_entropy
