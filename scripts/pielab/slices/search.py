"""Find slices: groups of test examples that compression hurts more than the rest.

The harm of an example is the share of the baseline's models that are right minus that of the
compressed ones. Groups are ranked on one half of the examples, and the best are tested on the
other, so that being the best of many is no advantage. Test, interval and q are over examples, or
clusters of them, with the models as they are: other texts like these. What other models would do
says `p_replicates`.

Derived in docs/explanation/statistics.md#slices.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.slices import clustered
from pielab.slices.conditions import Conditions
from pielab.stats.clusters import clusters_among
from pielab.stats.group_excess import Moments, excess, flip_size, group_p, moments, sign_flip_p
from pielab.vocabulary import FEWEST_FOR_TEST

MOST_TESTED = 10  # slices of a comparison
ALIKE = 0.8  # overlap (Jaccard) from which two slices are one
NOTABLE = 2  # of Student's t, from which a part of a slice is a slice of its own
CHUNK = 65536  # examples


class Candidates(NamedTuple):
    """The groups of a dataset's test examples that are large enough to be slices."""

    conditions: Conditions
    pairs: np.ndarray  # int (candidates, 2): which conditions hold, twice the same of a single one
    in_search: np.ndarray  # bool (examples,): the half in which slices are searched for
    clusters: np.ndarray | None = None  # int (examples,), from 0: which share something

    def examples_of(self, candidate: int) -> np.ndarray:
        """Return which examples a candidate has, bool (examples,)."""
        first, second = self.pairs[candidate]
        return self.conditions.holds[first] & self.conditions.holds[second]

    def words(self, candidate: int) -> str:
        """Return what a candidate's examples have in common."""
        return " & ".join(self.conditions.words[at] for at in dict.fromkeys(self.pairs[candidate]))

    def of_pairs(self, weights: Iterable[np.ndarray]) -> np.ndarray:
        """Return the sum of each weight, (examples,), in each candidate, (weights, candidates)."""
        sums = pair_sums(self.conditions.holds, weights)
        return sums[:, self.pairs[:, 0], self.pairs[:, 1]]


def pair_sums(holds: np.ndarray, weights: Iterable[np.ndarray]) -> np.ndarray:
    """Return the sum of each weight over the examples for which two conditions hold, for all pairs.

    Parameters
    ----------
    holds : bool (conditions, examples)
        Which conditions hold for which.
    weights : float (examples,), each

    Returns
    -------
    float64 (weights, conditions, conditions)
    """
    listed = list(weights)
    sums = np.zeros((len(listed), len(holds), len(holds)))
    for start in range(0, holds.shape[1], CHUNK):
        part = holds[:, start : start + CHUNK].astype(np.float64)
        for number, weight in enumerate(listed):
            sums[number] += (part * weight[start : start + CHUNK]) @ part.T
    return sums


def search_half(ids: Sequence, truth: np.ndarray, clusters: np.ndarray | None = None) -> np.ndarray:
    """Return the half in which slices are searched, of each class alike, bool (examples,).

    Every other example of a class in the order of a digest of their ids, so that the order of rows
    does not count. Of examples in clusters every other cluster, whatever the classes, so that none
    is in both halves.

    Parameters
    ----------
    truth : bool (examples, classes)
    clusters : int (examples,), optional
        From 0, none left out.
    """
    digests = [
        hashlib.blake2b(str(example_id).encode(), digest_size=8).digest() for example_id in ids
    ]
    if clusters is not None:
        ordered = clusters[np.argsort(np.array(digests, dtype="S8"), kind="stable")]
        _, first = np.unique(ordered, return_index=True)  # the place of each cluster's first
        return (np.argsort(np.argsort(first)) % 2 == 0)[clusters]
    _, stratum = np.unique(np.packbits(truth, axis=1), axis=0, return_inverse=True)
    order = np.lexsort((np.array(digests, dtype="S8"), stratum.ravel()))
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[::2]] = True
    return chosen


