"""Cells of made-up predictions: class ids, or decisions on several labels."""

import numpy as np

from pielab.measures import describe
from pielab.pies.cell import Cell, Predictions


def predictions_of(chosen, n_classes=None):
    """Return predictions of int (seeds, examples) ids or bool (seeds, examples, classes)."""
    chosen = np.asarray(chosen)
    multi_label = chosen.ndim == 3
    if not multi_label:
        chosen = chosen[:, :, None] == np.arange(n_classes or max(2, chosen.max(initial=0) + 1))
    return Predictions(chosen.astype(np.float32), chosen, multi_label)


def cell_of(dense, pruned, labels=None, ties="lowest", ids=None, n_classes=None):
    """Return the cell of ids or decisions as above; the labels are all 0 unless given."""
    dense, pruned = np.asarray(dense), np.asarray(pruned)
    if labels is None:
        shape = dense.shape[1:]
        labels = np.zeros(shape, dtype=np.uint8 if dense.ndim == 3 else np.int64)
    labels = np.asarray(labels)
    largest = max(1, *(int(values.max(initial=0)) for values in (dense, pruned, labels)))
    sides = (predictions_of(side, n_classes or largest + 1) for side in (dense, pruned))
    return Cell(*sides, labels, np.arange(len(labels)) if ids is None else ids, ties)


def row_of(cell, scores_known=True):
    """Return what is measured of a cell, by the names of columns."""
    return describe(cell, scores_known)["row"].iloc[0].to_dict()
