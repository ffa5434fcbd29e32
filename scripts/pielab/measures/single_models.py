"""Compare two single models by their examples."""

import math

from pielab.measures import Measure
from pielab.pies.cell import Cell
from pielab.stats import mcnemar, paired


def compare(cell: Cell) -> dict[str, float]:
    """Return McNemar's p-value, and the change of the share of examples with all labels right.

    Over examples alone: what other seeds would do is not known.
    """
    first, second = ((side.decisions[0] == cell.truth).all(axis=1) for side in cell.sides)
    both, positive, negative, neither = (
        int((one & other).sum()) for one in (second, ~second) for other in (first, ~first)
    )  # right by both, only compressed, only baseline, neither
    if cell.clusters is not None:
        found = paired.difference(first[None] * 1.0, second[None] * 1.0, None, cell.clusters)
        return {"mcnemar_p": math.nan, "change_low": found.low, "change_high": found.high}
    change = mcnemar.paired_difference(both, positive, negative, neither)
    p = mcnemar.mcnemar(positive, negative)
    return {"mcnemar_p": p, "change_low": change.low, "change_high": change.high}


MEASURES = [
    Measure(
        "pies",
        lambda known: compare(known.cell),
        """
        mcnemar_p | p | exact McNemar test of two single models, two-sided: as many answers turn right as wrong; empty with several models on each side, and where examples have clusters
        change_low | difference | lower end of the 95 % interval (Newcombe, over examples, or as many as clusters are worth) of the change of the share of examples that are right, of two single models
        change_high | difference | upper end of that interval
        """,
        most=1,
    ),
]
