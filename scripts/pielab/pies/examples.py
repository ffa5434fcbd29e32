"""Choose the PIEs that are shown as examples, by a rule and never by hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.csv_tables import join_names
from pielab.vocabulary import FLIPS, SIDES


def shown_flips(pies: pd.DataFrame, n_models: int, most: int, most_sure: int) -> pd.DataFrame:
    """Return the PIEs that strongest_flips picks, and those that changed most clearly.

    With `vote_change`, and `surest`, the place of the latter from 1; the others have none.
    """
    changed = pies.assign(vote_change=vote_change(pies, n_models))
    places = surest_first(changed)
    places = places[places <= most_sure]
    picked = strongest_flips(changed, most)
    rest = changed.loc[places.index.difference(picked.index, sort=False)]
    return pd.concat([picked, rest]).join(places.astype("Int64"))


def vote_change(pies: pd.DataFrame, n_models: int) -> np.ndarray:
    """Return how far the votes of each example changed, float64 (examples,).

    That is the sum over classes of the absolute differences of the votes, baseline against
    compressed, as a fraction of the models, halved for one label an example: 1 if all models left
    the class that all had chosen.

    Parameters
    ----------
    pies : DataFrame
        From find.find_pies.
    n_models : int
        Models on each side.
    """
    votes = [np.stack(pies[f"{side}_votes"]).astype(np.int64) for side in SIDES]
    change = np.abs(votes[0] - votes[1]).sum(axis=1) / n_models
    return change / (1 if "labels" in pies else 2)


def strongest_flips(pies: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the PIEs of each kind of flip whose `vote_change` is greatest, `most` of each.

    Equals come in the order of their example_id.
    """
    ranked = pies.sort_values(["vote_change", "example_id"], ascending=[False, True])
    return pd.concat([ranked[ranked["flip"] == flip].head(most) for flip in FLIPS])


def surest_first(pies: pd.DataFrame) -> pd.Series:
    """Return the place of each PIE among those that changed most clearly, from 1, by its row.

    The smallest q first, among equals the greatest `vote_change`, then the smallest example_id.
    """
    order = ["q", "vote_change", "example_id"]
    ranked = pies[pies["flip"].notna()].sort_values(order, ascending=[True, False, True])
    return pd.Series(range(1, len(ranked) + 1), index=ranked.index, name="surest")


def in_words(pies: pd.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the labels of examples, and the label and votes of each side, in words by column."""
    kind = "labels" if "labels" in pies else "label"
    labels = {
        f"{side}label": label_names(pies[f"{side}{kind}"], names)
        for side in ("", *(f"{side}_" for side in SIDES))
    }
    votes = {f"{side}_votes": vote_words(pies[f"{side}_votes"], names) for side in SIDES}
    return labels | votes


def vote_words(votes: pd.Series, names: Sequence[str]) -> list[str]:
    """Return votes by class as words, the most first, by join_names, without classes of no vote."""
    listed = []
    for row in votes:
        order = np.argsort(-np.asarray(row), kind="stable")
        listed.append(join_names(f"{names[index]} {row[index]}" for index in order if row[index]))
    return listed


def label_names(labels: pd.Series, names: Sequence[str]) -> list[str]:
    """Return labels as class names: several joined by join_names, nothing for a label of -1."""
    listed = (np.atleast_1d(label).tolist() for label in labels)
    return [join_names(names[index] for index in label if index >= 0) for label in listed]
