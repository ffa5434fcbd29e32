"""Say how good each model of a cell is, by the measures that papers report."""

import numpy as np
import pandas as pd

from pielab.analysis.losses import losses_by_model
from pielab.pies.cell import Cell, Predictions
from pielab.pies.scores import score_table
from pielab.vocabulary import MODELS

MEASURES = ("micro_f1", "macro_precision", "macro_recall", "subset_accuracy", "loss")


def quality_table(cell: Cell, pies: pd.DataFrame) -> pd.DataFrame:
    """Return scores.score_table with more measures of each model on all examples.

    Returns
    -------
    DataFrame
        One row a (side, seed). `micro_f1`, of all decisions together; `macro_precision` and
        `macro_recall`, means over classes, 0 for a class without decisions or labels; `loss`, the
        mean cross-entropy in nats; `subset_accuracy`, the fraction of examples with all labels
        right.
    """
    table = score_table(cell, pies)
    more = [
        decision_measures(side, cell.truth)
        | {"loss": losses_by_model(side.logits, cell.labels).mean(axis=1)}
        for side in cell.sides
    ]
    return table.assign(**{name: np.concatenate([own[name] for own in more]) for name in MEASURES})


def decision_measures(predictions: Predictions, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Return each model's measures of its decisions, float64 (seeds,) each.

    Parameters
    ----------
    truth : bool (examples, classes)
    """
    decisions = predictions.decisions
    hits = (decisions & truth).sum(axis=1)  # (seeds, classes)
    decided, labelled = decisions.sum(axis=1), truth.sum(axis=0)
    total = (decided.sum(axis=1) + labelled.sum()).clip(1)
    return {
        "micro_f1": 2 * hits.sum(axis=1) / total,
        "macro_precision": (hits / decided.clip(1)).mean(axis=1),
        "macro_recall": (hits / labelled.clip(1)).mean(axis=1),
        "subset_accuracy": (decisions == truth).all(axis=2).mean(axis=1),
    }


def scores_per_seed(cell: dict, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of scores.csv of a cell's models and of its baseline's, one a seed.

    On the test split, with `generalisation_gap`: the mean loss on the training split minus that on
    the test split, in nats (NaN without a training split).

    Parameters
    ----------
    cell : dict
        The columns that name the cell; its baseline's models have level 0.
    table : DataFrame
        From quality_table, of both splits.
    """
    names = {name: cell[name] for name in MODELS}
    baseline = names | {"method": cell["baseline"], "level": 0.0}
    sides: list[pd.DataFrame] = []
    drawn = {"baseline": [], "compressed": ["draw"]}  # a baseline stands in the cell once a draw
    for side, named in (("baseline", baseline), ("compressed", names)):
        own = table[table["side"] == side].drop_duplicates(["split", "seed", *drawn[side]])
        by_split = own.set_index(["seed", "draw"]).groupby("split")
        test = by_split.get_group("test")
        gap = np.nan
        if "train" in by_split.groups:
            gap = by_split.get_group("train")["loss"] - test["loss"]
        own = test[["score", *MEASURES]].assign(**named, generalisation_gap=gap).reset_index()
        sides.append(own[[*MODELS, "seed", "draw", "score", *MEASURES, "generalisation_gap"]])
    return pd.concat(sides, ignore_index=True)
