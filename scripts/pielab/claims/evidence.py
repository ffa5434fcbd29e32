"""Gather what is known of a dataset and model from the tables of its cells."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pielab import files
from pielab.analysis import classes
from pielab.analysis.cell_tables import exceeds_noise_floor
from pielab.pies.clusters import of_examples
from pielab.vocabulary import KEYS, SIDES


class Evidence(NamedTuple):
    """What is known of a dataset and model; the rows of `pie` and the like are pruned cells."""

    family: str  # of its architecture, recurrent or attention
    n_seeds: int
    cells: pd.DataFrame  # method, level, baseline, primary
    collapsed: np.ndarray  # bool (cells,)
    pie: np.ndarray  # 0 to 1 (cells, examples), test split
    pie_without: np.ndarray  # uint8 (cells, examples, seeds): twice the same without each seed
    score_drop: np.ndarray  # float (cells, examples): score of dense - score of pruned
    class_frequency: np.ndarray  # (examples,): training examples of the class
    tokens: np.ndarray  # (examples,)
    difficulty: np.ndarray  # (examples,)
    margin: np.ndarray  # int (cells, examples): votes by which the baseline's modal label leads
    exceed_floor: np.ndarray  # bool (cells,): by the permutation test
    probability: np.ndarray  # float (cells, examples): of being a PIE, from the log odds
    train_pie: np.ndarray  # 0 to 1 (cells, training examples)
    train_pie_without: np.ndarray  # uint8 (cells, training examples, seeds)
    train_probability: np.ndarray  # float (cells, training examples)
    influence: np.ndarray | None  # (training examples,), by the first measure; None if unknown
    train_margin: np.ndarray  # int (cells, training examples)
    clusters: np.ndarray | None = None  # int (examples,), from 0: which share something

    def without(self, seed: int) -> "Evidence":
        """Return the evidence with the PIEs that are found if a seed is left out."""
        test, train = (x[:, :, seed] / 2 for x in (self.pie_without, self.train_pie_without))
        return self._replace(pie=test, train_pie=train)

    def by_probability(self) -> "Evidence":
        """Return the evidence with each example a PIE by its probability."""
        return self._replace(pie=self.probability, train_pie=self.train_probability)

    def working(self) -> "Evidence":
        """Return the evidence of the cells that have not collapsed."""
        return self._of_cells(~self.collapsed)

    def compared(self, comparison: str) -> "Evidence":
        """Return the evidence of `primary` comparisons, or of those with `dense` models."""
        primary, dense = self.cells["primary"], self.cells["baseline"] == "dense"
        return self._of_cells((primary if comparison == "primary" else dense).to_numpy())

    def by_baseline(self) -> list[np.ndarray]:
        """Return the rows of the cells that share a baseline, and so its vote margins."""
        return [rows.to_numpy() for _, rows in self.cells.groupby("baseline").groups.items()]

    def _of_cells(self, kept: np.ndarray) -> "Evidence":
        by_cell = {name: getattr(self, name)[kept] for name in BY_CELL}
        return self._replace(cells=self.cells[kept].reset_index(drop=True), **by_cell)


COLUMNS = ["pie", "baseline_margin", "pie_probability"]
BY_CELL = (
    "collapsed",
    "pie",
    "pie_without",
    "score_drop",
    "exceed_floor",
    "margin",
    "train_pie",
    "train_pie_without",
    "train_margin",
    "probability",
    "train_probability",
)


def read_evidence(
    pair: dict, files_of_pair: dict[str, Any], pie_files: dict[str, list[str]], cells: pd.DataFrame
) -> Evidence:
    """Return the evidence in the files of a dataset and model.

    Parameters
    ----------
    pair : dict
        `dataset`, `model`, `family`, `seeds`, `measures` (of influence) and `cells`
        (method, level, baseline and primary each).
    files_of_pair : dict
        `card`, `complexity` (test split) and `influence`, None of models trained elsewhere; of a
        dataset with clusters `frame`, the test split.
    pie_files : dict
        For each split its PIEs, a file a cell.
    cells : DataFrame
        pies.csv.
    """
    card = files.read_json(files_of_pair["card"])
    measures = pd.read_parquet(files_of_pair["complexity"])
    pies = [pd.read_parquet(path) for path in pie_files["test"]]
    truth = classes.truth_array(pies[0], len(card["classes"]))
    counts = [card["counts"]["train"]["classes"][name] for name in card["classes"]]
    rows = _rows_of(pair, cells)
    frame = files_of_pair.get("frame")
    return Evidence(
        pair["family"],
        pair["seeds"],
        pd.DataFrame(pair["cells"]),
        collapsed=rows["collapsed"].to_numpy(dtype=bool),
        pie=np.stack([table["pie"] for table in pies]),
        pie_without=np.stack([np.stack(list(table["pie_without"])) for table in pies]),
        score_drop=np.stack([_score_drop(table, truth, pair["seeds"]) for table in pies]),
        class_frequency=rarest_frequency(truth, np.array(counts)),
        tokens=measures["tokens"].to_numpy(dtype=np.float64),
        difficulty=-measures["flesch_reading_ease"].to_numpy(dtype=np.float64),
        margin=np.stack([table["baseline_margin"].astype(np.int16) for table in pies]),
        probability=np.stack([table["pie_probability"] for table in pies]),
        exceed_floor=exceeds_noise_floor(rows).to_numpy(),
        **_read_train(pie_files["train"]),
        influence=_read_influence(files_of_pair["influence"], pair["measures"][0]),
        clusters=of_examples(pd.read_parquet(frame)) if frame else None,
    )


def _read_influence(path: str | None, measure: str) -> np.ndarray | None:
    return None if path is None else pd.read_parquet(path)[measure].to_numpy()


def _read_train(paths: list[str]) -> dict[str, np.ndarray]:
    """Return the training split's PIEs, read a cell at a time: lists take much memory."""
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    for path in paths:
        table = pd.read_parquet(path, columns=COLUMNS)
        found["train_pie"].append(table["pie"].to_numpy())
        found["train_pie_without"].append(files.read_lists(path, "pie_without"))
        found["train_margin"].append(table["baseline_margin"].to_numpy(dtype=np.int16))
        found["train_probability"].append(table["pie_probability"].to_numpy())
    return {name: np.stack(cells) for name, cells in found.items()}


