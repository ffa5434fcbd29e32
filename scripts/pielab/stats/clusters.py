"""Take examples that share a passage or a source as one: intervals are then over clusters.

Derived in docs/explanation/statistics.md#clusters.
"""

import numpy as np

from pielab.stats.distributions import normal_quantile, student_quantile


def by_cluster(values: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return a value for each cluster, (..., clusters), whose mean is that of the examples.

    The mean, and what the cluster's sum exceeds that of as many examples with the mean, in
    examples of a cluster of mean size: the linearised ratio of sums (Cochran 1977, ch. 6). So a
    cluster is not taken to be extreme for being large.

    Parameters
    ----------
    values : float (..., examples)
    clusters : int (examples,)
        From 0, none left out.
    """
    number, size = int(clusters.max()) + 1, len(clusters)
    flat = np.asarray(values, np.float64).reshape(-1, size)
    means = flat.mean(axis=1, keepdims=True)
    sums = np.stack([np.bincount(clusters, row, number) for row in flat - means])
    found = means + sums * (number / size)
    return found.reshape(*values.shape[:-1], number)


def design_effect(values: np.ndarray, clusters: np.ndarray | None) -> float:
    """Return how many examples tell as much as one of its own would, 1 or more (Kish 1965).

    With what Student's t for so few clusters adds. Where all values are equal each cluster counts
    as one example. NaN of a single cluster.
    """
    if clusters is None:
        return 1.0
    number, size = int(clusters.max()) + 1, len(values)
    if number < 2:
        return float("nan")
    alone = values.var(ddof=1) / size
    together = by_cluster(values, clusters).var(ddof=1) / number
    wider = float(student_quantile(0.975, number - 1) / normal_quantile(0.975)) ** 2
    ratio = together / alone if alone > 0 else size / number
    return max(1.0, float(ratio * wider))


def few_clusters(number: int) -> float:
    """Return how much larger variances over so many clusters are than they seem; NaN of one.

    By what Student's t adds to the normal distribution at 95 %, and by degrees of freedom.
    """
    if number < 2:
        return float("nan")
    wider = float(student_quantile(0.975, number - 1) / normal_quantile(0.975))
    return wider**2 * number / (number - 1)


def clusters_among(clusters: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    """Return the clusters of some examples, numbered from 0 again."""
    return None if clusters is None else np.unique(clusters[rows], return_inverse=True)[1]
