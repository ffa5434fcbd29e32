"""Made-up comparisons of cells, as the report's first screen judges them."""

import pandas as pd

from pielab.pages.cells import judged

ROW = {
    **{"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90.0, "seeds": 9},
    **{"baseline": "control", "split": "test", "primary": True, "collapsed": False},
    **{
        "examples": 400,
        "pies": 40,
        "positive_flips": 8,
        "negative_flips": 30,
        "both_wrong": 2,
        "ties": 1,
    },
    **{"score_baseline": 0.9, "score_compressed": 0.8, "q": 0.5, "certain": 3, "likely": 2},
    **{"excess": 4.0, "excess_low": -8.0, "excess_high": 16.0, "noise_floor": 20, "half_pies": 24},
}
SURELY = {"q": 0.01, "excess": 60.0, "excess_low": 40.0, "excess_high": 80.0}
PERHAPS = {"q": 0.2, "excess": 60.0, "excess_low": 40.0, "excess_high": 80.0}
NOT_MORE = {"q": 0.2, "excess": -8.0, "excess_low": -12.0, "excess_high": -4.0}
FEW = {"seeds": 3, "excess_low": None, "excess_high": None, "q": 1.0}
DENSE = {"baseline": "dense", "primary": False}
AT_ONCE = {"method": "ibp-ai", "baseline": "dense"}
CONTROL = {"method": "control", "level": 0.0, "baseline": "dense"}
CLASS = {"class": "negative", "examples": 200, "q": 0.01}


def row(**change):
    """Return a row of pies.csv, with the size that frontier.csv says."""
    own = ROW | change
    compressed = own["level"] > 0
    level = {"level_unit": "percent" if compressed else "none", "is_compressed": compressed}
    level |= {"level_text": f"{own['level']:g} %" if compressed else "not compressed"}
    return (
        level
        | {"size_share": 1 - own["level"] / 100}
        | {"differ_by": "seed", "replicates": own["seeds"]}
        | own
    )


def cells(*changes, longer=("imp-ft",), falls=0.2):
    """Return judged comparisons, one of each dict of changes; of one class the score falls."""
    pies = pd.DataFrame([row(**change) for change in changes])
    keys = pies[["dataset", "model", "method", "level", "baseline"]]
    agreement = keys.assign(churn_same_seed=0.12, churn_baseline=0.1)
    classes = keys.assign(**CLASS, score_baseline=0.87, score_compressed=0.87 - falls)
    return judged(pies, agreement, classes, longer)
