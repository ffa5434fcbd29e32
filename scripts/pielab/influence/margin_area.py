"""How far the label's logit stays below the best other one while models learn.

The authors' area under the margin is high for easy texts: here it is negative, so that the texts
with the smallest margins, often with wrong labels, count as the most influential.

Source: Pleiss et al. 2020, arXiv 2001.10528, equation 2.
"""

import numpy as np

from pielab.influence import Trace

WORDS = "negative area under the margin"
NEEDS = "epochs"


def of_model(trace: Trace, labels: np.ndarray) -> np.ndarray:
    """Return minus the mean margin over epochs, float64 (texts,); with several labels the least."""
    return -np.mean([_margin(logits.astype(np.float64), labels) for logits in trace.logits], axis=0)


def _margin(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    if labels.ndim == 2:
        return np.where(labels, logits, -logits).min(axis=1)
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    return logits[rows, labels] - others.max(axis=1)
