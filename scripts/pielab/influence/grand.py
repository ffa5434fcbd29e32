"""The length of the loss's gradient by the last layer's weights, after the first epoch.

The gradient by a layer that is linear is the product of two vectors, the error of its outputs and
its inputs with a one for the bias, so that its length is the product of theirs.

Source: Paul et al. 2021, arXiv 2107.07075, definition 2.1, of the last layer alone.
"""

import numpy as np

from pielab.influence import Trace, errors

WORDS = "GraNd"
NEEDS = "norms"


def of_model(trace: Trace, labels: np.ndarray) -> np.ndarray:
    """Return the gradient's L2 norm, float64 (texts,)."""
    assert trace.norms is not None
    inputs = np.sqrt(np.square(trace.norms, dtype=np.float64) + 1)
    return np.linalg.norm(errors(trace.logits[0], labels), axis=1) * inputs
