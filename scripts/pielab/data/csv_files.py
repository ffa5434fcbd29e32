"""Read csv files of other people, and refuse those with other delimiters or rows cut short."""

import csv
from collections.abc import Sequence

import pandas as pd

MOST_COLUMNS = 20_000  # of a table; for more, pandas takes minutes and gigabytes
DELIMITERS = (";", "\t", "|")  # of csv files that have no commas


def read_csv(path: str) -> pd.DataFrame:
    """Return a csv file with every cell as it is written.

    Raises
    ------
    ValueError
        If its delimiter is no comma, or a row ends early.
    """
    _check_delimiter(path)
    # With the header as a row of its own pandas neither renames columns that occur twice nor
    # takes the first one as an index where rows have a field too many
    rows = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, encoding="utf-8")
    _check_lengths(path, rows.iloc[0].tolist())
    return rows.iloc[1:].set_axis(rows.iloc[0], axis="columns")


def _check_delimiter(path: str) -> None:
    """Refuse a csv file whose header has a single field that another delimiter would divide."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        header = next((row for row in csv.reader(file) if row), [])
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"{len(header):,} columns; expected at most {MOST_COLUMNS:,}")
    if header and header[0].lower().startswith("sep=") and len(header) <= 2:
        raise ValueError(
            f"its first line is {','.join(header)!r}, which Excel alone reads; expected the names "
            "of the columns there, with commas between"
        )
    if advice := delimiter_advice(header) if len(header) == 1 else "":
        raise ValueError(f"its header is {header[0][:80]!r}{advice}")


def delimiter_advice(names: Sequence[object]) -> str:
    """Return what to do about columns whose names seem to hold another delimiter, "" if none do."""
    for candidate in DELIMITERS:
        if any(str(name).strip(candidate) and candidate in str(name).strip() for name in names):
            return (
                f"; its delimiter seems to be {candidate!r}, expected ',': pandas.read_csv(PATH, "
                f"sep={candidate!r}).to_csv(PATH, index=False) rewrites it (with decimal=',' if "
                "its decimals have commas)"
            )
    return ""


def _check_lengths(path: str, header: list[str]) -> None:
    """Refuse a csv file with rows that end early, which pandas fills with empty texts."""
    csv.field_size_limit(2**31 - 1)
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            if 0 < len(row) < len(header):
                raise ValueError(
                    f"row {number - 1} (from 0): it ends before the column {header[len(row)]!r}; "
                    "expected as many fields as in the header: is the file whole?"
                )
