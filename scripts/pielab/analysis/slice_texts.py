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


def slice_texts(
    row: dict, pies: pd.DataFrame, frame: pd.DataFrame, classes: Sequence[str]
) -> pd.DataFrame:
    """Return the examples of a slice that are hurt most, bad flips of the majority first.

    Of equals the one with the smallest example_id. Examples without harm are left out.

    Parameters
    ----------
    row : dict
        The slice, a row of slices.csv.
    pies : DataFrame
        The slice's examples, from find.find_pies, with `unit_harm`.
    frame : DataFrame
        The test split, for its texts.
    """
    harm = np.array([np.mean(own, dtype=np.float64) for own in pies["unit_harm"]])
    ranked = pies.assign(harm=harm, bad=pies["flip"] == "bad").query("harm > 0")
    order = ranked.sort_values(["bad", "harm", "example_id"], ascending=[False, False, True])
    picked = order.head(MOST)
    suffix = "labels" if "labels" in picked else "label"
    shown = picked[["example_id", "harm", "flip", "tier"]].copy()
    for side in ("", *(f"{side}_" for side in SIDES)):
        shown[f"{side}label"] = label_names(picked[f"{side}{suffix}"], classes)
    for side in SIDES:
        shown[f"{side}_votes"] = vote_words(picked[f"{side}_votes"], classes)
    texts = frame[["example_id", "text", "text_pair"]]
    shown = shown.merge(texts, on="example_id", how="left")
    named = {name: row[name] for name in (*KEYS, "slice")}
    return pd.DataFrame([named]).merge(shown, how="cross")[COLUMNS]
