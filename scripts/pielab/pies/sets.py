"""Compare the PIE sets of cells of a dataset."""

import numpy as np
import pandas as pd


def persistence(pies: np.ndarray) -> pd.DataFrame:
    """Return how many examples are PIEs in so many cells.

    Parameters
    ----------
    pies : bool (cells, examples)

    Returns
    -------
    DataFrame
        `cells`, 0 to all; `examples`; `expected`, what it would be if the cells' PIEs were drawn
        independently of each other (a Poisson binomial distribution).
    """
    counts = np.bincount(pies.sum(axis=0), minlength=len(pies) + 1)
    chances = np.ones(1)
    for share in pies.mean(axis=1):
        chances = np.convolve(chances, [1 - share, share])
    cells = np.arange(len(pies) + 1)
    return pd.DataFrame({"cells": cells, "examples": counts, "expected": chances * pies.shape[1]})


def overlaps(pies: np.ndarray) -> np.ndarray:
    """Return the Jaccard overlap of each pair of PIE sets, float64 (cells, cells).

    Two empty sets are the same: 1.

    Parameters
    ----------
    pies : bool (cells, examples)
    """
    sets = pies.astype(np.float32)
    both = (sets @ sets.T).astype(np.float64)
    sizes = pies.sum(axis=1)
    either = sizes[:, None] + sizes - both
    return np.divide(both, either, out=np.ones(both.shape), where=either > 0)
