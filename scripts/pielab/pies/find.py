"""Find PIEs: examples whose majority vote differs between baseline and compressed models."""

import numpy as np
import pandas as pd

from pielab.pies import votes
from pielab.pies.cell import Cell
from pielab.vocabulary import FLIPS, SIDES


def find_pies(cell: Cell) -> pd.DataFrame:
    """Return one row an example: votes, majority decisions, ties, PIE or not, and the flip.

    Returns
    -------
    DataFrame
        `example_id`, `label`, `baseline_label`, `compressed_label` (`labels` ... of several, as
        lists; a label is -1 where a tie excludes it), `baseline_votes`, `compressed_votes` (lists,
        by class), `baseline_margin` (votes.vote_margin), `baseline_tie`, `compressed_tie`, `pie`,
        and `flip`: positive, negative or both wrong of a PIE, else null.
        Of several labels also `positive_pairs` and `negative_pairs`, how many classes flipped.

    Source: Hooker et al. 2019, arXiv 1911.05248; multi-label: Tropeano et al. 2025.
    """
    choices, tied = zip(
        *(votes.majority(side.votes, cell.ties) for side in cell.sides), strict=True
    )
    changed = votes.differ(*choices)  # (labels, examples)
    right = [(_decisions(choice, cell) == cell.truth).all(axis=1) for choice in choices]
    pie = changed.any(axis=0)
    positive, negative = pie & right[1], pie & right[0]
    flip = np.select([positive, negative, pie], list(FLIPS), default="")
    columns = {"example_id": cell.ids} | _label_columns(cell, choices)
    for name, side in zip(SIDES, cell.sides, strict=True):
        columns[f"{name}_votes"] = list(side.decisions.sum(axis=0, dtype=np.int32))
    columns |= {
        "baseline_margin": votes.vote_margin(cell.baseline.votes),
        "baseline_tie": tied[0].any(axis=0),
        "compressed_tie": tied[1].any(axis=0),
        "pie": pie,
        "flip": pd.Series(flip, dtype="str").where(pie),
    }
    if cell.multi_label:
        truth = cell.truth.T
        columns["positive_pairs"] = (changed & (choices[1] == truth)).sum(axis=0)
        columns["negative_pairs"] = (changed & (choices[0] == truth)).sum(axis=0)
    return pd.DataFrame(columns)


def unit_harm(cell: Cell) -> np.ndarray:
    """Return how much less right each unit's compressed models are, float32 (examples, units).

    The share of its baseline's models that are right minus that of its compressed ones, -1 to 1; of
    several labels a model is right on a share of the classes.
    """
    right = []
    for side in cell.sides:
        same = side.decisions == cell.truth
        own = same.mean(axis=2) if cell.multi_label else (same & cell.truth).any(axis=2)
        right.append(cell.unit_means(own.astype(np.float32)))
    return (right[0] - right[1]).T


def pie_set(cell: Cell, ties: str) -> np.ndarray:
    """Return which examples are PIEs by a tie rule, whatever the cell's own, bool (examples,)."""
    choices = (votes.majority(side.votes, ties)[0] for side in cell.sides)
    return np.asarray(votes.differ(*choices).any(axis=0))


def count_pies(cell: Cell, ties: str) -> int:
    """Return the number of PIEs by a tie rule."""
    return int(pie_set(cell, ties).sum())


def _decisions(choice: np.ndarray, cell: Cell) -> np.ndarray:
    """Return the majority's decisions, bool (examples, classes); none where a tie is excluded."""
    if cell.multi_label:
        return choice.T == 1
    return choice[0][:, None] == np.arange(cell.truth.shape[1])


def _label_columns(cell: Cell, choices: tuple[np.ndarray, ...]) -> dict[str, object]:
    """Return the labels and the decisions of both majorities."""
    if not cell.multi_label:
        baseline, compressed = (choice[0].astype(np.int64) for choice in choices)
        return {"label": cell.labels, "baseline_label": baseline, "compressed_label": compressed}
    decided = [cell.truth, *(_decisions(choice, cell) for choice in choices)]
    names = ("labels", "baseline_labels", "compressed_labels")
    return {
        name: [np.flatnonzero(row) for row in rows]
        for name, rows in zip(names, decided, strict=True)
    }
