"""How much the probability of a text's label varies while models learn: the data map's other axis.

Source: Swayamdipta et al. 2020, arXiv 2009.10795.
"""

import numpy as np

from pielab.influence import Trace, of_truth

WORDS = "variability"
NEEDS = "epochs"


def of_model(trace: Trace, labels: np.ndarray) -> np.ndarray:
    """Return the standard deviation over epochs of the truth's probability, float64 (texts,)."""
    return np.std([of_truth(logits, labels) for logits in trace.logits], axis=0)
