"""Medians of many rows at once: numpy's, to the same bits, without what it looks for besides."""

import numpy as np


def medians(values: np.ndarray) -> np.ndarray:
    """Return medians along the last axis, of one value or more that are no NaN.

    Parameters
    ----------
    values : float (..., values)
    """
    number = values.shape[-1]
    middle = sorted({(number - 1) // 2, number // 2})
    return np.partition(values, middle, axis=-1)[..., middle].mean(axis=-1)
