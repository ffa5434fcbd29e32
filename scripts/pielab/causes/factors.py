"""The factors that may make a text break: what each is called, where it comes from, its scale."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab import influence_measures
from pielab.vocabulary import COMPLEXITY

ALL_METHODS = "all"  # the method of rows in which the cells of all are pooled
PIE, NEGATIVE_FLIP, SHIFT = "pie", "negative flip", "shift"
OUTCOMES = (PIE, NEGATIVE_FLIP, SHIFT)
OF_MODELS, OF_TEXTS, OF_COMPLEXITY, OF_INFLUENCE = "models", "texts", "complexity", "influence"
MARGINS = ("logit_margin", "vote_margin")  # of which one is held fixed: the first that is known
CLASS = "class: "  # before the name of a class, whose factor is to have it, against all others
MOST_CLASSES, FEWEST_OF_CLASS = 20, 5  # of more classes, or of fewer texts, no odds are told
MOST_MISSING = 0.5  # share of texts of which a factor may be unknown; the mean stands for these


class Factor(NamedTuple):
    """What is known of a factor."""

    words: str
    source: str  # the table that has its column
    is_log: bool = False  # whether its logarithm is taken: where it spans orders of magnitude


# By column, in the order in which they are held fixed: what is below can be left out for what is
# above, where both say the same or there are too few PIEs for all
FACTORS = {
    "logit_margin": Factor("logit margin of the baseline", OF_MODELS),
    "vote_margin": Factor("vote margin of the baseline", OF_MODELS),
    "label_doubt": Factor("doubt about the label", OF_MODELS),
    **{  # of training texts
        name: Factor(influence_measures.words(name), OF_INFLUENCE)
        for name in influence_measures.names()
    },
    "tokens": Factor("tokens (log)", OF_COMPLEXITY, is_log=True),
    "class_frequency": Factor("frequency of the class (log)", OF_TEXTS, is_log=True),
    "rare_words": Factor("share of rare words", OF_TEXTS),
    "flesch_reading_ease": Factor("Flesch reading ease", OF_COMPLEXITY),
    "neighbours_other_label": Factor("neighbours with another label", OF_TEXTS),
    "neighbour_distance": Factor("distance to training texts", OF_TEXTS),
    "typicality": Factor("how typical of its class", OF_TEXTS),
    "fragmented": Factor("share of fragmented words", OF_TEXTS),
    "lexical_diversity": Factor("lexical diversity (MTLD)", OF_TEXTS),
    "negations": Factor("negations", OF_TEXTS),
    "numbers": Factor("numbers", OF_TEXTS),
    "sentences": Factor("sentences (log)", OF_COMPLEXITY, is_log=True),
    "difficult_share": Factor("share of difficult words", OF_COMPLEXITY),
    "dale_chall": Factor("Dale-Chall", OF_COMPLEXITY),
    "coleman_liau": Factor("Coleman-Liau", OF_COMPLEXITY),
    "gunning_fog": Factor("Gunning fog", OF_COMPLEXITY),
    "smog": Factor("SMOG", OF_COMPLEXITY),
    "ari": Factor("ARI", OF_COMPLEXITY),
    "flesch_kincaid_grade": Factor("Flesch-Kincaid grade", OF_COMPLEXITY),
}


def columns_of(source: str) -> list[str]:
    """Return the factors that come from a table."""
    return [name for name, factor in FACTORS.items() if factor.source == source]


def words_of(name: str) -> str:
    """Return what a factor is called; of a class, its name."""
    return FACTORS[name].words if name in FACTORS else name


def gather(
    texts: pd.DataFrame, complexity: pd.DataFrame, influence: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the factors of a split's texts that cells do not tell.

    Parameters
    ----------
    texts : DataFrame
        From texts.measure_splits.
    complexity : DataFrame
        From readability.measure_texts.
    influence : DataFrame, optional
        `example_id` and measures of influence, of training texts.
    """
    of_texts = texts[[name for name in columns_of(OF_TEXTS) if name in texts]]
    measured = complexity[[name for name in COMPLEXITY if name in FACTORS]]
    known = of_texts.reset_index(drop=True).join(measured.reset_index(drop=True))
    if influence is None:
        return known
    names = [name for name in columns_of(OF_INFLUENCE) if name in influence]
    by_example = influence.set_index("example_id")[names].reindex(texts["example_id"])
    return known.join(by_example.reset_index(drop=True))


def classes_of(truth: np.ndarray, names: Sequence[str], multi_label: bool) -> dict[str, np.ndarray]:
    """Return which texts have each class, bool (texts,), by its factor; none of many classes.

    With two classes that exclude each other, the second alone.

    Parameters
    ----------
    truth : bool (texts, classes)
    """
    if len(names) > MOST_CLASSES:
        return {}
    first = 1 if len(names) == 2 and not multi_label else 0
    return {
        f"{CLASS}{name}": is_class
        for name, is_class in list(zip(names, truth.T, strict=True))[first:]
        if FEWEST_OF_CLASS <= is_class.sum() <= len(is_class) - FEWEST_OF_CLASS
    }


def on_scale(name: str, values: np.ndarray) -> np.ndarray:
    """Return a factor as it is fitted: its logarithm, base 2, where it spans magnitudes."""
    if not FACTORS[name].is_log:
        return values
    return np.log2(np.maximum(values, 0.5))  # NaN stays


def standard(values: np.ndarray) -> tuple[np.ndarray, float, float] | None:
    """Return a factor of mean 0 and deviation 1, its mean and deviation; None if it is constant.

    The mean stands for what is not known.
    """
    known = np.isfinite(values)
    if known.mean() < 1 - MOST_MISSING:
        return None
    mean, spread = values[known].mean(), values[known].std()
    if not spread > 1e-9 * max(1.0, abs(mean)):
        return None
    return np.where(known, (values - mean) / spread, 0), float(mean), float(spread)
