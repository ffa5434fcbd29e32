"""Score each model of a comparison by the measures that papers report."""

from collections.abc import Sequence

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


def scores_per_seed(cells: Sequence[dict], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of scores.csv of all cells' models and of their baselines', one a seed.

    On the test split, with `generalisation_gap`: the mean loss on the training split minus that on
    the test split, in nats (NaN without a training split).

    Parameters
    ----------
    cells : sequence of dict
        The columns that name each cell; its baseline's models have level 0.
    tables : sequence of DataFrame
        From measures.describe, of both splits of each cell.
    """
    measured = list(columns_of("scores"))
    numbers = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    # All cells at once: pandas takes longer to start on a table than for its rows
    rows = pd.concat(tables, ignore_index=True).assign(cell=numbers)
    sides = []
    drawn = {"baseline": [], "compressed": ["draw"]}  # a baseline stands in the cell once a draw
    for side, draws in drawn.items():
        of_side = rows[rows["side"] == side]
        by_split = {split: of_side[of_side["split"] == split] for split in ("train", "test")}
        train, test = (
            of_split.drop_duplicates(["cell", "seed", *draws]) for of_split in by_split.values()
        )
        keys = ["cell", "seed", "draw"]
        before = test[keys].merge(train[[*keys, "loss"]], how="left")["loss"].to_numpy()
        sides.append(test.assign(generalisation_gap=before - test["loss"]))
    found = pd.concat(sides).sort_values("cell", kind="stable", ignore_index=True)
    names = pd.DataFrame([{name: cell[name] for name in MODELS} for cell in cells])
    dense = [{"method": cell["baseline"], "level": 0.0} for cell in cells]
    of_models = names.iloc[found["cell"]].reset_index(drop=True)
    of_baselines = names.assign(**pd.DataFrame(dense)).iloc[found["cell"]].reset_index(drop=True)
    of_models = of_models.where(found["side"] == "compressed", of_baselines)
    return of_models.join(found[["seed", "draw", *measured, "generalisation_gap"]])


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
