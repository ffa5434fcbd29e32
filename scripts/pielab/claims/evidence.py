"""Gather what is known of a dataset and model from the tables of its cells."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab import files
from pielab.analysis import classes
from pielab.vocabulary import FDR


class Evidence(NamedTuple):
    """What is known of a dataset and model; the rows of `pie` and the like are pruned cells."""

    architecture: str  # bilstm or encoder
    seeds: int
    cells: pd.DataFrame  # method, sparsity
    pie: np.ndarray  # 0 to 1 (cells, examples), test split
    pie_without: np.ndarray  # uint8 (cells, examples, seeds): twice the same without each seed
    fall: np.ndarray  # float (cells, examples): score of dense - score of pruned
    frequency: np.ndarray  # (examples,): training examples of the class
    tokens: np.ndarray  # (examples,)
    difficulty: np.ndarray  # (examples,)
    margin: np.ndarray  # int (examples,): votes by which the dense models' modal label leads
    beyond_seeds: np.ndarray  # bool (cells,): by the permutation test
    train_pie: np.ndarray  # 0 to 1 (cells, training examples)
    train_pie_without: np.ndarray  # uint8 (cells, training examples, seeds)
    el2n: np.ndarray  # (training examples,)
    train_margin: np.ndarray  # int (training examples,)

    def without(self, seed: int) -> "Evidence":
        """Return the evidence with the PIEs that are found if a seed is left out."""
        test, train = (x[:, :, seed] / 2 for x in (self.pie_without, self.train_pie_without))
        return self._replace(pie=test, train_pie=train)


def read_evidence(pair: dict, paths: dict[str, str | list[str]], cells: pd.DataFrame) -> Evidence:
    """Return what the files of a dataset and model say.

    Parameters
    ----------
    pair : dict
        `dataset`, `model`, `architecture`, `seeds`, and `cells` (method and sparsity each).
    paths : dict
        `cards`, `complexity` (test split) and `el2n`; for each cell `test_pies` and `train_pies`.
    cells : DataFrame
        pies.csv.
    """
    card, measures = files.read_json(paths["cards"]), pd.read_parquet(paths["complexity"])
    found = [pd.read_parquet(path) for path in paths["test_pies"]]
    truth = classes.truth_array(found[0], len(card["classes"]))
    counts = [card["counts"]["train"]["classes"][name] for name in card["classes"]]
    return Evidence(
        pair["architecture"],
        pair["seeds"],
        pd.DataFrame(pair["cells"]),
        pie=np.stack([table["pie"] for table in found]),
        pie_without=np.stack([np.stack(table["pie_without"]) for table in found]),
        fall=np.stack([_fall(table, truth, pair["seeds"]) for table in found]),
        frequency=rarest_frequency(truth, np.array(counts)),
        tokens=measures["tokens"].to_numpy(dtype=np.float64),
        difficulty=-measures["flesch_reading_ease"].to_numpy(dtype=np.float64),
        margin=found[0]["baseline_margin"].to_numpy(),
        beyond_seeds=_beyond_seeds(pair, cells),
        **_read_train(paths["train_pies"]),
        el2n=pd.read_parquet(paths["el2n"])["el2n"].to_numpy(),
    )


def _read_train(paths: list[str]) -> dict[str, np.ndarray]:
    """Return what the training split's PIEs say, read a cell at a time: lists take much memory."""
    pie, without = [], []
    for path in paths:
        table = pd.read_parquet(path, columns=["pie", "pie_without", "baseline_margin"])
        pie.append(table["pie"].to_numpy())
        without.append(np.stack(table["pie_without"]))
    margin = table["baseline_margin"].to_numpy()  # the dense models are those of all cells
    pies = {"train_pie": np.stack(pie), "train_pie_without": np.stack(without)}
    return pies | {"train_margin": margin}


def _fall(table: pd.DataFrame, truth: np.ndarray, seeds: int) -> np.ndarray:
    dense, pruned = (
        example_scores(np.stack(table[f"{side}_votes"]), truth, seeds)
        for side in ("dense", "pruned")
    )
    return dense - pruned


def _beyond_seeds(pair: dict, cells: pd.DataFrame) -> np.ndarray:
    """Return in which of a pair's cells there are more PIEs than seeds alone make, bool."""
    tested = cells[cells["split"] == "test"].set_index(["dataset", "model", "method", "sparsity"])
    keys = [
        (pair["dataset"], pair["model"], cell["method"], cell["sparsity"]) for cell in pair["cells"]
    ]
    return tested.loc[keys, "q"].to_numpy() <= FDR


def example_scores(votes: np.ndarray, truth: np.ndarray, seeds: int) -> np.ndarray:
    """Return each example's score, a fraction (examples,), the same for one label and several.

    It is the F1 between an example's labels and the decisions of all its models: of one label
    that is the fraction of models that are right. No labels and no decisions make 1.

    Parameters
    ----------
    votes : int (examples, classes)
    truth : bool (examples, classes)
    """
    hits = 2 * (votes * truth).sum(axis=1)
    total = votes.sum(axis=1) + seeds * truth.sum(axis=1)
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
