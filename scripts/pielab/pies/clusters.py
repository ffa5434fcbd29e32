"""Which examples of a split share what a dataset is clustered by."""

import numpy as np
import pandas as pd

COLUMN = "cluster"  # of examples, null for those that have no such field


def codes(named: pd.Series) -> np.ndarray | None:
    """Return the number of each example's cluster, int (examples,), None where none are named.

    An example without the fields of a cluster is one by itself.
    """
    if named.isna().all():
        return None
    found, known = pd.factorize(named)
    alone = found < 0
    return np.where(alone, len(known) + np.cumsum(alone) - 1, found)


def of_examples(frame: pd.DataFrame) -> np.ndarray | None:
    """Return the codes of a split's examples, None of a dataset that is not clustered."""
    return codes(frame[COLUMN]) if COLUMN in frame else None
