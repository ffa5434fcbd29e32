"""Which cells have more PIEs than seeds alone make."""

import pandas as pd

from pielab.vocabulary import FDR


def surely_above_seeds(cells: pd.DataFrame) -> pd.Series:
    """Return of each row of pies.csv, bool (cells,), whether its excess is surely above 0.

    Both must say so, the permutation test over seeds, which holds the error rate over cells, and
    the excess's interval. The test alone says that the sides differ: compressed models that vary
    less than the baseline's may do so and yet make fewer PIEs than halves of the baseline.
    """
    return (cells["q"] <= FDR) & (cells["excess_low"] > 0)
