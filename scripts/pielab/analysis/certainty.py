"""Say how sure the PIEs of a cell are: by cell, by example, and by the number of seeds.

Of one model a side nothing can be known: NaN.
"""

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell
from pielab.pies.find import count_pies
from pielab.stats import agreement, noise
from pielab.stats.intervals import score_interval, share_interval
from pielab.stats.significance import false_discovery, paired_test
from pielab.vocabulary import FEWEST, TIERS, TIES

SIZES = (2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100)  # seeds of the curve's points, and all
CELL_COLUMNS = (
    *("pie_share_low", "pie_share_high", "pies_lowest", "pies_highest", "pies_exclude"),
    *("half", "noise_floor", "pruned_floor", "counterpart", "excess", "excess_low", "excess_high"),
    *("p", "certain", "likely", "score_dense_on_pies_low", "score_dense_on_pies_high"),
    *("score_pruned_on_pies_low", "score_pruned_on_pies_high"),
)
AGREEMENT_COLUMNS = (
    *("churn_dense", "churn_pruned", "churn_same_seed", "churn_other_seed", "label_loyalty"),
    *("probability_loyalty", "kl_divergence"),
    *("calibration_error_dense", "calibration_error_pruned"),
)


def example_tests(cell: Cell) -> pd.DataFrame:
    """Return for each example whether pruning changed how many of its models are right.

    Returns
    -------
    DataFrame
        `p` and `q` (Benjamini and Hochberg's, within the cell), float32, and `tier`: certain,
        likely or seed noise; see significance.paired_test. Of several labels each (example, class)
        pair is tested: the example has the p and q of its pair with the smallest q, and `class_q`
        lists all.
    """
    right = [side.decisions == cell.truth for side in cell.sides]
    if not cell.multi_label:
        right = [(side.decisions & cell.truth).any(axis=2) for side in cell.sides]
    test = paired_test(right[0], right[1], fewest=min(FEWEST, cell.dense.n_seeds))
    p, q, tier, lists = test.p, test.q, test.tier, {}
    if cell.multi_label:
        lists["class_q"] = list(q.astype(np.float32))
        best = q.argmin(axis=1)[:, None]
        p, q, tier = (np.take_along_axis(x, best, axis=1)[:, 0] for x in (p, q, tier))
    columns = {"p": p.astype(np.float32), "q": q.astype(np.float32), "tier": np.array(TIERS)[tier]}
    return pd.DataFrame(columns | lists)


def pies_without(cell: Cell, pies: pd.DataFrame) -> np.ndarray:
    """Return twice noise.pies_without_each, uint8 (examples, seeds); of one seed, its own PIEs."""
    if cell.dense.n_seeds < 2:
        return 2 * pies["pie"].to_numpy(dtype=np.uint8)[:, None]
    return (2 * noise.pies_without_each(cell).T).astype(np.uint8)


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
        `noise_floor`, `counterpart` and `excess`, counts of PIEs (see noise.noise_floor); `p` of
        noise.permutation_test; how many PIEs are `certain` and `likely`; and the 95 % intervals
        of the scores on PIEs, over seeds and examples.
    """
    row: dict = dict.fromkeys(CELL_COLUMNS, np.nan)
    pie = pies["pie"].to_numpy(dtype=bool)
    row |= {f"pies_{rule}": count_pies(cell, rule) for rule in TIES}
    row |= {name: int((pies["tier"][pie] == name).sum()) for name in TIERS[:2]}
    if cell.dense.n_seeds < 2:
        return row
    left_out = np.stack(list(pies["pie_without"])).T / 2
    _, row["pie_share_low"], row["pie_share_high"] = share_interval(pie * 1.0, left_out)
    floor = noise.noise_floor(cell, rng)
    row |= {"half": floor.half_seeds, "noise_floor": floor.floor}
    row |= {"pruned_floor": floor.pruned_floor, "counterpart": floor.half_pies}
    row |= dict(zip(("excess", "excess_low", "excess_high"), floor.excess, strict=True))
    row["p"] = noise.permutation_test(cell, rng).p
    for name, side in zip(("dense", "pruned"), cell.sides, strict=True):
        on_pies = score_interval(side.decisions[:, pie], cell.truth[pie], cell.multi_label)
        row |= {f"score_{name}_on_pies_low": on_pies.low}
        row |= {f"score_{name}_on_pies_high": on_pies.high}
    return row


def seed_rows(cell: Cell, rng: np.random.Generator) -> pd.DataFrame:
    """Return what fewer seeds would have found, one row a number of seeds: noise.SeedPoint."""
    n_seeds = cell.dense.n_seeds
    if n_seeds < 2:
        return pd.DataFrame(columns=list(noise.SeedPoint._fields))
    sizes = sorted({size for size in SIZES if size < n_seeds} | {n_seeds})
    return pd.DataFrame(noise.seed_curve(cell, sizes, rng))


def agreement_row(cell: Cell) -> dict:
    """Return how dense and pruned models agree beyond votes, as agreement measures it."""
    churn = agreement.churn(cell)
    row = {f"churn_{name}": share for name, share in churn._asdict().items()}
    row["label_loyalty"] = 1 - churn.same_seed
    row |= agreement.closeness(cell)._asdict()
    for name, side in zip(("dense", "pruned"), cell.sides, strict=True):
        errors = agreement.calibration_error(side, cell.labels)
        row[f"calibration_error_{name}"] = float(errors.mean())
    return row


def adjust(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the table of cells with `q` after `p`: adjusted for all cells of a split at once."""
    q = cells.groupby("split")["p"].transform(false_discovery)
    cells = cells.copy()
    cells.insert(list(cells).index("p") + 1, "q", q)
    return cells
