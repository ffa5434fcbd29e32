"""Say how sure the PIEs of a cell are: by cell, by example, and by the number of seeds.

Decisions are bool (seeds, examples, classes), as in pies; row s of dense and of pruned is the same
seed. Of one model a side nothing can be known: NaN.
"""

import numpy as np
import pandas as pd

from pielab.pies.find import count_pies, find_pies
from pielab.pies.scores import score_table
from pielab.stats import agreement, noise
from pielab.stats.intervals import score_interval, share_interval
from pielab.stats.significance import false_discovery, paired_test
from pielab.vocabulary import FEWEST, TIERS, TIES

SIZES = (2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100)  # seeds of the curve's points, and all


CELL_COLUMNS = (
    *("pie_share_low", "pie_share_high", "pies_lowest", "pies_highest", "pies_exclude"),
    *("half_seeds", "noise_floor", "noise_floor_compressed", "half_pies", "excess", "excess_low", "excess_high"),
    *("p", "certain", "likely", "score_baseline_on_pies_low", "score_baseline_on_pies_high"),
    *("score_compressed_on_pies_low", "score_compressed_on_pies_high"),
)


AGREEMENT_COLUMNS = (
    *("churn_baseline", "churn_compressed", "churn_same_seed", "churn_other_seed", "label_loyalty"),
    *("probability_loyalty", "kl_divergence"),
    *("calibration_error_baseline", "calibration_error_compressed"),
)


