"""The length of the error vector after the first epoch.

Source: Paul et al. 2021, arXiv 2107.07075, definition 2.2; Tropeano et al. 2025.
"""

import numpy as np

from pielab.influence import Trace, errors

WORDS = "EL2N"


def of_model(trace: Trace, labels: np.ndarray) -> np.ndarray:
    """Return the L2 norm of probabilities minus the truth, float64 (texts,)."""
    return np.linalg.norm(errors(trace.logits[0], labels), axis=1)
