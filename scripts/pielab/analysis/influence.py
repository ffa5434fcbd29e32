"""Relate PIEs and changes of loss to influence on generalisation, by any measure of it.

Labels are int64 (examples,) of one label or uint8 (examples, classes) of several; logits are
float32 (seeds, examples, classes). Arithmetic is float64, one seed at a time.

Derived in docs/explanation/statistics.md#effects.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from pielab.analysis.losses import check_labels
from pielab.influence import Trace, measure_module
from pielab.influence_measures import PUBLISHED


def el2n(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean over seeds of the L2 norm of each example's error, float64 (examples,).

    The error is softmax(logits) - one_hot(label), or sigmoid(logits) - labels with several labels;
    the logits are those of the dense models after their first epoch, on the training split.

    Source: Paul et al. 2021, arXiv 2107.07075, definition 2.2; Tropeano et al. 2025.
    """
    check_labels(logits, labels)
    return of_models(PUBLISHED, [Trace(model[None]) for model in logits], labels)


def of_models(measure: str, traces: Iterable[Trace], labels: np.ndarray) -> np.ndarray:
    """Return each text's influence by a measure, mean over models, float64 (examples,)."""
    of_model = measure_module(measure).of_model
    total, models = np.zeros(len(labels)), 0
    for trace in traces:
        check_labels(trace.logits, labels)
        total += of_model(trace, labels)
        models += 1
    return total / models


def influence_bins(scores: np.ndarray, bins: int = 20) -> np.ndarray:
    """Return each example's bin, int64 (examples,): 1 is the least influential, `bins` the most.

    Examples are ranked by score, the first among equals lower, and cut into bins whose sizes differ
    by one at most.

    Parameters
    ----------
    scores : float (examples,)
        By a measure of influence.

    Raises
    ------
    ValueError
        If there are fewer examples than bins or a score is not a finite number.
    """
    if not 1 <= bins <= len(scores):
        raise ValueError(f"bins: {bins}; expected 1 to {len(scores)}, the number of examples")
    return _ranks(scores) * bins // len(scores) + 1


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Return each example's rank from 0, the least influential, int64 (examples,)."""
    finite = np.isfinite(scores).sum()
    if not 0 < len(scores) == finite:
        raise ValueError(
            f"influence: {finite} of {len(scores)} scores are finite; expected one or more, and "
            "all finite"
        )
    ranks = np.empty(len(scores), dtype=np.int64)
    ranks[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return ranks


def bin_table(
    scores: np.ndarray, pies: np.ndarray, losses: pd.DataFrame, bins: int = 20
) -> pd.DataFrame:
    """Return the share of PIEs and the change of loss in each influence bin, one row a bin.

    A standard error is the standard deviation (ddof 1) over the bin's examples divided by the
    square root of their number; NaN in a bin of one example.

    Parameters
    ----------
    scores : float (examples,)
        By a measure of influence.
    pies : bool (examples,)
    losses : DataFrame
        From loss_change.

    Returns
    -------
    DataFrame
        `bin` (the last is the most influential), `examples`, `influence` (mean), `pies`,
        `pie_share` (fraction), and means over the bin's examples: `loss_baseline`,
        `loss_compressed`, `loss_change`, `loss_change_se`, `mean_of_ratios`,
        `mean_of_ratios_se` (of `loss_ratio`, the authors' way); `ratio_of_means`, mean compressed
        / mean baseline loss, which no single example can blow up, and `ratio_of_means_se`, by
        linearisation (Cochran 1977, ch. 6).
        A ratio that is NaN is left out of its mean.
    """
    bin_of = influence_bins(scores, bins)
    rows = losses.assign(bin=bin_of, influence=np.asarray(scores), pie=np.asarray(pies))
    groups = rows.groupby("bin")
    with np.errstate(invalid="ignore"):  # an infinite ratio has no standard error: NaN
        table = groups.agg(
            examples=("pie", "size"),
            influence=("influence", "mean"),
            pies=("pie", "sum"),
            pie_share=("pie", "mean"),
            loss_baseline=("loss_baseline", "mean"),
            loss_compressed=("loss_compressed", "mean"),
            loss_change=("loss_change", "mean"),
            loss_change_se=("loss_change", "sem"),
            mean_of_ratios=("loss_ratio", "mean"),
            mean_of_ratios_se=("loss_ratio", "sem"),
        )
    ratio = table["loss_compressed"] / table["loss_baseline"]
    residuals = rows["loss_compressed"] - rows["bin"].map(ratio) * rows["loss_baseline"]
    error = residuals.groupby(rows["bin"]).sem() / table["loss_baseline"]
    return table.assign(ratio_of_means=ratio, ratio_of_means_se=error).reset_index()


def top_table(
    scores: np.ndarray,
    pies: np.ndarray,
    margins: np.ndarray,
    percents: Sequence[float] = (1, 5, 10),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the share of PIEs among the most influential examples against chance.

    Chance is the share of PIEs among all examples: what a ranking at random would give; matched,
    it is the mean over the top of the share among all examples of the same margin: what a ranking
    by how divided the dense models are would give. The interval of a share is Clopper and
    Pearson's (1934); that of an enrichment is the same divided by chance, taken as known, which
    makes it a little wide (by 5 % at the top 10 %).

    Parameters
    ----------
    scores : float (examples,)
        By a measure of influence.
    pies : bool (examples,)
    margins : int (examples,)
        From votes.vote_margin, of the baseline.
    percents : float
        The top so many percent of the examples, rounded up to a whole example.
    confidence : float
        Of the two-sided intervals, a fraction.

    Returns
    -------
    DataFrame
        `top_percent`, `examples`, `pies`, `pie_share`, `pie_share_low`, `pie_share_high`,
        `chance`, `enrichment` (pie_share / chance, NaN without PIEs), `enrichment_low`,
        `enrichment_high`, and the last four once more `_matched`. Shares are fractions.
    """
    if not all(0 < percent <= 100 for percent in percents):
        raise ValueError(f"percents: {percents}; expected numbers above 0 and up to 100")
    ranks, table = _ranks(scores), []
    by_margin = pd.Series(pies).groupby(margins).transform("mean").to_numpy()
    for percent in percents:
        size = math.ceil(percent * len(scores) / 100)
        top = ranks >= len(scores) - size
        found = int(pies[top].sum())
        low, high = _clopper_pearson(found, size, confidence)
        row = {"top_percent": percent, "examples": size, "pies": found, "pie_share": found / size}
        row |= {"pie_share_low": low, "pie_share_high": high}
        for suffix, chance in (("", pies.mean()), ("_matched", by_margin[top].mean())):
            row |= {f"chance{suffix}": chance}
            for end in ("", "_low", "_high"):
                ratio = row[f"pie_share{end}"] / chance if chance else np.nan
                row[f"enrichment{suffix}{end}"] = ratio
        table.append(row)
    return pd.DataFrame(table)


def _clopper_pearson(found: int, size: int, confidence: float) -> tuple[float, float]:
    """Return the ends of the exact interval of a share."""
    tail = (1 - confidence) / 2
    low = betaincinv(found, size - found + 1, tail) if found else 0.0
    high = betaincinv(found + 1, size - found, 1 - tail) if found < size else 1.0
    return float(low), float(high)
