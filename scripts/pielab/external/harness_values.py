"""Read the value of a metric for each document of a log: 0 or 1, a share, or any number."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple, TypeGuard

import numpy as np
import pandas as pd

from pielab.data.harness_logs import Sample

SMALL_IS_GOOD = re.compile(
    r"(?<![a-z])(wer|cer|ter|mer|brier|ece|perplexity|loss|errors?|mse|rmse|mae|distance|bits)"
    r"(?![a-z])",
    re.IGNORECASE,
)
BITS_PER_BYTE = "bits_per_byte"  # logged as a log probability in nats, and the bytes
RIGHT_FROM = "predictions.right_from"


class Values(NamedTuple):
    """A metric's values, in a log's order."""

    metric: str
    values: np.ndarray  # float64 (documents,)
    weights: np.ndarray  # float64 (documents,): of documents in the mean, 1 or their bytes
    better: int  # 1 if larger values are better, -1 if smaller ones are

    @property
    def are_decisions(self) -> bool:
        """Whether each value says nothing but right or wrong."""
        return self.better == 1 and bool(np.isin(self.values, (0, 1)).all())

    def right(self, right_from: float | None, where: str) -> np.ndarray:
        """Return which answers are right, bool (documents,).

        Raises
        ------
        ValueError
            If values are not 0 or 1 and the config does not name the value from which one is right.
        """
        if right_from is not None:
            return self.better * (self.values - right_from) >= 0
        if not self.are_decisions:
            neither = self.values[~np.isin(self.values, (0, 1))]
            found = f"{self.metric} {neither[0]:g}" if len(neither) else self.metric
            which = "from which on" if self.better == 1 else "at most which"
            raise ValueError(
                f"{where}: {found} is not right or wrong; expected {RIGHT_FROM}, the value of "
                f"{self.metric} {which} an answer counts as right"
            )
        return self.values == 1


def read_values(samples: list[Sample], metric: str | None, path: str) -> Values:
    """Return the value of a metric for each sample.

    Parameters
    ----------
    metric : str or None
        Its name; None: `acc` of choices, or the only one.

    Raises
    ------
    ValueError
        Naming the file, the line and what was expected.
    """
    values, weights, names = [], [], set()
    for sample in samples:
        where = f"{path}, line {sample.line}"
        name = _name(sample, metric, where)
        names.add(name)
        value, weight = _number(sample.metrics[name], name, sample, where)
        values.append(value)
        weights.append(weight)
    if len(names) > 1:
        raise ValueError(f"{path}: metrics {', '.join(sorted(names))}; expected one in all lines")
    (name,) = names
    better = -1 if SMALL_IS_GOOD.search(name) else 1
    return Values(name, np.array(values, np.float64), np.array(weights, np.float64), better)


def _name(sample: Sample, metric: str | None, where: str) -> str:
    names = list(sample.metrics)
    only = names[0] if len(names) == 1 else None
    name = metric or ("acc" if sample.log_probabilities and "acc" in names else only)
    if name not in names:
        numbers = [name for name in names if is_number(sample.metrics[name])]
        raise ValueError(
            f"{where}: predictions.metric {name!r}; expected one of "
            f"{', '.join(numbers or names) or 'the metrics, of which there are none'}"
        )
    return name


def _number(value: object, name: str, sample: Sample, where: str) -> tuple[float, float]:
    """Return a document's value and its weight in the mean."""
    if name == BITS_PER_BYTE and isinstance(value, list) and len(value) == 2:
        total, size = value
        if is_number(total) and is_number(size) and size > 0:
            return -float(total) / math.log(2) / float(size), float(size)
    if is_number(value):
        return float(value), 1.0
    numeric = [metric for metric in sample.metrics if is_number(sample.metrics[metric])]
    if BITS_PER_BYTE in sample.metrics and name != BITS_PER_BYTE:
        numeric.append(BITS_PER_BYTE)
    instead = f": predictions.metric {' or '.join(numeric)}" if numeric else ""
    corpus = " (it is computed over all documents together)" if isinstance(value, list) else ""
    raise ValueError(
        f"{where}: {name} {str(value)[:40]!r}{corpus}; expected a finite number for each "
        f"document{instead}"
    )


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a finite number."""
    try:
        return isinstance(value, (int, float)) and math.isfinite(value)
    except OverflowError:  # a whole number of 400 digits
        return False


def documents(
    task: str, samples: list[Sample], values: Values, settings: Mapping[str, object]
) -> pd.DataFrame:
    """Return the documents of a log, a row each, in its order.

    Returns
    -------
    DataFrame
        `task`, `metric`, `filter`, `value`, `weight`, `better`, `right_from` and `drop` (NaN where
        not named), `answer` and `parsed`: the text as generated and as the filter leaves it, null
        where choices are compared, and `cluster`: the fields that documents are clustered by, null
        for one that has none.
    """
    return pd.DataFrame(
        {
            "task": task,
            "metric": values.metric,
            "filter": [sample.filter for sample in samples],
            "value": values.values,
            "weight": values.weights,
            "better": values.better,
            "right_from": _or_nan(settings.get("right_from")),
            "drop": _or_nan(settings.get("drop")),
            "answer": pd.Series([sample.answer for sample in samples], dtype="str"),
            "parsed": pd.Series([sample.parsed for sample in samples], dtype="str"),
            "cluster": pd.Series([sample.cluster for sample in samples], dtype="str"),
        }
    )


def _or_nan(value: object) -> float:
    return float(value) if is_number(value) else math.nan