def candidates(
    conditions: Conditions,
    in_search: np.ndarray,
    min_examples: int,
    max_columns: int,
    clusters: np.ndarray | None = None,
) -> Candidates:
    """Return the conditions, and pairs of them of two columns, that hold for enough examples.

    That is `min_examples` at least, and as many for which they do not, a quarter of them in each
    half. Of clusters it is `clustered.FEWEST` in each half.
    """
    halves = np.stack([in_search, ~in_search])
    inside = pair_sums(conditions.holds, halves.astype(np.float64))
    outside = halves.sum(axis=1)[:, None, None] - inside
    fits = np.ones(inside.shape[1:], dtype=bool)
    for sizes in (inside, outside):
        fits &= sizes.sum(axis=0) >= min_examples
        fits &= (sizes >= max(1, min_examples // 4)).all(axis=0)
    apart = conditions.columns[:, None] != conditions.columns
    single = np.eye(len(fits), dtype=bool)
    allowed = fits & (single if max_columns == 1 else single | np.triu(apart))
    pairs = np.argwhere(allowed)
    for half in halves:
        in_half = clusters_among(clusters, half)
        if in_half is None or not len(pairs):
            break
        number = clustered.touched(conditions.holds[:, half], pairs, in_half)
        pairs = pairs[(number >= clustered.FEWEST).all(axis=0)]
    simple_first = np.argsort(pairs[:, 0] != pairs[:, 1], kind="stable")
    return Candidates(conditions, pairs[simple_first], in_search, clusters)


def find_slices(
    groups: Candidates, replicate_harm: np.ndarray, negative: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the slices of a comparison that stood out in one half, tested on the other.

    Parameters
    ----------
    replicate_harm : float (examples, replicates)
        Of each replicate of the models, by pair: see measures.pies.replicate_harm.
    negative : bool (examples,)
        Negative flips of the majority.

    Returns
    -------
    DataFrame
        `candidate` (its place in `groups`), `slice` in words, `examples`, `negative_flips`,
        `tested` (its examples in the second half), `harm` there and the `average` of all test
        examples, `excess` over the rest there with `low` and `high`, `p`,
        `p_replicates`, and for the excess `error` and `freedom`.
    """
    harm = replicate_harm.mean(axis=1, dtype=np.float64)
    p_replicates = _replicates_p(groups, replicate_harm, rng)
    rows = []
    for candidate in _stand_out(groups, harm):
        examples = groups.examples_of(candidate)
        row = {"candidate": candidate, "slice": groups.words(candidate)}
        row |= {"examples": int(examples.sum()), "negative_flips": int((negative & examples).sum())}
        row |= _confirm(groups, candidate, harm, rng)
        rows.append(row | {"average": harm.mean(), "p_replicates": p_replicates[candidate]})
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


COLUMNS = {"candidate": int, "slice": "str", "examples": int, "negative_flips": int, "tested": int}
COLUMNS |= dict.fromkeys(
    ("harm", "average", "excess", "low", "high", "p", "p_replicates", "error", "freedom"), float
)


def _stand_out(groups: Candidates, harm: np.ndarray) -> list[int]:
    """Return the candidates with the surest excess in the first half, each with news of its own."""
    if not len(groups.pairs):
        return []
    searched_harm = np.where(groups.in_search, harm, 0)
    inside = Moments(*groups.of_pairs([groups.in_search * 1.0, searched_harm, searched_harm**2]))
    searched = harm[groups.in_search]
    worth = design_effects(groups, groups.pairs, groups.in_search, harm)
    inside, whole = (sums.worth(worth) for sums in (inside, moments(searched)))
    statistic = excess(inside, whole, flip_size(searched)).statistic
    chosen: list[int] = []
    for candidate in np.argsort(-np.round(statistic, 9), kind="stable").tolist():
        if len(chosen) == MOST_TESTED or statistic[candidate] <= 0:
            break
        if all(_is_news(groups, candidate, other, searched_harm) for other in chosen):
            chosen.append(candidate)
    return chosen


def _is_news(groups: Candidates, candidate: int, other: int, harm: np.ndarray) -> bool:
    """Return whether a candidate adds something to another.

    Not if the two are nearly the same examples. A part of the other must be hurt more than what is
    left of it, and of a whole that the other is a part of, what is left more than all else: else
    a class that is hurt would come again with each range of lengths.
    """
    examples, before = groups.examples_of(candidate), groups.examples_of(other)
    if (examples & before).sum() >= ALIKE * (examples | before).sum():
        return False
    narrow, wide = (set(groups.pairs[which].tolist()) for which in (candidate, other))
    if narrow > wide:
        return _is_above(examples, before, groups.in_search, harm)
    if wide > narrow:
        return _is_above(examples & ~before, ~before, groups.in_search, harm)
    return True


def _is_above(part: np.ndarray, whole: np.ndarray, within: np.ndarray, harm: np.ndarray) -> bool:
    """Return whether a part is hurt notably more than the rest of a whole, in one half."""
    inside, around = (harm[texts & within] for texts in (part, whole))
    if not 0 < len(inside) < len(around):
        return False
    found = excess(moments(inside), moments(around), flip_size(around))
    return bool(found.statistic >= NOTABLE)


def design_effects(
    groups: Candidates, pairs: np.ndarray, rows: np.ndarray, harm: np.ndarray
) -> np.ndarray:
    """Return clustered.design_effects of some examples, bool; 1 of each pair without clusters."""
    clusters = clusters_among(groups.clusters, rows)
    if clusters is None:
        return np.ones(len(pairs))
    holds = groups.conditions.holds[:, rows]
    return clustered.design_effects(holds, pairs, clusters, harm[rows])


def _confirm(
    groups: Candidates, candidate: int, harm: np.ndarray, rng: np.random.Generator
) -> dict:
    """Return the test of a slice on the second half of the examples."""
    rows = ~groups.in_search
    (design,) = design_effects(groups, groups.pairs[[candidate]], rows, harm)
    examples, harm = groups.examples_of(candidate)[rows], harm[rows]
    found = excess(
        moments(harm[examples]).worth(design), moments(harm).worth(design), flip_size(harm)
    )
    low, high = found.ends()
    return {
        "tested": int(examples.sum()),
        "harm": harm[examples].mean(),
        "excess": float(found.estimate),
        "low": float(low),
        "high": float(high),
        "p": group_p(harm, examples, rng, design),
        "error": float(found.error),
        "freedom": float(found.freedom),
    }


def _replicates_p(
    groups: Candidates, replicate_harm: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return p_replicates of all candidates; NaN with too few replicates to tell."""
    n_examples, n_replicates = replicate_harm.shape
    if n_replicates < FEWEST_FOR_TEST or not len(groups.pairs):
        return np.full(len(groups.pairs), np.nan)
    size, *totals = groups.of_pairs([np.ones(n_examples), *replicate_harm.T.astype(np.float64)])
    inside = np.stack(totals, axis=1)  # (candidates, replicates)
    rest = replicate_harm.sum(axis=0, dtype=np.float64) - inside
    return sign_flip_p(inside / size[:, None] - rest / (n_examples - size)[:, None], rng)
