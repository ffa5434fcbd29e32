"""Score models by their decisions."""

import numpy as np


def model_scores(decisions: np.ndarray, truth: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return each model's accuracy, or macro-F1 with several labels, float64 (seeds,).

    A class with neither label nor decision has an F1 of 0, as in scikit-learn. Without examples
    the scores are NaN.

    Parameters
    ----------
    decisions : bool (seeds, examples, classes)
    truth : bool (examples, classes)
    """
    if decisions.shape[1] == 0:
        return np.full(len(decisions), np.nan)
    if not multi_label:
        return (decisions & truth).any(axis=2).mean(axis=1)
    hits = (decisions & truth).sum(axis=1)  # (seeds, classes)
    total = decisions.sum(axis=1) + truth.sum(axis=0)
    return f1_scores(hits, total).mean(axis=1)


def f1_scores(hits: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return F1 of decisions that are right and of decisions and labels together; 0 of none."""
    return np.divide(2 * hits, total, out=np.zeros(hits.shape), where=total > 0, dtype=np.float64)


def decision_measures(decisions: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Return each model's measures of its decisions, float64 (seeds,) each.

    Parameters
    ----------
    decisions : bool (seeds, examples, classes)
    truth : bool (examples, classes)
    """
    hits = (decisions & truth).sum(axis=1)  # (seeds, classes)
    decided, labelled = decisions.sum(axis=1), truth.sum(axis=0)
    total = (decided.sum(axis=1) + labelled.sum()).clip(1)
    return {
        "micro_f1": 2 * hits.sum(axis=1) / total,
        "macro_precision": (hits / decided.clip(1)).mean(axis=1),
        "macro_recall": (hits / labelled.clip(1)).mean(axis=1),
        "subset_accuracy": (decisions == truth).all(axis=2).mean(axis=1),
    }