def class_ids(decisions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return decisions as noise takes them: int (seeds, examples), or bool of several labels."""
    return decisions if labels.ndim == 2 else decisions.argmax(axis=2).astype(np.int16)


def test_examples(dense: np.ndarray, pruned: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Return for each example whether pruning changed how many of its models are right.

    Returns
    -------
    DataFrame
        `p` and `q` (Benjamini and Hochberg's, within the cell), float32, and `tier`: certain,
        likely or seed noise; see paired_test. Of several labels each (example, class)
        pair is tested: the example has the p and q of its pair with the smallest q, and `class_q`
        lists all.
    """
    truth = labels.astype(bool) if labels.ndim == 2 else labels[:, None]
    if labels.ndim == 2:
        right = [side == truth for side in (dense, pruned)]
    else:
        right = [np.take_along_axis(s, truth[None], axis=2)[:, :, 0] for s in (dense, pruned)]
    found = paired_test(*right, fewest=min(FEWEST, len(dense)))
    p, q, tier = (np.asarray(x) for x in (found.p, found.q, found.tier))
    more = {}
    if labels.ndim == 2:
        more["class_q"] = list(q.astype(np.float32))
        best = q.argmin(axis=1)[:, None]
        p, q, tier = (np.take_along_axis(x, best, axis=1)[:, 0] for x in (p, q, tier))
    names = np.array(TIERS)[tier]
    return pd.DataFrame(
        {"p": p.astype(np.float32), "q": q.astype(np.float32), "tier": names} | more
    )


def describe(
    sides: list[np.ndarray],
    logits: list[np.ndarray],
    labels: np.ndarray,
    ids: np.ndarray,
    ties: str,
) -> tuple[pd.DataFrame, ...]:
    """Return the tables of a cell's split: its examples, scores, certainty and curve of seeds.

    Parameters
    ----------
    sides, logits : list
        Of dense and of pruned models: decisions, and float32 (seeds, examples, classes).
    labels, ids
        As in find_pies, whose table has more columns here: those of test_examples, and
        `pie_without`, lists of twice noise.pies_without_each, uint8.
    """
    rng = np.random.default_rng(0)
    found = find_pies(*sides, labels, ids, ties)
    left_out = found["pie"].to_numpy(dtype=np.float32)[None]
    if len(sides[0]) > 1:
        left_out = noise.pies_without_each(*(class_ids(side, labels) for side in sides), ties)
    found = pd.concat([found, test_examples(*sides, labels)], axis=1)
    found["pie_without"] = list((2 * left_out.T).astype(np.uint8))
    row = cell_row(*sides, labels, found, ties, rng)
    row |= agreement_row(*sides, logits, labels)
    curve = seed_rows(*sides, labels, ties, rng)
    return found, score_table(*sides, labels, found["pie"]), pd.DataFrame([row]), curve


def cell_row(
    dense: np.ndarray,
    pruned: np.ndarray,
    labels: np.ndarray,
    found: pd.DataFrame,
    ties: str,
    rng: np.random.Generator,
) -> dict:
    """Return how sure the number of a cell's PIEs is, and the scores on them.

    Parameters
    ----------
    found : DataFrame
        From describe.

    Returns
    -------
    dict
        `pie_share_low`, `pie_share_high`; the PIEs by each tie rule; of groups of `half` models:
        `noise_floor`, `half_pies` and `excess`, counts of PIEs (see noise.noise_floor); `p` of
        noise.permutation_test; how many PIEs are `certain` and `likely`; and the 95 % intervals
        of the scores on PIEs, over seeds and examples.
    """
    row = dict.fromkeys(CELL_COLUMNS, np.nan)
    pie = found["pie"].to_numpy(dtype=bool)
    for rule in TIES:
        row[f"pies_{rule}"] = count_pies(dense, pruned, rule, labels.ndim == 2)
    row |= {name: int((found["tier"][pie] == name).sum()) for name in TIERS[:2]}
    if len(dense) < 2:
        return row
    sides = [class_ids(side, labels) for side in (dense, pruned)]
    left_out = np.stack(found["pie_without"]).T / 2
    _, row["pie_share_low"], row["pie_share_high"] = share_interval(pie * 1.0, left_out)
    floor = noise.noise_floor(*sides, rng, ties)
    row |= {"half_seeds": floor.half, "noise_floor": floor.floor, "noise_floor_compressed": floor.noise_floor_compressed}
    row |= {"half_pies": floor.half_pies}
    row |= dict(zip(("excess", "excess_low", "excess_high"), floor.excess, strict=True))
    row["p"] = noise.permutation_test(*sides, rng, ties).p
    for name, side in zip(("dense", "pruned"), sides, strict=True):
        _, low, high = score_interval(side[:, pie], labels[pie])
        row |= {f"score_{name}_on_pies_low": low, f"score_{name}_on_pies_high": high}
    return row


def seed_rows(
    dense: np.ndarray,
    pruned: np.ndarray,
    labels: np.ndarray,
    ties: str,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return what fewer seeds would have found, one row a number of seeds: noise.SeedPoint."""
    seeds = len(dense)
    sizes = sorted({size for size in SIZES if size < seeds} | {seeds})
    if seeds < 2:
        return pd.DataFrame(columns=noise.SeedPoint._fields)
    sides = [class_ids(side, labels) for side in (dense, pruned)]
    return pd.DataFrame(noise.seed_curve(*sides, sizes, rng, ties))


def agreement_row(
    dense: np.ndarray, pruned: np.ndarray, logits: list[np.ndarray], labels: np.ndarray
) -> dict:
    """Return how dense and pruned models agree beyond votes, as agreement measures it.

    Parameters
    ----------
    logits : list
        Of dense and of pruned models, float32 (seeds, examples, classes).
    """
    several = labels.ndim == 2
    churn = agreement.churn(*(class_ids(side, labels) for side in (dense, pruned)))
    row = {f"churn_{name}": share for name, share in churn._asdict().items()}
    row["label_loyalty"] = 1 - churn.same_seed
    row |= agreement.closeness(*logits, several)._asdict()
    for name, side in zip(("dense", "pruned"), logits, strict=True):
        row[f"calibration_error_{name}"] = float(
            agreement.calibration_error(side, labels, multi_label=several).mean()
        )
    return row


def adjust(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the table of cells with `q` after `p`: adjusted for all cells of a split at once."""
    q = cells.groupby("split")["p"].transform(false_discovery)
    cells = cells.copy()
    cells.insert(list(cells).index("p") + 1, "q", q)
    return cells
