"""Compare dense and pruned models of the same seeds: by example, and beyond votes.

By example: a test and its power. Beyond votes: churn, probabilities, calibration.
Row s of dense and of pruned is the same seed. Logits are float32 (seeds, examples, classes);
arithmetic is float64, one seed at a time. With several labels each (example, class) pair is a
prediction of its own, off or on.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.special import log_softmax, rel_entr

TIERS = ("certain", "likely", "seed noise")
TIER_FDR = (0.05, 0.20)  # largest q-values of the first two tiers
MOST_SEEDS = 300


class PairedTest(NamedTuple):
    """Whether dense and pruned models of the same seeds are right equally often, by item."""

    lost: np.ndarray  # seeds whose dense model is right and pruned model wrong
    gained: np.ndarray  # the reverse
    p: np.ndarray
    q: np.ndarray  # adjusted for all items at once
    tier: np.ndarray  # int8, index into TIERS


class Churn(NamedTuple):
    """Shares of predictions that differ between two single models, means over pairs of models."""

    dense: float  # two dense models: what a new seed changes
    pruned: float  # two pruned models
    same_seed: float  # a dense model and what pruning made of it; 1 - label loyalty
    other_seed: float  # a dense model and a pruned one of another seed


class Closeness(NamedTuple):
    """How close pruned probabilities stay to dense ones, means over seeds and examples."""

    probability_loyalty: float  # 0 to 1: the same
    kl_divergence: float  # KL(dense || pruned), nats


def paired_test(dense_right: np.ndarray, pruned_right: np.ndarray, fewest: int = 0) -> PairedTest:
    """Test each item for a change of how often models are right, and adjust for all items.

    The p-value is the two-sided exact sign test's (McNemar's exact test) over the seeds that
    changed, and no smaller than it should be. So the false discovery rate stays below the level
    of the q-values, which are Benjamini and Hochberg's (1995). Tiers: certain, q <= 0.05; likely,
    q <= 0.20; the rest cannot be told from seed noise.

    Parameters
    ----------
    dense_right, pruned_right : bool (seeds, examples) or (seeds, examples, classes)
        Row s of both is the same seed.
    fewest : int
        Items on which fewer seeds changed are not tested: their q-value is 1, and the others are
        adjusted for fewer. How many seeds changed tells nothing of the direction, so that the
        rate stays controlled (Bourgon et al. 2010); 6 is the fewest that reach p <= 0.05.
    """
    if dense_right.shape != pruned_right.shape:
        raise ValueError(f"pruned: shape {pruned_right.shape}; expected {dense_right.shape}")
    dense_right, pruned_right = (side.astype(bool) for side in (dense_right, pruned_right))
    lost = (dense_right & ~pruned_right).sum(axis=0)
    gained = (~dense_right & pruned_right).sum(axis=0)
    p = sign_test_table(len(dense_right))[lost, gained]
    q, tested = np.ones(p.shape), lost + gained >= fewest
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested])
    tier = np.searchsorted(TIER_FDR, q, side="left").astype(np.int8)
    return PairedTest(lost, gained, p, q, tier)


def sign_test_table(seeds: int) -> np.ndarray:
    """Return two-sided sign test p-values by seeds lost and gained, (seeds + 1, seeds + 1)."""
    lost, gained = np.ogrid[: seeds + 1, : seeds + 1]
    fewer = np.minimum(lost, gained)
    return np.minimum(1.0, 2 * stats.binom.cdf(fewer, lost + gained, 0.5))


def power(
    seeds: int,
    votes_lost: float,
    dense_share: float,
    fdr: float = 0.05,
    changed: float = 0.05,
    fewest: int = 0,
) -> float:
    """Return the share of changed examples that paired_test finds.

    Dense and pruned models of a seed are taken to be right independently, given the example;
    where they agree more than that, the power is greater. It is the power in a large data set.

    Parameters
    ----------
    seeds : int
        Dense models, and as many pruned ones.
    votes_lost : float
        Right votes that pruning takes from a changed example, on average, of `seeds`.
    dense_share : float
        Fraction of the dense models that are right on it.
    fdr : float
        Largest q-value that counts as found, a fraction.
    changed : float
        Fraction of the tested examples that change so much; the others are taken to add nothing.
        The rarer a change, the smaller the p-value that Benjamini and Hochberg's procedure wants.
    fewest : int
        As in paired_test.
    """
    pruned_share = dense_share - votes_lost / seeds
    if not (0 <= dense_share <= 1 and 0 <= pruned_share <= 1):
        raise ValueError(
            f"votes_lost: {votes_lost} of {seeds} from a share of {dense_share} leaves "
            f"{pruned_share:.3g}; expected shares within 0 and 1"
        )
    lost, gained = dense_share * (1 - pruned_share), (1 - dense_share) * pruned_share
    table = sign_test_table(seeds)
    counts = np.indices(table.shape).reshape(2, -1).T  # (outcome, seeds lost and gained)
    tested = (counts.sum(axis=1) <= seeds) & (counts.sum(axis=1) >= fewest)
    outcomes = np.column_stack([counts, seeds - counts.sum(axis=1)])[tested]
    chances = stats.multinomial.pmf(outcomes, seeds, [lost, gained, max(0.0, 1 - lost - gained)])
    # Benjamini and Hochberg: the largest p-value t at which t <= fdr * share of p-values <= t
    p, index = np.unique(table.ravel()[tested], return_inverse=True)
    found = np.cumsum(np.bincount(index, chances, minlength=len(p)))
    enough = p * chances.sum() <= fdr * changed * found
    return float(max(found[enough], default=0.0))


def seeds_needed(
    share_lost: float, dense_share: float, target: float = 0.8, **options: float
) -> int | None:
    """Return the fewest seeds whose power is `target` or more; None if 300 do not suffice.

    Parameters
    ----------
    share_lost : float
        Fraction of the votes that pruning takes from a changed example.
    dense_share, **options
        As in power.
    """
    for seeds in range(2, MOST_SEEDS + 1):
        if power(seeds, share_lost * seeds, dense_share, **options) >= target:
            return seeds
    return None


def churn(dense: np.ndarray, pruned: np.ndarray) -> Churn:
    """Return how often two single models disagree; NaN between seeds if there is only one.

    Parameters
    ----------
    dense, pruned : int (seeds, examples) class ids, or bool (seeds, examples, classes)

    Source: Milani Fard et al. 2016; label loyalty, Xu et al. 2021, arXiv 2109.03228, section 3.
    """
    seeds = len(dense)
    paired = float((dense != pruned).mean())
    agreeing = np.zeros(3)  # pairs of models, dense, pruned and both: the sum over predictions
    for value in range(int(max(dense.max(initial=1), pruned.max(initial=1))) + 1):
        one, other = ((side == value).sum(axis=0, dtype=np.int64) for side in (dense, pruned))
        agreeing += (one**2).sum(), (other**2).sum(), (one * other).sum()
    agreeing = agreeing / max(1, dense[0].size) - [seeds, seeds, seeds * (1 - paired)]
    others = 1 - agreeing / (seeds * (seeds - 1)) if seeds > 1 else np.full(3, np.nan)
    return Churn(float(others[0]), float(others[1]), paired, float(others[2]))


def closeness(dense: np.ndarray, pruned: np.ndarray, multi_label: bool = False) -> Closeness:
    """Return probability loyalty and the Kullback-Leibler divergence of models of the same seed.

    Probability loyalty is the mean of 1 - sqrt(JS), where JS is the Jensen-Shannon divergence in
    bits, so that it lies within 0 and 1.

    Parameters
    ----------
    dense, pruned : float (seeds, examples, classes)
        Logits, of a softmax or, of several labels, of sigmoids.

    Source: Xu et al. 2021, arXiv 2109.03228, section 3.
    """
    loyal, divergence = [], []
    for one, other in zip(dense, pruned, strict=True):
        log_p, log_q = (_log_probabilities(logits, multi_label) for logits in (one, other))
        p, q = np.exp(log_p), np.exp(log_q)
        mean = (p + q) / 2
        bits = (rel_entr(p, mean) + rel_entr(q, mean)).sum(axis=-1) / (2 * np.log(2))
        loyal.append(1 - np.sqrt(np.clip(bits, 0, 1)).mean())
        divergence.append((p * (log_p - log_q)).sum(axis=-1).mean())
    return Closeness(float(np.mean(loyal)), float(np.mean(divergence)))


def calibration_error(
    logits: np.ndarray, labels: np.ndarray, bins: int = 15, multi_label: bool = False
) -> np.ndarray:
    """Return each model's expected calibration error, float64 (seeds,), a fraction.

    Predictions are put into `bins` equal-width bins (low, high] of their confidence, the largest
    probability; the error is the mean over predictions of |share right - mean confidence| of
    their bin. Of several labels: of the probability of "on", against the share that is on.

    Parameters
    ----------
    labels : int (examples,), or 0 / 1 (examples, classes) of several labels

    Source: Guo et al. 2017, arXiv 1706.04599, equation 3.
    """
    errors = []
    for one in logits:
        probabilities = np.exp(_log_probabilities(one, multi_label))
        confidence = probabilities[..., 1] if multi_label else probabilities.max(axis=-1)
        right = labels if multi_label else one.argmax(axis=-1) == labels
        edges = np.arange(1, bins) / bins
        members = np.searchsorted(edges, confidence.ravel(), side="left")
        gaps = np.bincount(members, right.ravel() - confidence.ravel(), minlength=bins)
        errors.append(np.abs(gaps).sum() / confidence.size)
    return np.array(errors)


def _log_probabilities(logits: np.ndarray, multi_label: bool) -> np.ndarray:
    """Return log probabilities over the last axis: the classes, or off and on of each class."""
    logits = logits.astype(np.float64)
    if not np.isfinite(logits).all():
        raise ValueError("logits: some are NaN or infinite; expected finite numbers")
    if multi_label:
        logits = np.stack([np.zeros_like(logits), logits], axis=-1)
    return log_softmax(logits, axis=-1)
