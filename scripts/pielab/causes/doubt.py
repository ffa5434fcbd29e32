"""Measure how clearly models that were not trained on a text prefer another label than its own.

Probabilities are float (texts, classes). With several labels each is a question of its own, and a
text is as doubtful as its most doubtful label.

Derived in docs/explanation/statistics.md#causes.
"""

import numpy as np
from scipy.special import expit, softmax

FOLDS = 5
FEWEST_OF_A_CLASS = 2  # training texts, below which nothing of a class can be learned without one


def probabilities(logits: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return a model's probabilities, float64 (texts, classes)."""
    if multi_label:
        return expit(logits.astype(np.float64))
    return softmax(logits.astype(np.float64), axis=-1)


def of_label(chances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return 1 minus the self-confidence, the probability of the label, float64 (texts,).

    Source: Northcutt et al. 2021, arXiv 1911.00068; with several labels, Thyagarajan et al. 2022.
    """
    if labels.ndim == 2:
        return np.where(labels, 1 - chances, chances).max(axis=1)
    return 1 - chances[np.arange(len(labels)), labels]


def is_doubted(chances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which texts confident learning takes for another class, bool (texts,).

    A text is taken for the most probable of the classes that are as probable as they are, on the
    mean, for the texts that have them. With several labels, one label taken for the opposite is
    enough.

    Source: Northcutt et al. 2021, arXiv 1911.00068, equations 1 and 2.
    """
    if labels.ndim == 2:
        by_label = [
            is_doubted(np.stack([1 - chance, chance], axis=1), label.astype(np.int64))
            for chance, label in zip(chances.T, labels.T, strict=True)
        ]
        return np.any(by_label, axis=0)
    limits = np.full(chances.shape[1], np.inf)
    for label in np.unique(labels):
        limits[label] = chances[labels == label, label].mean()
    sure = np.where(chances >= limits, chances, -1.0)
    return (sure.max(axis=1) >= 0) & (sure.argmax(axis=1) != labels)


def cross_validated(embeddings: np.ndarray, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return probabilities by logistic regressions that were not fitted to the text.

    Of embeddings, in five folds. NaN for several labels and where a class is too rare.

    Parameters
    ----------
    embeddings : float32 (texts, width)
    labels : int64 (texts,)
    """
    unknown = np.full((len(labels), n_classes), np.nan)
    counts = np.bincount(labels, minlength=n_classes) if labels.ndim == 1 else np.zeros(1, int)
    folds = min(FOLDS, counts.min())
    if folds < FEWEST_OF_A_CLASS:
        return unknown
    # Imported late: it takes a second, and readers of a finished table import this module too
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    split = StratifiedKFold(int(folds), shuffle=True, random_state=0)
    model = LogisticRegression(C=10.0, max_iter=200)
    found: np.ndarray = cross_val_predict(
        model, embeddings, labels, cv=split, method="predict_proba"
    )
    return found
