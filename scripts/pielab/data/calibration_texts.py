"""Read texts without labels, which compressors calibrate with."""

from pathlib import Path

import numpy as np
import pandas as pd

from pielab.data import table_files


def read_texts(path: str, column: str) -> pd.DataFrame:
    """Return the texts of a file in the columns of a split, all with the first class as label.

    Raises
    ------
    ValueError
        If there is no such file or column, or a text is missing.
    """
    where = "calibration.file"
    if not Path(path).is_file():
        raise ValueError(f"{where}: {path!r}: no such file")
    table = table_files.read_table(path)
    if column not in table:
        names = ", ".join(map(str, table.columns))
        raise ValueError(f"{path}: no column {column!r}; expected one of {names} (see column)")
    texts = table[column]
    is_text = texts.map(lambda text: isinstance(text, str) and bool(text.strip()))
    if not is_text.all():
        row = int(np.flatnonzero(~is_text)[0])
        raise ValueError(f"{path}: row {row + 1}: {texts.iloc[row]!r}; expected a text")
    columns = {"example_id": range(len(texts)), "text": texts, "text_pair": None, "label": 0}
    return pd.DataFrame(columns).reset_index(drop=True)
