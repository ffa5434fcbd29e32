"""Map texts by how sure models are of their labels, and by how much that varies.

Counts in a grid stand for the texts, so that a map of any number of texts is small.

Source: Swayamdipta et al. 2020, arXiv 2009.10795, who map training texts over epochs.
"""

import numpy as np
import pandas as pd

STEP = 0.02  # of the grid, both ways
COLUMNS = ("over", "variability", "confidence", "texts", "pies")
EPOCHS, MODELS = "epochs", "models"  # what the mean and the deviation are over


def grid(
    confidence: np.ndarray, variability: np.ndarray, pie: np.ndarray, over: str
) -> pd.DataFrame:
    """Return how many texts and PIEs are in each cell of a grid, by its middle.

    Parameters
    ----------
    confidence, variability : float (texts,)
        Mean and standard deviation of the label's probability; texts where it is not known are
        left out.
    pie : bool (texts,)
    """
    known = np.isfinite(confidence) & np.isfinite(variability)
    places = {
        "variability": np.floor(np.clip(variability[known], 0, 0.5 - 1e-9) / STEP),
        "confidence": np.floor(np.clip(confidence[known], 0, 1 - 1e-9) / STEP),
    }
    table = pd.DataFrame({name: (place + 0.5) * STEP for name, place in places.items()})
    counted = table.round(4).assign(texts=1, pies=pie[known].astype(int))
    cells = counted.groupby(["variability", "confidence"], as_index=False).sum()
    return cells.assign(over=over)[list(COLUMNS)]
