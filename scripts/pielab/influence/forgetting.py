"""How often a text that was learned is forgotten, from one epoch to the next.

A text that is never learned counts as forgotten once more than there are epochs, as its authors
rank it: above all that are learned.

Source: Toneva et al. 2019, arXiv 1812.05159.
"""

import numpy as np

from pielab.influence import Trace, is_right

WORDS = "forgetting events"
NEEDS = "epochs"


def of_model(trace: Trace, labels: np.ndarray) -> np.ndarray:
    """Return the number of forgetting events, float64 (texts,)."""
    right = np.stack([is_right(logits, labels) for logits in trace.logits])
    events = (right[:-1] & ~right[1:]).sum(axis=0).astype(np.float64)
    return np.where(right.any(axis=0), events, len(right) + 1)
