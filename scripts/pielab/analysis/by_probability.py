"""Count each example as a PIE by its probability: what classes, influence and complexity say then.

The columns stand beside those of the vote's PIEs, in tables of the same rows. With one model
on each side the probabilities, and so all columns, are NaN.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pielab.analysis.contrast import weighted_delta
from pielab.stats.effects import match_strata
from pielab.vocabulary import LENGTHS


def of_classes(truth: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """Return one row a class, of the examples that have it.

    Parameters
    ----------
    truth : bool (examples, classes)
    probability : float (examples,)

    Returns
    -------
    DataFrame
        `pies_by_probability`, the sum of probabilities; `pie_rate_by_probability`, their mean;
        `class_share_by_probability`, the class's share of the sums of all classes.
    """
    pies = probability.astype(np.float64) @ truth
    return pd.DataFrame(
        {
            "pies_by_probability": pies,
            "pie_rate_by_probability": _ratio(pies, truth.sum(axis=0)),
            "class_share_by_probability": _ratio(pies, pies.sum()),
        }
    )


def of_bins(bins: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """Return one row a bin of influence, in their order: sum and mean of the probabilities.

    Parameters
    ----------
    bins : int (examples,)
        From influence.influence_bins.
    """
    groups = pd.Series(probability.astype(np.float64)).groupby(bins)
    sums = groups.sum(min_count=1).to_numpy()
    means = groups.mean().to_numpy()
    return pd.DataFrame({"pies_by_probability": sums, "pie_share_by_probability": means})


def of_top(
    scores: np.ndarray, probability: np.ndarray, margins: np.ndarray, percents: Sequence[float]
) -> pd.DataFrame:
    """Return one row a share of the most influential, as influence.top_table.

    Returns
    -------
    DataFrame
        `pies_by_probability` and `pie_share_by_probability`, as of_bins;
        `enrichment_by_probability`, that share over the mean of all, and
        `enrichment_matched_by_probability`, over the mean of all of the same vote margin.
    """
    order, rows = np.argsort(scores, kind="stable"), []
    probability = probability.astype(np.float64)
    by_margin = pd.Series(probability).groupby(margins).transform("mean").to_numpy()
    for percent in percents:
        top = order[len(order) - math.ceil(percent * len(order) / 100) :]
        share = probability[top].mean()
        rows.append(
            {
                "pies_by_probability": probability[top].sum(),
                "pie_share_by_probability": share,
                "enrichment_by_probability": _ratio(share, probability.mean()),
                "enrichment_matched_by_probability": _ratio(share, by_margin[top].mean()),
            }
        )
    return pd.DataFrame(rows).astype(np.float64)


def of_measures(
    measures: pd.DataFrame, probability: np.ndarray, margins: np.ndarray
) -> pd.DataFrame:
    """Return one row a measure of complexity: Cliff's delta, against all and against matched.

    A pair of examples counts by the probability that the first is a PIE and the second is none.

    Returns
    -------
    DataFrame
        `cliffs_delta_by_probability` and `matched_by_probability`, see contrast.contrast_measures.
    """
    rows, alike = [], match_strata(margins, measures["tokens"].to_numpy())
    for name in measures.columns:
        values = measures[name].to_numpy(dtype=np.float64)
        finite = np.isfinite(values)
        strata = margins if name.endswith(LENGTHS) else alike
        deltas = [
            weighted_delta(values[finite], probability[None, finite], groups)(np.ones(finite.sum()))
            for groups in (None, strata[finite])
        ]
        rows.append([float(delta[0]) for delta in deltas])
    names = ["cliffs_delta_by_probability", "matched_by_probability"]
    return pd.DataFrame(rows, columns=names)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return a quotient, NaN of nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, np.divide(numerator, denominator), np.nan)