def _score_drop(table: pd.DataFrame, truth: np.ndarray, n_models: int) -> np.ndarray:
    dense, pruned = (
        example_scores(np.stack(list(table[f"{side}_votes"])), truth, n_models) for side in SIDES
    )
    return dense - pruned


def _rows_of(pair: dict, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a pair's cells in pies.csv, of the test split, in their order."""
    tested = cells[cells["split"] == "test"].set_index(list(KEYS))
    keys = [
        (pair["dataset"], pair["model"], *(cell[name] for name in KEYS[2:]))
        for cell in pair["cells"]
    ]
    return tested.loc[keys]


def example_scores(votes: np.ndarray, truth: np.ndarray, n_models: int) -> np.ndarray:
    """Return each example's score, a fraction (examples,), the same for one label and several.

    It is the F1 between an example's labels and the decisions of all its models: of one label
    that is the fraction of models that are right. No labels and no decisions make 1.

    Parameters
    ----------
    votes : int (examples, classes)
    truth : bool (examples, classes)
    """
    hits = 2 * (votes * truth).sum(axis=1)
    total = votes.sum(axis=1) + n_models * truth.sum(axis=1)
    return np.divide(hits, total, out=np.ones(len(votes)), where=total > 0)


def rarest_frequency(truth: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the frequency of each example's class, of several the rarest; 0 without labels.

    Parameters
    ----------
    truth : bool (examples, classes)
    counts : int (classes,)
        Training examples.
    """
    rarest = np.where(truth, counts, np.iinfo(np.int64).max).min(axis=1)
    return np.where(truth.any(axis=1), rarest, 0)
