"""What clusters of texts, such as those of a passage, leave of what is known of a group's excess.

Texts of a cluster are not independent, so that the variance of an excess is that of the clusters'
sums. Its ratio to that of single texts is the design effect, by which numbers of texts are divided.

Derived in docs/explanation/statistics.md#clusters.
"""

from collections.abc import Iterator

import numpy as np

from pielab.stats.distributions import normal_quantile, student_quantile

FEWEST = 5  # clusters of a half with texts of a group, and with others, or it is no candidate
NUMBERS = 2_000_000  # that are held at once


def sums_by_cluster(
    holds: np.ndarray, pairs: np.ndarray, clusters: np.ndarray, weights: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield some clusters and the sums of weights over their texts for which two conditions hold.

    Parameters
    ----------
    holds : bool (conditions, texts)
        Which conditions hold for which.
    pairs : int (pairs, 2)
        Of conditions.
    clusters : int (texts,)
        From 0, none left out.
    weights : float (weights, texts)

    Yields
    ------
    int (clusters,), float64 (weights, clusters, pairs)
        Each cluster once, in their order.
    """
    order = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters)
    ends = np.cumsum(sizes)
    room = max(1, NUMBERS // max(1, len(pairs)))  # texts at once
    first = 0
    while first < len(sizes):
        start = ends[first] - sizes[first]
        last = max(first + 1, int(np.searchsorted(ends, start + room, side="right")))
        texts = order[start : ends[last - 1]]
        chosen_texts = holds[:, texts]
        inside = chosen_texts[pairs[:, 0]] & chosen_texts[pairs[:, 1]]  # (pairs, texts)
        starts = (ends - sizes)[first:last] - start
        found = [np.add.reduceat(inside * weight[texts], starts, axis=1).T for weight in weights]
        yield np.arange(first, last), np.stack(found)
        first = last


def touched(holds: np.ndarray, pairs: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return how many clusters have texts of each pair, and how many others, int (2, pairs)."""
    number = np.zeros((2, len(pairs)), dtype=int)
    sizes = np.bincount(clusters)
    for chosen, (inside,) in sums_by_cluster(holds, pairs, clusters, np.ones((1, len(clusters)))):
        number += [(inside > 0).sum(axis=0), (inside < sizes[chosen][:, None]).sum(axis=0)]
    return number


def design_effects(
    holds: np.ndarray, pairs: np.ndarray, clusters: np.ndarray, harm: np.ndarray
) -> np.ndarray:
    """Return how many texts tell as much of a group's excess as one of its own would, (pairs,).

    1 or more, with what Student's t for so few clusters adds: those with texts of the group, or
    those with others, whichever are fewer. Where nothing varies each cluster counts as one text.
    NaN where either are fewer than two.

    Parameters
    ----------
    harm : float (texts,)
    """
    value, equal = harm.astype(np.float64), np.ones(len(harm))
    whole = np.stack([equal, value, value**2])
    inside = np.stack([((holds * weight) @ holds.T)[pairs[:, 0], pairs[:, 1]] for weight in whole])
    sides = np.stack([inside, whole.sum(axis=1)[:, None] - inside], axis=1)
    sizes, means = sides[0], sides[1] / sides[0]  # (2, pairs)
    alone = ((sides[2] - sizes * means**2) / sizes**2).sum(axis=0)
    together, number = np.zeros(len(pairs)), np.zeros((2, len(pairs)), dtype=int)
    of_clusters = np.stack([np.bincount(clusters, weight) for weight in whole[:2]])
    for chosen, in_groups in sums_by_cluster(holds, pairs, clusters, whole[:2]):
        others = of_clusters[:, chosen][:, :, None] - in_groups
        number += [(in_groups[0] > 0).sum(axis=0), (others[0] > 0).sum(axis=0)]
        beyond = [
            (harm_sum - mean * number_of) / size
            for (number_of, harm_sum), mean, size in zip(
                (in_groups, others), means, sizes, strict=True
            )
        ]
        together += np.square(beyond[0] - beyond[1]).sum(axis=0)
    together *= of_clusters.shape[1] / max(1, of_clusters.shape[1] - 1)
    varies = alone > 1e-12
    as_one = (sizes / number).max(axis=0)
    ratio = np.where(varies, np.divide(together, alone, out=as_one.copy(), where=varies), as_one)
    freedom = number.min(axis=0) - 1
    wider = student_quantile(0.975, np.maximum(1, freedom)) / normal_quantile(0.975)
    return np.where(freedom > 0, np.maximum(1, ratio * wider**2), np.nan)
