"""Take marks, levels and q into tables of cells, and say which have more PIEs than seeds make."""

from collections.abc import Mapping

import pandas as pd

from pielab.stats.significance import false_discovery
from pielab.vocabulary import FDR, KEYS

LEVEL_KEYS = ["method", "level"]
LEVELS = ("level_unit", "level_text", "is_compressed")  # columns of pies.csv that describe `level`


def with_levels(table: pd.DataFrame, pies: pd.DataFrame) -> pd.DataFrame:
    """Return a table of cells with the columns that describe their levels.

    Models that are compared with nothing, dense ones, are not in pies.csv and not compressed.
    """
    wanted = [name for name in LEVELS if name not in table]
    if not wanted or not set(LEVEL_KEYS) <= set(table):
        return table
    described = pies.drop_duplicates(LEVEL_KEYS)[[*LEVEL_KEYS, *wanted]]
    joined = table.merge(described, on=LEVEL_KEYS, how="left")
    if "is_compressed" in wanted:
        joined["is_compressed"] = joined["is_compressed"].eq(other=True)
    return joined


def rows_of(table: pd.DataFrame, cell: Mapping) -> pd.DataFrame:
    """Return the rows of a comparison, which the columns of KEYS name."""
    return table[(table[list(KEYS)] == [cell[name] for name in KEYS]).all(axis=1)]


def mark(table: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return a table of cells with its marks after the columns that name the cell.

    Parameters
    ----------
    cells : DataFrame
        pies.csv; the test split says what has collapsed.
    """
    marks, keys = ["is_compressed", "primary", "collapsed"], list(KEYS)
    tested = cells.loc[cells["split"] == "test", [*keys, *marks]]
    marked = table.merge(tested, on=keys, how="left", validate="many_to_one")
    rest = [name for name in table if name not in keys]
    return marked[[*keys, *marks, *rest]]


def exceeds_noise_floor(cells: pd.DataFrame) -> pd.Series:
    """Return whether the excess of each row of pies.csv is above 0, bool (cells,).

    It takes both the permutation test over seeds, which controls the error rate over cells, and
    the excess's interval. The test alone shows that the sides differ: compressed models that vary
    less than the baseline's may differ and yet make fewer PIEs than halves of the baseline.
    """
    return (cells["q"] <= FDR) & (cells["excess_low"] > 0)


def adjust_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the table of cells with `q` after `p`: adjusted for all cells of a split at once."""
    q = cells.groupby("split")["p"].transform(false_discovery)
    cells = cells.copy()
    cells.insert(list(cells).index("p") + 1, "q", q)
    return cells
