"""Find PIEs, examples whose majority vote differs between baseline and compressed models, and count them."""

import numpy as np
import pandas as pd

from pielab.measures import Known, Measure
from pielab.pies import votes
from pielab.pies.cell import Cell
from pielab.pies.scores import model_scores
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
        With several labels also `positive_pairs` and `negative_pairs`, how many classes flipped.

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


def replicate_harm(cell: Cell) -> np.ndarray:
    """Return how much less right each replicate's compressed models are, float32 (examples, replicates).

    The share of its baseline's models that are right minus that of its compressed ones, -1 to 1; of
    several labels a model is right on a share of the classes.
    """
    right = []
    for side in cell.sides:
        same = side.decisions == cell.truth
        is_right = same.mean(axis=2) if cell.multi_label else (same & cell.truth).any(axis=2)
        right.append(cell.replicate_means(is_right.astype(np.float32)))
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


def count(known: Known) -> dict[str, float]:
    """Return a comparison's numbers of PIEs, ties and flips, and the scores on PIEs and on all."""
    cell, pie, examples = known.cell, known.pie, known.tables["examples"]
    flips = pd.Series(examples["flip"]).value_counts()
    all_scores, on_pies = (
        [
            model_scores(side.decisions[:, of], cell.truth[of], cell.multi_label).mean()
            for side in cell.sides
        ]
        for of in (slice(None), pie)
    )
    return {
        "seeds": cell.compressed.n_models,
        "examples": len(pie),
        "pies": int(pie.sum()),
        "pie_share": float(pie.mean()),
        "ties": int((examples["baseline_tie"] | examples["compressed_tie"]).sum()),
        **{f"score_{name}": score for name, score in zip(SIDES, all_scores, strict=True)},
        **{f"score_{name}_on_pies": score for name, score in zip(SIDES, on_pies, strict=True)},
        **{column: int(flips.get(flip, 0)) for flip, column in FLIPS.items()},
    }


MEASURES = [
    Measure(
        "examples",
        lambda known: find_pies(known.cell),
        """
        example_id | name | example, by its name or row number in the source
        label | number | true class, from 0; a dataset with several labels has the columns labels, baseline_labels and compressed_labels instead
        baseline_label | number | class that most models of the baseline predict; -1 if a tie leaves it out
        compressed_label | number | class that most compressed models predict; -1 if a tie leaves it out
        labels | number | list of the true classes, from 0
        baseline_labels | number | list of the classes that more than half of the models of the baseline predict
        compressed_labels | number | list of the classes that more than half of the compressed models predict
        baseline_votes | models | list: models of the baseline that predict each class
        compressed_votes | models | list: compressed models that predict each class
        baseline_margin | models | votes by which the baseline's first class leads the second; with several labels, votes for minus against the class where they are closest
        baseline_tie | yes/no | whether the votes of the baseline are tied
        compressed_tie | yes/no | whether the compressed models' votes are tied
        pie | yes/no | whether the example is a PIE
        flip | name | kind of a PIE: positive (baseline wrong, compressed right), negative (the reverse), both wrong; empty if it is none
        positive_pairs | number | with several labels: classes that compression sets right
        negative_pairs | number | with several labels: classes that compression sets wrong
        """,
    ),
    Measure(
        "examples",
        lambda known: {"replicate_harm": list(replicate_harm(known.cell))},
        """
        replicate_harm | number | list: of each seed (draw, or rerun) the share of the baseline's models that are right minus that of the compressed ones, -1 to 1; with several labels right on a share of the classes
        """,
    ),
    Measure(
        "pies",
        count,
        """
        seeds | models | models on each side, baseline and compressed: random seeds, times draws of calibration texts where a method reads some
        examples | count | examples that the row is about
        pies | count | of these, PIEs: the majority of the compressed models answers differently from that of the baseline
        pie_share | fraction | PIEs among the examples of the row
        ties | count | examples for which the votes of the baseline or of the compressed models are tied
        score_baseline | score | models of the baseline on all examples, mean over models
        score_compressed | score | compressed models on all examples, mean over models
        score_baseline_on_pies | score | models of the baseline on the cell's PIEs, mean over models; empty without PIEs
        score_compressed_on_pies | score | compressed models on the cell's PIEs, mean over models; empty without PIEs
        positive_flips | count | PIEs that the majority of the baseline gets wrong and that of the compressed models right
        negative_flips | count | PIEs that the majority of the baseline gets right and that of the compressed models wrong
        both_wrong | count | PIEs that both majorities get wrong, with different answers
        """,
    ),
]
