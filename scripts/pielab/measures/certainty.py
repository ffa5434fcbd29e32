"""Measure how sure the PIEs of a comparison are, by example and for all of them.

Derived in docs/explanation/statistics.md#one-example.
"""

import numpy as np
import pandas as pd

from pielab.measures import Known, Measure
from pielab.measures.pies import count_pies
from pielab.pies.cell import Cell
from pielab.stats import noise_floor
from pielab.stats.clusters import clusters_among
from pielab.stats.intervals import score_interval, share_interval
from pielab.stats.significance import adjust, sign_test, simes, tiers
from pielab.vocabulary import FEWEST_FOR_TEST, SIDES, TIERS, TIES


def example_tests(cell: Cell) -> pd.DataFrame:
    """Return for each example whether pruning changed what its models predict, and how sure that is.

    Each class is tested for a change of how many models decide for it, whether that is right or
    wrong; the example's p combines its classes' (significance.simes). A second question is whether
    fewer or more models are right about it.

    Returns
    -------
    DataFrame
        `p`, and `q` adjusted for all examples of the cell, float32; `tier`: certain, likely or
        seed noise; `right_p` and `right_q`, the same for being right; with several labels
        `class_q`, lists of the q of each (example, class) pair, adjusted for all pairs.
    """
    fewest = min(FEWEST_FOR_TEST, cell.n_replicates)
    decisions = [cell.replicate_decisions(side) for side in cell.sides]
    classes = sign_test(decisions[0], decisions[1], fewest)
    p, tested = simes(classes.p, classes.tested), np.asarray(classes.tested.any(axis=1))
    q = adjust(p, tested)
    baseline_right, compressed_right = (
        (decided == cell.truth).all(axis=2) for decided in decisions
    )
    right = sign_test(baseline_right, compressed_right, fewest)
    columns = {"p": p, "q": q, "right_p": right.p, "right_q": adjust(right.p, right.tested)}
    columns = {name: values.astype(np.float32) for name, values in columns.items()}
    table = pd.DataFrame(columns)
    table.insert(2, "tier", tiers(q))
    if cell.multi_label:
        table["class_q"] = list(adjust(classes.p, classes.tested).astype(np.float32))
    return table


def pies_without(cell: Cell, pie: np.ndarray) -> np.ndarray:
    """Return twice noise_floor.pies_without_each, uint8 (examples, seeds); for one, its PIEs."""
    if cell.n_replicates < 2:
        return 2 * pie.astype(np.uint8)[:, None]
    return (2 * noise_floor.pies_without_each(cell).T).astype(np.uint8)


def share(known: Known) -> dict[str, float]:
    """Return the 95 % interval of the share of PIEs, over seeds and examples.

    With one model on each side over examples alone.
    """
    pie = known.pie
    left_out = np.stack(list(known.tables["examples"]["pie_without"])).T / 2
    interval = share_interval(pie * 1.0, left_out, clusters=known.cell.clusters)
    return {"pie_share_low": interval.low, "pie_share_high": interval.high}


def excess(known: Known) -> dict[str, float]:
    """Return the PIEs of halves of the models, their noise floor, and the test's p."""
    floor = noise_floor.noise_floor(known.cell, known.rng)
    row = {"half_seeds": floor.half_seeds, "noise_floor": floor.floor}
    row |= {"noise_floor_compressed": floor.noise_floor_compressed, "half_pies": floor.half_pies}
    row |= floor.excess.columns("excess")
    return row | {"p": noise_floor.permutation_test(known.cell, known.rng).p}


def sure_pies(known: Known) -> dict[str, int]:
    """Return how many PIEs are in the first two tiers."""
    tier = np.asarray(known.tables["examples"]["tier"])[known.pie]
    return {name: int((tier == name).sum()) for name in TIERS[:2]}


def scores_on_pies(known: Known) -> dict[str, float]:
    """Return the 95 % intervals of the scores on PIEs, over seeds and examples."""
    cell, pie = known.cell, known.pie
    clusters = clusters_among(cell.clusters, pie)
    row: dict[str, float] = {}
    for name, side in zip(SIDES, cell.sides, strict=True):
        decisions = side.decisions[:, pie]
        how = cell.truth[pie], cell.multi_label, cell.per_replicate, clusters
        found = score_interval(decisions, *how)
        row |= {f"score_{name}_on_pies_low": found.low, f"score_{name}_on_pies_high": found.high}
    return row


MEASURES = [
    Measure(
        "examples",
        lambda known: example_tests(known.cell),
        """
        p | p | paired exact test over seeds of the vote: compression changes how many models choose a class, be it right or wrong; the p of all classes are combined (Simes)
        q | q | p adjusted for all examples of the cell (Benjamini and Hochberg)
        tier | name | how sure the change is: certain (q up to 0.05), likely (q up to 0.20), seed noise (it cannot be told from what seeds do)
        right_p | p | a second question, paired exact test over seeds: compression changes how many models are right
        right_q | q | right_p adjusted for all examples of the cell
        class_q | q | with several labels: list of the q of each class, adjusted for all pairs of example and class
        """,
    ),
    Measure(
        "examples",
        lambda known: {"pie_without": list(pies_without(known.cell, known.pie))},
        """
        pie_without | number | list: twice whether the example is a PIE if a seed is left out; 1 means by one of two tie rules
        """,
    ),
    Measure(
        "pies",
        share,
        """
        pie_share_low | fraction | lower end of the 95 % interval of pie_share, over seeds and examples
        pie_share_high | fraction | upper end of that interval
        """,
    ),
    Measure(
        "pies",
        lambda known: {f"pies_{rule}": count_pies(known.cell, rule) for rule in TIES},
        """
        pies_lowest | count | PIEs if a tie goes to the class with the lowest number
        pies_highest | count | PIEs if a tie goes to the class with the highest number
        pies_exclude | count | PIEs if examples with a tie are left out
        """,
    ),
    Measure(
        "pies",
        excess,
        """
        half_seeds | models | models in each half of the seeds, an odd number, since even groups tie; from noise_floor to excess_high and from negative_flip_floor to negative_flip_excess_high, PIEs and flips are between such halves, not between all models
        noise_floor | count | PIEs between a half of the models of the baseline and the other half, mean over splits: what other seeds alone would change
        noise_floor_compressed | count | the same between two halves of the compressed models
        half_pies | count | PIEs between a half of the models of the baseline and a half of the compressed ones of other seeds, mean over splits; put it beside noise_floor
        excess | count | half_pies minus noise_floor: the PIEs that compression adds to those of seeds
        excess_low | count | lower end of the 95 % interval of excess, over seeds and examples; empty with fewer than 4 seeds
        excess_high | count | upper end of that interval
        p | p | permutation test over seeds, one-sided: as many PIEs or more if baseline and compressed models were alike
        """,
        fewest=2,
    ),
    Measure(
        "pies",
        sure_pies,
        """
        certain | count | PIEs in the tier certain
        likely | count | PIEs in the tier likely
        """,
    ),
    Measure(
        "pies",
        scores_on_pies,
        """
        score_baseline_on_pies_low | score | lower end of the 95 % interval of score_baseline_on_pies, over seeds and examples
        score_baseline_on_pies_high | score | upper end of that interval
        score_compressed_on_pies_low | score | lower end of the 95 % interval of score_compressed_on_pies, over seeds and examples
        score_compressed_on_pies_high | score | upper end of that interval
        """,
        fewest=2,
    ),
]
