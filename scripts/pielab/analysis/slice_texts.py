"""Choose the texts that show a slice, by a rule and never by hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.pies.examples import label_names, vote_words
from pielab.vocabulary import KEYS, SIDES

MOST = 3
COLUMNS = [
    *(*KEYS, "slice", "example_id", "harm", "flip", "tier", "label"),
    *(f"{side}_label" for side in SIDES),
    *(f"{side}_votes" for side in SIDES),
    *("text", "text_pair"),
]


def most_hurt(members: np.ndarray, harm: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Return the examples of a slice that are shown: negative flips first, then those hurt most.

    Of equals the first ones. Examples without harm are left out.

    Parameters
    ----------
    members : bool (examples,)
    harm : float (examples,)
    negative : bool (examples,)
    """
    hurt = np.flatnonzero(members & (harm > 0))
    return hurt[np.lexsort((-np.round(harm[hurt], 6), ~negative[hurt]))][:MOST]


def slice_texts(
    row: dict, picked: pd.DataFrame, texts: pd.DataFrame, classes: Sequence[str]
) -> pd.DataFrame:
    """Return what is shown of a slice's examples.

    Parameters
    ----------
    row : dict
        The slice, a row of slices.csv.
    picked : DataFrame
        The examples, rows of the comparison's table in results/pies.
    texts : DataFrame
        The same rows of the test split.
    """
    suffix = "labels" if "labels" in picked else "label"
    shown = picked[["example_id", "flip", "tier"]].copy()
    shown["harm"] = [float(np.mean(own, dtype=np.float64)) for own in picked["unit_harm"]]
    for side in ("", *(f"{side}_" for side in SIDES)):
        shown[f"{side}label"] = label_names(picked[f"{side}{suffix}"], classes)
    for side in SIDES:
        shown[f"{side}_votes"] = vote_words(picked[f"{side}_votes"], classes)
    for name in ("text", "text_pair"):
        shown[name] = texts[name].to_numpy()
    named = {name: row[name] for name in (*KEYS, "slice")}
    return pd.DataFrame([named]).merge(shown, how="cross")[COLUMNS]
