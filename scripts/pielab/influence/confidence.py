"""How unsure models are of a text's label while they learn: the data map's axis from hard to easy.

Source: Swayamdipta et al. 2020, arXiv 2009.10795; its mean confidence, taken from one.
"""

import numpy as np

from pielab.influence import Trace, of_truth

WORDS = "1 - mean confidence"
NEEDS = "epochs"


def of_model(trace: Trace, labels: np.ndarray) -> np.ndarray:
    """Return 1 minus the mean probability of the truth over epochs, float64 (texts,)."""
    return 1 - np.mean([of_truth(logits, labels) for logits in trace.logits], axis=0)
