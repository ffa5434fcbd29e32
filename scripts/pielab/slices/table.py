"""Adjust the slices of all comparisons for their number, and choose the texts that show them.

Both by rules, and never by hand.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.pies.examples import in_words
from pielab.stats.distributions import normal_quantile, student_quantile
from pielab.stats.significance import false_discovery
from pielab.vocabulary import FDR, KEYS, SIDES

FAMILY = ["primary", "collapsed"]  # comparisons that are equal in these are adjusted together
WORST_FIRST = {"confirmed": False, "low": False, "excess": False}  # ascending or not
POWER = 0.8
MOST = 3  # texts of a slice that are shown
COLUMNS = [
    *KEYS,
    "slice",
    "example_id",
    "harm",
    "flip",
    "tier",
    "label",
    *(f"{side}_label" for side in SIDES),
    *(f"{side}_votes" for side in SIDES),
    "text",
    "text_pair",
]


def adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the slices of all comparisons with `q`, `confirmed` and `detectable`, worst first.

    q (Benjamini and Hochberg) is over the slices of all comparisons of a kind, the primary ones and
    the others, collapsed or not: the page draws one conclusion from all primary comparisons, and
    what is certain of collapsed models must not make the rest pass. `detectable` is the excess
    that would be confirmed with a probability of 80 % if no other slice were. Within a comparison
    the confirmed ones come first, then the highest `low`.

    Parameters
    ----------
    table : DataFrame
        From find_slices, with the columns of collapse.mark.
    """
    families = table.groupby(FAMILY, sort=False)["p"]
    q = families.transform(false_discovery)
    reach = student_quantile(1 - FDR / families.transform("size"), table["freedom"])
    described = table.assign(
        q=q,
        confirmed=(q <= FDR) & (table["low"] > 0),
        detectable=(reach + normal_quantile(POWER)) * table["error"],
        place=table.groupby(list(KEYS), sort=False).ngroup(),
    )
    order = {"place": True} | WORST_FIRST
    ranked = described.sort_values(list(order), ascending=list(order.values()), kind="stable")
    return ranked.drop(columns=["place", "error", "freedom"]).reset_index(drop=True)


def primary_slices(table: pd.DataFrame) -> pd.DataFrame:
    """Return the slices of the primary comparisons, of compressed models that work."""
    return table[table["primary"] & ~table["collapsed"] & table["is_compressed"]]


def worst(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the worst slices of the primary comparisons, of models that have not collapsed.

    Confirmed ones first, of these those that other models would have too, then the highest `low`.

    Parameters
    ----------
    table : DataFrame
        slices.csv.
    """
    primary, order = primary_slices(table), {"confirmed": False, "by_chance": True} | WORST_FIRST
    ranked = primary.assign(
        by_chance=primary["confirmed"] & (primary["p_replicates"] > FDR)
    ).sort_values(list(order), ascending=list(order.values()), kind="stable")
    return ranked.drop(columns="by_chance").head(most)


def most_hurt(inside: np.ndarray, harm: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Return the examples of a slice that are shown: negative flips first, then those hurt most.

    Among equals the first ones. Examples without harm are left out.

    Parameters
    ----------
    inside : bool (examples,)
    harm : float (examples,)
    negative : bool (examples,)
    """
    hurt = np.flatnonzero(inside & (harm > 0))
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
    shown = picked[["example_id", "flip", "tier"]].assign(**in_words(picked, classes))
    shown["harm"] = [float(np.mean(harms, dtype=np.float64)) for harms in picked["replicate_harm"]]
    for name in ("text", "text_pair"):
        shown[name] = texts[name].to_numpy()
    named = {name: row[name] for name in (*KEYS, "slice")}
    return pd.DataFrame([named]).merge(shown, how="cross")[COLUMNS]
