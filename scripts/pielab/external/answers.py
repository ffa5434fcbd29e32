"""What external models say of examples, put into the order of a split by its ids."""

import math
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.cells import natural

MOST_NAMED = 3  # ids that a message names
MOST_CELLS = 10**6  # models times examples, of which a file may lack rows in a message


class Answers(NamedTuple):
    """A file's answers, in its own order; `models`: which model of the group, "" if it is one."""

    ids: list[str]  # (rows,)
    models: list[str]  # (rows,)
    logits: np.ndarray  # float32 (rows, classes), the larger the surer
    notes: tuple[str, ...] = ()  # what a reader of the report should know of the file
    columns: tuple[int, ...] | None = None  # of each class, if nothing in the file names them
    documents: pd.DataFrame | None = None  # of a log: metric, value and text, a row each


def align(answers: Answers, ids: list[str], where: str) -> tuple[list[str], np.ndarray]:
    """Return a file's models in natural order, and logits (models, examples, classes) of a split.

    Parameters
    ----------
    ids : list of str
        The split's examples, in order.
    where : str
        The file, for messages.

    Raises
    ------
    ValueError
        Naming the file and ids of which a model says nothing, or something twice, or no number.
    """
    place = pd.Index(ids).get_indexer(answers.ids)
    kept = np.flatnonzero(place >= 0)
    if not len(kept):
        raise ValueError(
            f"{where}: no id of the dataset, such as {ids[0]!r}; it has "
            f"{', '.join(map(repr, answers.ids[:MOST_NAMED])) or 'no rows'}"
            + _advice(answers.ids, ids)
        )
    found, names = pd.factorize(np.asarray(answers.models, object))
    models = sorted(names, key=natural)
    if len(models) * len(ids) > MOST_CELLS + 2 * len(kept):  # most of which have no row
        raise ValueError(
            f"{where}: {len(kept)} rows for {len(models)} models and {len(ids)} examples; "
            "expected one row for each example and model"
        )
    model = pd.Index(models).get_indexer(names)[found]
    cells = (model * len(ids) + place)[kept]
    counts = np.bincount(cells, minlength=len(models) * len(ids)).reshape(len(models), -1)
    _check_counts(counts, models, ids, where)
    n_classes = answers.logits.shape[1]
    logits = np.empty((len(models) * len(ids), n_classes), np.float32)
    logits[cells] = answers.logits[kept]
    if not np.isfinite(logits).all():
        bad = ids[int(np.argwhere(~np.isfinite(logits).all(axis=1))[0, 0]) % len(ids)]
        raise ValueError(f"{where}, id {bad!r}: a score that is no finite number")
    return models, logits.reshape(len(models), len(ids), n_classes)


def _advice(names: list[str], ids: list[str]) -> str:
    """Return what to add to a message where texts are numbered and predictions name them."""
    is_numbered = all(map(str.isdecimal, ids)) and not any(map(str.isdecimal, names))
    return (
        "; expected numbers of rows, unless columns: {id: NAME} under the dataset names its ids"
        if is_numbered and names
        else ""
    )


def documents_of(answers: Answers, ids: Collection[str], run: str) -> pd.DataFrame:
    """Return the logged documents of a split, none for a file that is no log.

    Returns
    -------
    DataFrame
        `example_id`, `run` and the columns of harness_values.documents, in the log's order.
    """
    if answers.documents is None:
        return pd.DataFrame({"example_id": pd.Series(dtype="str"), "run": pd.Series(dtype="str")})
    rows = answers.documents.copy()
    rows.insert(0, "example_id", pd.Series(answers.ids, dtype="str"))
    rows.insert(1, "run", [f"{run}/{epoch}" if epoch else run for epoch in answers.models])
    return rows[rows["example_id"].isin(set(ids))].reset_index(drop=True)


def left_out(
    ids: list[str], known: Collection[str], max_left_out: float, where: str
) -> tuple[str, ...]:
    """Return a sentence if a file has examples that the dataset lacks.

    Parameters
    ----------
    ids : list of str
        Of the file's rows.
    known : collection of str
        The examples of both splits.
    max_left_out : float
        Fraction of the file's examples that may be left out.

    Raises
    ------
    ValueError
        If there are more of them.
    """
    found = dict.fromkeys(ids)
    lacking = [name for name in found if name not in known]
    if not lacking:
        return ()
    problem = (
        f"{where}: {len(lacking)} of its {len(found)} ids are not in the dataset, such as "
        f"{', '.join(map(repr, lacking[:MOST_NAMED]))}"
    )
    if len(lacking) > max_left_out * len(found):
        share = math.ceil(1e4 * len(lacking) / len(found)) / 1e4
        raise ValueError(
            f"{problem}; expected none: does the file of texts lack rows? Set "
            f"datasets.X.max_left_out to {share:g} or more to leave them out"
        )
    return (f"{problem}: they are left out",)


def _check_counts(counts: np.ndarray, models: list[str], ids: list[str], where: str) -> None:
    for name, row_counts in zip(models, counts, strict=True):
        of_member = f" of {name!r}" if name else ""
        for wrong, how_many in ((row_counts > 1, "more than one row"), (row_counts == 0, "no row")):
            if wrong.any():
                named = ", ".join(repr(ids[index]) for index in np.flatnonzero(wrong)[:MOST_NAMED])
                raise ValueError(
                    f"{where}: {how_many}{of_member} for {int(wrong.sum())} of {len(ids)} "
                    f"examples, such as {named}; expected one row for each example and model"
                )
