"""Measure what fewer seeds would have found."""

import pandas as pd

from pielab.measures import Known, Measure
from pielab.stats import noise_floor


def curve(known: Known) -> pd.DataFrame:
    """Return a noise_floor.SeedPoint a row; the last is what all seeds found."""
    row, (*sizes, every) = known.tables["pies"], known.tables["seeds"]["seeds"]
    points = noise_floor.seed_curve(known.cell, sizes, known.rng)
    points.append(noise_floor.SeedPoint(every, row["pies"], 0.0, row["excess"], 0.0, 1.0, 0.0))
    return pd.DataFrame(points).drop(columns="seeds")


MEASURES = [
    Measure(
        "seeds",
        curve,
        """
        pies | count | PIEs, mean over draws
        pies_sd | count | standard deviation of pies over draws
        excess | count | PIEs between halves of the drawn seeds, baseline against compressed minus baseline against baseline; mean over draws; of all seeds that of pies.csv
        excess_sd | count | standard deviation of excess over draws
        overlap | fraction | overlap (Jaccard) of the PIE set with that of all seeds, mean over draws
        overlap_sd | fraction | standard deviation of overlap over draws
        """,
        fewest=2,
    ),
]
