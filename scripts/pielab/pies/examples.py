"""Choose the PIEs that are shown as examples, by a rule and never by hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.vocabulary import FLIPS, SIDES


def strongest_flips(pies: pd.DataFrame, n_seeds: int, most: int) -> pd.DataFrame:
    """Return the PIEs of each kind of flip whose votes changed most, with `vote_change`.

    The change is the sum over classes of the absolute differences of the votes, baseline against
    compressed, as a fraction of the models, halved for one label an example: 1 if all models left
    the class that all had chosen. Equals come in the order of their example_id.

    Parameters
    ----------
    pies : DataFrame
        From find.find_pies.
    n_seeds : int
        Models on each side.
    most : int
        Examples of each kind.
    """
    votes = [np.stack(pies[f"{side}_votes"]).astype(np.int64) for side in SIDES]
    change = np.abs(votes[0] - votes[1]).sum(axis=1) / n_seeds
    ranked = pies.assign(vote_change=change / (1 if "labels" in pies else 2))
    ranked = ranked.sort_values(["vote_change", "example_id"], ascending=[False, True])
    return pd.concat([ranked[ranked["flip"] == flip].head(most) for flip in FLIPS])


def label_names(labels: pd.Series, names: Sequence[str]) -> list[str]:
    """Return labels as class names: several joined by "|", nothing for a label of -1."""
    listed = (np.atleast_1d(label).tolist() for label in labels)
    return ["|".join(names[index] for index in label if index >= 0) for label in listed]
