"""Say how sure the PIEs of a cell are: by cell, by example, and by the number of seeds.

Of one model a side nothing can be known: NaN.
"""

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell
from pielab.pies.find import count_pies
from pielab.stats import agreement, mcnemar, noise_floor
from pielab.stats.distributions import normal_quantile
from pielab.stats.intervals import score_interval, share_interval, wilson
from pielab.stats.significance import adjust, false_discovery, sign_test, simes, tiers
from pielab.vocabulary import FEWEST, SIDES, TIERS, TIES

SIZES = (3, 5, 7, 9, 13, 19, 29, 49, 99)  # of the curve's points, odd lest votes tie; and all
CELL_COLUMNS = (
    *("pie_share_low", "pie_share_high", "pies_lowest", "pies_highest", "pies_exclude"),
    *(
        "half_seeds",
        "noise_floor",
        "noise_floor_compressed",
        "half_pies",
        "excess",
        "excess_low",
        "excess_high",
    ),
    *("p", "certain", "likely", "score_baseline_on_pies_low", "score_baseline_on_pies_high"),
    *("score_compressed_on_pies_low", "score_compressed_on_pies_high"),
)
PAIR_COLUMNS = ("mcnemar_p", "change_low", "change_high")
AGREEMENT_COLUMNS = (
    *("churn_baseline", "churn_compressed", "churn_same_seed", "churn_other_seed", "churn_draws"),
    *("label_loyalty", "probability_loyalty", "kl_divergence"),
    *("calibration_error_baseline", "calibration_error_compressed"),
)


def example_tests(cell: Cell) -> pd.DataFrame:
    """Return for each example whether pruning changed what its models predict, and how surely.

    Each class is tested for a change of how many models decide for it, whether that is right or
    wrong; the example's p combines its classes' (significance.simes). A second question is whether
    fewer or more models are right about it.

    Returns
    -------
    DataFrame
        `p`, and `q` adjusted for all examples of the cell, float32; `tier`: certain, likely or
        seed noise; `right_p` and `right_q`, the same for being right; of several labels
        `class_q`, lists of the q of each (example, class) pair, adjusted for all pairs.
    """
    fewest = min(FEWEST, cell.n_units)
    decisions = [cell.unit_decisions(side) for side in cell.sides]
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


def pies_without(cell: Cell, pies: pd.DataFrame) -> np.ndarray:
    """Return twice noise_floor.pies_without_each, uint8 (examples, seeds); for one, its PIEs."""
    if cell.n_units < 2:
        return 2 * pies["pie"].to_numpy(dtype=np.uint8)[:, None]
    return (2 * noise_floor.pies_without_each(cell).T).astype(np.uint8)


def cell_row(cell: Cell, pies: pd.DataFrame, rng: np.random.Generator) -> dict:
    """Return how sure the number of a cell's PIEs is, and the scores on them.

    Parameters
    ----------
    pies : DataFrame
        From find_pies, with the columns of example_tests and `pie_without`.

    Returns
    -------
    dict
        `pie_share_low`, `pie_share_high`; the PIEs by each tie rule; of groups of `half` models:
        `noise_floor`, `half_pies` and `excess`, counts of PIEs (see noise_floor.noise_floor); `p`
        of noise_floor.permutation_test; how many PIEs are `certain` and `likely`; and the 95 %
        intervals of the scores on PIEs, over seeds and examples.
    """
    row: dict = dict.fromkeys(CELL_COLUMNS, np.nan)
    pie = pies["pie"].to_numpy(dtype=bool)
    row |= {f"pies_{rule}": count_pies(cell, rule) for rule in TIES}
    row |= {name: int((pies["tier"][pie] == name).sum()) for name in TIERS[:2]}
    if cell.n_units < 2:
        return row
    left_out = np.stack(list(pies["pie_without"])).T / 2
    _, row["pie_share_low"], row["pie_share_high"] = share_interval(pie * 1.0, left_out)
    floor = noise_floor.noise_floor(cell, rng)
    row |= {"half_seeds": floor.half_seeds, "noise_floor": floor.floor}
    row |= {"noise_floor_compressed": floor.noise_floor_compressed, "half_pies": floor.half_pies}
    row |= dict(zip(("excess", "excess_low", "excess_high"), floor.excess, strict=True))
    row["p"] = noise_floor.permutation_test(cell, rng).p
    for name, side in zip(SIDES, cell.sides, strict=True):
        decisions = side.decisions[:, pie]
        on_pies = score_interval(decisions, cell.truth[pie], cell.multi_label, cell.per_unit)
        row |= {f"score_{name}_on_pies_low": on_pies.low}
        row |= {f"score_{name}_on_pies_high": on_pies.high}
    return row


def pair_row(cell: Cell) -> dict:
    """Return what the examples tell of two single models; NaN of several models a side.

    Returns
    -------
    dict
        `mcnemar_p` that as many answers turn right as wrong; `change_low` and `change_high`, the
        95 % interval of the change of the share of examples with all labels right, a fraction;
        `pie_share_low` and `pie_share_high`, that of the share of PIEs. All over examples alone.
    """
    row: dict = dict.fromkeys(PAIR_COLUMNS, np.nan)
    if len(cell.baseline.decisions) > 1:
        return row
    first, second = ((side.decisions[0] == cell.truth).all(axis=1) for side in cell.sides)
    counts = [
        int((one & other).sum()) for one in (second, ~second) for other in (first, ~first)
    ]  # right by both, only compressed, only baseline, neither
    both, positive, negative, neither = counts
    change = mcnemar.paired_difference(both, positive, negative, neither)
    changed = (cell.baseline.decisions[0] != cell.compressed.decisions[0]).any(axis=1)
    share = wilson(float(changed.mean()), len(changed), float(normal_quantile(0.975)))
    return {
        "mcnemar_p": mcnemar.mcnemar(positive, negative),
        "change_low": change.low,
        "change_high": change.high,
        "pie_share_low": share.low,
        "pie_share_high": share.high,
    }


def seed_rows(cell: Cell, row: dict, rng: np.random.Generator) -> pd.DataFrame:
    """Return what fewer seeds would have found, one row a number of seeds: noise_floor.SeedPoint.

    The last is what all seeds found, from `row`, which is cell_row's.
    """
    n_seeds = cell.n_units
    if n_seeds < 2:
        return pd.DataFrame(columns=list(noise_floor.SeedPoint._fields))
    points = noise_floor.seed_curve(cell, [size for size in SIZES if size < n_seeds], rng)
    pies = count_pies(cell, cell.ties)
    points.append(noise_floor.SeedPoint(n_seeds, pies, 0.0, row["excess"], 0.0, 1.0, 0.0))
    return pd.DataFrame(points)


def agreement_row(cell: Cell) -> dict:
    """Return how baseline and compressed models agree beyond votes, as agreement measures it."""
    churn = agreement.churn(cell)
    row = {f"churn_{name}": share for name, share in churn._asdict().items()}
    row["label_loyalty"] = 1 - churn.same_seed
    row |= agreement.closeness(cell)._asdict()
    for name, side in zip(SIDES, cell.sides, strict=True):
        errors = agreement.calibration_error(side, cell.labels)
        row[f"calibration_error_{name}"] = float(errors.mean())
    return row


def adjust_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the table of cells with `q` after `p`: adjusted for all cells of a split at once."""
    q = cells.groupby("split")["p"].transform(false_discovery)
    cells = cells.copy()
    cells.insert(list(cells).index("p") + 1, "q", q)
    return cells
