"""Count negative flips beyond the noise floor."""

import numpy as np

from pielab.measures import Known, Measure
from pielab.stats.negative_flips import negative_flips


def count(known: Known) -> dict[str, float]:
    """Return the noise floor of negative flips, and the excess."""
    found = negative_flips(known.cell, np.random.default_rng(0))
    return {"negative_flip_floor": found.floor} | found.excess.columns("negative_flip_excess")


MEASURES = [
    Measure(
        "pies",
        count,
        """
        negative_flip_floor | count | negative flips between a half of the replicates of the baseline and the other half, of half_seeds replicates each as for PIEs, mean over splits; 0 of one dense model
        negative_flip_excess | count | negative flips between a half of the baseline and a half of the compressed models of other replicates (half_seeds replicates each), minus negative_flip_floor
        negative_flip_excess_low | count | lower end of its 95 % interval, over replicates and examples; empty with fewer than 4 replicates
        negative_flip_excess_high | count | upper end of that interval
        """,
        fewest=2,
    ),
]
