"""Tabulate how PIEs, negative flips and shifts go with each factor, alone and with others fixed.

Derived in docs/explanation/statistics.md#causes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.causes.factors import (
    CLASS,
    FACTORS,
    MARGINS,
    OF_INFLUENCE,
    OUTCOMES,
    SHIFT,
    columns_of,
    on_scale,
    standard,
    words_of,
)
from pielab.causes.outcomes import Texts
from pielab.stats import odds
from pielab.stats.clusters import clusters_among
from pielab.stats.odds import Coefficients, Sample
from pielab.stats.refits import LeftOut

MOST_TEXTS = 100_000  # that are fitted: more would hardly narrow an interval
FEWEST_TEXTS = 5  # with the outcome, below which nothing is said of it
TEXTS_A_FACTOR = 5  # texts with the outcome for each factor that is held fixed
NOTHING = np.array([np.nan])
UNKNOWN = Coefficients(NOTHING, NOTHING, NOTHING, separates=False)
INFLUENCE = columns_of(OF_INFLUENCE)  # measures of the same thing, so one is held fixed
BY_REPLICATE = ("vote_margin", "logit_margin", "label_doubt")
COLUMNS = (
    "outcome",
    "factor",
    "factor_name",
    "texts",
    "with_outcome",
    "doubted",
    "comparisons",
    "replicates",
    "mean",
    "deviation",
    "measure",
    "alone",
    "alone_low",
    "alone_high",
    "adjusted",
    "adjusted_low",
    "adjusted_high",
    "held_fixed",
    "inflation",
    "note",
)


class _Design(NamedTuple):
    """The standardised factors of all texts, by all models and without each replicate."""

    names: list[str]
    values: np.ndarray  # float64 (rows of outcomes, factors, texts)
    means: list[float]
    deviations: list[float]
    noise: float  # variance of the standardised logit margin over models


def pool(cells: Sequence[Texts]) -> Texts:
    """Return the means over cells, which share their texts and the number of their replicates."""
    return Texts(*(np.mean(parts, axis=0) for parts in zip(*cells, strict=True)))


def causes(
    pooled: Texts,
    texts: pd.DataFrame,
    comparisons: int,
    classes: Mapping[str, np.ndarray] | None = None,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return a row for each outcome and factor, COLUMNS; with many texts, from evenly spread ones.

    Parameters
    ----------
    pooled : Texts
        Means over so many `comparisons`.
    texts : DataFrame
        What is known of the texts beside: from factors.gather.
    classes : mapping, optional
        Which texts have each class: from factors.classes_of.
    clusters : int (texts,), optional
        From 0: texts that share something, over which intervals are.
    """
    classes = classes or {}
    if len(texts) > MOST_TEXTS:
        kept = np.linspace(0, len(texts) - 1, MOST_TEXTS).astype(int)
        pooled, texts = Texts(*(part[..., kept] for part in pooled)), texts.iloc[kept]
        classes = {name: is_class[kept] for name, is_class in classes.items()}
        clusters = clusters_among(clusters, kept)
    design = _design(pooled, texts, classes)
    outcomes = dict(zip(OUTCOMES, (pooled.pie, pooled.negative, pooled.shift), strict=True))
    known = {"comparisons": comparisons}
    rows = [
        known | {"replicates": max(1, len(outcome) - 1)} | _doubted(outcome, pooled.doubted) | row
        for name, outcome in outcomes.items()
        if np.isfinite(outcome).all()
        for row in _rows(name, outcome, design, comparisons, clusters)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _doubted(outcome: np.ndarray, doubted: np.ndarray) -> dict[str, float]:
    """Return of how many texts with the outcome most models doubt the label; of shifts, of all."""
    found = (outcome[0] > 0) | (outcome[0] < 0)
    known = np.isfinite(doubted).all()
    return {"doubted": int((found & (doubted > 0.5)).sum()) if known else np.nan}


def _design(pooled: Texts, texts: pd.DataFrame, classes: Mapping[str, np.ndarray]) -> _Design:
    names: list[str] = []
    means: list[float] = []
    deviations: list[float] = []
    columns: list[np.ndarray] = []
    known: Mapping[str, np.ndarray] = {name: getattr(pooled, name) for name in BY_REPLICATE}
    for name in FACTORS:
        if name not in known and name not in texts:
            continue
        values = known[name] if name in known else texts[name].to_numpy(np.float64)[None]
        values = on_scale(name, values)
        whole = standard(values[0])
        if whole is None:
            continue
        _, mean, deviation = whole
        scaled = np.nan_to_num((values - mean) / deviation)
        columns.append(np.broadcast_to(scaled, (len(pooled.pie), scaled.shape[1])))
        names, means = [*names, name], [*means, mean]
        deviations.append(deviation)
    for name, has in classes.items():  # one for a text that has it, so that odds are against others
        columns.append(np.broadcast_to(has * 1.0, (len(pooled.pie), len(has))))
        names, means = [*names, name], [*means, float(has.mean())]
        deviations.append(float(has.std()))
    noise = 0.0
    if "logit_margin" in names and np.isfinite(pooled.margin_noise).all():
        deviation = deviations[names.index("logit_margin")]
        noise = float(pooled.margin_noise.mean()) / deviation**2
    rows, n_texts = pooled.pie.shape
    values = np.stack(columns, axis=1) if columns else np.empty((rows, 0, n_texts))
    return _Design(names, values, means, deviations, noise)


def _rows(
    name: str, outcome: np.ndarray, design: _Design, comparisons: int, clusters: np.ndarray | None
) -> list[dict]:
    """Return the rows of an outcome."""
    bounded = name != SHIFT
    texts = outcome.shape[1]
    found = int((outcome[0] > 0).sum()) if bounded else texts
    shared = {"outcome": name, "texts": texts, "with_outcome": found}
    shared["measure"] = "odds ratio" if bounded else "difference"
    few = bounded and min(found, int((outcome[0] < 1).sum())) < FEWEST_TEXTS
    held = [] if few else _held(design, found // TEXTS_A_FACTOR if bounded else texts // 10)

    def measure(columns: list[int]) -> Coefficients:
        factors = _calibrated(design.values[:, columns], columns, design)
        whole, left_out = Sample(factors[0].T, outcome[0]), LeftOut(factors[1:], outcome[1:])
        return odds.measure(whole, left_out, comparisons, bounded, clusters=clusters)

    together = measure(held) if len(held) > 1 else None
    rows = []
    for column, factor in enumerate(design.names):
        alone, note = UNKNOWN, f"fewer than {FEWEST_TEXTS} texts: nothing is fitted"
        adjusted, fixed = UNKNOWN, 0
        if not few:
            alone = measure([column])
            adjusted, fixed, note = _adjusted(design, column, held, together, measure)
        if alone.separates:
            note = "it tells all of these texts from all others: a prior keeps it finite"
        columns = [column, *(other for other in held if other != column)][: 1 + fixed]
        inflation = odds.inflation(design.values[0][columns].T)[0] if fixed else np.nan
        rows.append(
            shared
            | {"factor": factor, "factor_name": words_of(factor), "note": note}
            | {"mean": design.means[column], "deviation": design.deviations[column]}
            | _ends("alone", alone, bounded)
            | _ends("adjusted", adjusted, bounded)
            | {"held_fixed": fixed or np.nan, "inflation": inflation}
        )
    return rows


def _held(design: _Design, room: int) -> list[int]:
    """Return the columns that are held fixed together: one margin, one measure of influence."""
    further = [*_known(MARGINS, design)[1:], *_known(INFLUENCE, design)[1:]]
    allowed = [
        at
        for at, name in enumerate(design.names)
        if name not in further and not name.startswith(CLASS)
    ]
    chosen = odds.told_apart(design.values[0][allowed].T, room)
    return [allowed[at] for at in chosen]


def _known(names: Sequence[str], design: _Design) -> list[str]:
    return [name for name in names if name in design.names]


def _adjusted(
    design: _Design,
    column: int,
    held: list[int],
    together: Coefficients | None,
    measure: Callable[[list[int]], Coefficients],
) -> tuple[Coefficients, int, str]:
    """Return a column's coefficient with others held fixed, how many these are, and a note.

    Parameters
    ----------
    together : Coefficients, optional
        Of the columns that are held fixed.
    """
    name = design.names[column]
    if name in MARGINS and column not in held and held:
        return UNKNOWN, 0, f"tells what {design.names[held[0]].replace('_', ' ')} tells"
    if column in held and together is not None:
        found, place, fixed, note = together, held.index(column), len(held) - 1, ""
    else:
        others = [other for other in held if other != column][: max(1, len(held) - 1)]
        of_influence = [other for other in held if design.names[other] in INFLUENCE]
        if name in INFLUENCE and of_influence:  # which another measure would stand for
            others = [other for other in held if other not in of_influence]
        if name.startswith(CLASS):  # which its frequency would stand for
            others = [other for other in others if design.names[other] != "class_frequency"]
        if not others:
            return UNKNOWN, 0, "too few of these texts to hold anything fixed"
        if odds.inflation(design.values[0][[column, *others]].T)[0] > odds.MOST_INFLATED:
            return UNKNOWN, 0, "cannot be told apart from those that are held fixed"
        found, place, fixed = measure([column, *others]), 0, len(others)
        note = "put in the place of the last that is held fixed"
        if name in INFLUENCE and of_influence:
            note = f"put in the place of {words_of(design.names[of_influence[0]])}"
    if found.separates:
        note = "together they tell all of these texts from all others: a prior keeps it finite"
    only = slice(place, place + 1)
    coefficient = Coefficients(
        found.estimate[only], found.low[only], found.high[only], found.separates
    )
    return coefficient, fixed, note


def _calibrated(values: np.ndarray, columns: list[int], design: _Design) -> np.ndarray:
    """Return factors with the logit margin as it would be without the noise of few models.

    Its square comes last: PIEs are where a margin is near zero, and what a line leaves of that
    would seem to be due to factors that go with the margin.

    Parameters
    ----------
    values : float64 (rows of outcomes, factors, texts)
    """
    names = [design.names[column] for column in columns]
    if "logit_margin" not in names or len(names) < 2:
        return values
    at = names.index("logit_margin")
    cleaned = values.copy()
    if design.noise:
        others = np.delete(values, at, axis=1)
        cleaned[:, at] = odds.without_noise(values[:, at], design.noise, others)
    return np.concatenate([cleaned, np.square(cleaned[:, [at]]) - 1], axis=1)


def _ends(name: str, found: Coefficients, bounded: bool) -> dict[str, float]:
    values = [float(part[0]) for part in found[:3]]
    shown = np.exp(np.clip(values, -50, 50)).tolist() if bounded else values
    return dict(zip((name, f"{name}_low", f"{name}_high"), shown, strict=True))
