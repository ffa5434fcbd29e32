"""Say how good each model of a comparison is, by the measures that papers report."""

import numpy as np
import pandas as pd

from pielab.analysis.losses import losses_by_model
from pielab.measures import Measure, columns_of
from pielab.pies.cell import Cell
from pielab.pies.scores import decision_measures, model_scores
from pielab.vocabulary import MODELS


def quality(cell: Cell) -> dict[str, np.ndarray]:
    """Return the measures of each model on all examples, (models,), the baseline's first."""
    sides = [
        {"score": model_scores(side.decisions, cell.truth, cell.multi_label)}
        | decision_measures(side.decisions, cell.truth)
        for side in cell.sides
    ]
    return {name: np.concatenate([side[name] for side in sides]) for name in sides[0]}


def losses(cell: Cell) -> np.ndarray:
    """Return each model's mean cross-entropy in nats, (models,), the baseline's first."""
    sides = [losses_by_model(side.logits, cell.labels).mean(axis=1) for side in cell.sides]
    return np.concatenate(sides)


def scores_per_seed(cell: dict, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of scores.csv of a cell's models and of its baseline's, one a seed.

    On the test split, with `generalisation_gap`: the mean loss on the training split minus that on
    the test split, in nats (NaN without a training split).

    Parameters
    ----------
    cell : dict
        The columns that name the cell; its baseline's models have level 0.
    table : DataFrame
        From measures.describe, of both splits.
    """
    names, measured = {name: cell[name] for name in MODELS}, list(columns_of("scores"))
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
        own = test[measured].assign(**named, generalisation_gap=gap).reset_index()
        sides.append(own[[*MODELS, "seed", "draw", *measured, "generalisation_gap"]])
    return pd.concat(sides, ignore_index=True)


MEASURES = [
    Measure(
        "scores",
        lambda known: quality(known.cell),
        """
        score | score | score of the model on the test split
        micro_f1 | fraction | F1 of all decisions together; with one label an example the accuracy
        macro_precision | fraction | mean over classes of the share of its decisions that are right; 0 for a class without any
        macro_recall | fraction | mean over classes of the share of its examples that are found; 0 for a class without any
        subset_accuracy | fraction | examples with all labels right
        """,
    ),
    Measure(
        "scores",
        lambda known: {"loss": losses(known.cell)},
        "loss | nats | mean cross-entropy | needs scores",
    ),
]
