"""Take how much a cell is compressed, as pies.csv describes it, into other tables."""

import pandas as pd

KEYS = ["method", "level"]
LEVELS = ("level_unit", "level_text", "is_compressed")  # columns of pies.csv that describe `level`


def with_levels(table: pd.DataFrame, pies: pd.DataFrame) -> pd.DataFrame:
    """Return a table of cells with the columns that describe their levels.

    Models that are compared with nothing, dense ones, are not in pies.csv and not compressed.
    """
    wanted = [name for name in LEVELS if name not in table]
    if not wanted or not set(KEYS) <= set(table):
        return table
    described = pies.drop_duplicates(KEYS)[[*KEYS, *wanted]]
    joined = table.merge(described, on=KEYS, how="left")
    if "is_compressed" in wanted:
        joined["is_compressed"] = joined["is_compressed"].eq(other=True)
    return joined
