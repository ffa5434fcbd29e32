"""Find PIEs: examples whose majority vote differs between dense and pruned models.

Decisions are bool (seeds, examples, classes): one class an example, or any number of them for
multi-label data. Everything else is derived from decisions, the same way for both.
"""

import numpy as np
import pandas as pd
from scipy.special import expit

from pielab.statistics import vote_margin

TIES = ("lowest", "highest", "exclude")
THRESHOLDS = np.arange(100) / 100


def decide(logits: dict[str, np.ndarray], train_labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the decisions on each split; thresholds come from the one called train."""
    if train_labels.ndim == 1:
        return {split: decide_single(values) for split, values in logits.items()}
    thresholds = np.array([best_threshold(one, train_labels) for one in logits["train"]])
    return {split: decide_multi(values, thresholds) for split, values in logits.items()}


def decide_single(logits: np.ndarray) -> np.ndarray:
    """Return decisions for the class of the largest logit, the first of equals.

    Parameters
    ----------
    logits : float (seeds, examples, classes)
    """
    return logits.argmax(axis=2)[:, :, None] == np.arange(logits.shape[2])


def decide_multi(logits: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return decisions for the classes whose sigmoid score exceeds the model's threshold.

    Parameters
    ----------
    logits : float (seeds, examples, classes)
    thresholds : float (seeds,)
    """
    cuts = zip(logits, thresholds, strict=True)
    return np.stack([expit(one, dtype=np.float64) > cut for one, cut in cuts])


def best_threshold(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the one of 0.00, 0.01 ... 0.99 that maximises macro-F1, the lowest of equals.

    Parameters
    ----------
    logits : float (examples, classes)
        A model's predictions on its training split.
    labels : uint8 (examples, classes)
    """
    # A score exceeds the thresholds 0 .. passed - 1: counting scores by that number gives the
    # counts at all thresholds in one pass
    passed = np.searchsorted(THRESHOLDS, expit(logits, dtype=np.float64), side="left")
    f1 = np.zeros(len(THRESHOLDS))
    for scores, truth in zip(passed.T, labels.T, strict=True):
        positives = _at_least(scores)
        hits = _at_least(scores[truth.astype(bool)])
        total = positives + truth.sum(dtype=np.int64)
        f1 += np.divide(2 * hits, total, out=np.zeros(len(total)), where=total > 0)
    return float(THRESHOLDS[f1.argmax()])


def _at_least(passed: np.ndarray) -> np.ndarray:
    """Return, for each threshold, how many scores exceed it, int64 (thresholds,)."""
    counts = np.bincount(passed, minlength=len(THRESHOLDS) + 1)
    return counts[::-1].cumsum()[::-1][1:]


def majority(votes: np.ndarray, seeds: int, ties: str, multi_label: bool) -> tuple:
    """Return the decision of the majority and where it is tied.

    Parameters
    ----------
    votes : int (examples, classes)
        Models that decide for each class.
    ties : str
        Which of the classes with the most votes wins: `lowest` index, `highest`, or none
        (`exclude`). With several labels each class is a vote of its own between off and on, so
        that `lowest` wants strictly more than half of the models for on, `highest` at least half.

    Returns
    -------
    decision : bool (examples, classes)
        Of one label, no class where ties are excluded.
    tied : bool (examples, classes) of several labels, else (examples, 1)
    """
    if ties not in TIES:
        raise ValueError(f"ties: {ties!r}; expected one of {', '.join(TIES)}")
    if multi_label:
        tied = 2 * votes == seeds
        on = 2 * votes >= seeds if ties == "highest" else 2 * votes > seeds
        return on, tied
    most = votes == votes.max(axis=1, keepdims=True)
    tied = most.sum(axis=1, keepdims=True) > 1
    last = votes.shape[1] - 1
    index = last - most[:, ::-1].argmax(axis=1) if ties == "highest" else most.argmax(axis=1)
    decision = index[:, None] == np.arange(votes.shape[1])
    return decision & ~tied if ties == "exclude" else decision, tied


def find_pies(
    dense: np.ndarray, pruned: np.ndarray, labels: np.ndarray, ids: np.ndarray, ties: str = "lowest"
) -> pd.DataFrame:
    """Return one row an example: votes, majority decisions, ties, PIE or not, and the flip.

    Parameters
    ----------
    dense, pruned : bool (seeds, examples, classes)
        Decisions; the two may have different numbers of seeds.
    labels : int64 (examples,), or uint8 (examples, classes) of several labels
    ids : (examples,)

    Returns
    -------
    DataFrame
        `example_id`, `label`, `dense_label`, `pruned_label` (`labels` ... of several, as lists;
        a label is -1 where a tie excludes it), `dense_votes`, `pruned_votes` (lists, by class),
        `dense_margin` (statistics.vote_margin), `dense_tie`, `pruned_tie`, `pie`, and `flip`:
        good, bad or both wrong of a PIE, else null.
        Of several labels also `good_pairs` and `bad_pairs`, counts of classes that flipped.

    Source: Hooker et al. 2019, arXiv 1911.05248; multi-label: Tropeano et al. 2025.
    """
    multi_label = labels.ndim == 2
    truth = labels.astype(bool) if multi_label else labels[:, None] == np.arange(dense.shape[2])
    votes, decisions, tied, changed = _compare(dense, pruned, ties, multi_label)
    dense_on, pruned_on = decisions
    pie = changed.any(axis=1)
    good = pie & (pruned_on == truth).all(axis=1)
    bad = pie & (dense_on == truth).all(axis=1)
    suffix = "labels" if multi_label else "label"
    columns = {
        "example_id": ids,
        suffix: _as_lists(truth) if multi_label else labels,
        f"dense_{suffix}": _as_lists(dense_on) if multi_label else _as_index(dense_on),
        f"pruned_{suffix}": _as_lists(pruned_on) if multi_label else _as_index(pruned_on),
        "dense_votes": list(votes[0]),
        "pruned_votes": list(votes[1]),
        "dense_margin": vote_margin(votes[0], len(dense), multi_label),
        "dense_tie": tied[0].any(axis=1),
        "pruned_tie": tied[1].any(axis=1),
        "pie": pie,
        "flip": pd.Series(
            np.select([good, bad, pie], ["good", "bad", "both wrong"], default=""), dtype="str"
        ).where(pie),
    }
    if multi_label:
        columns["good_pairs"] = (changed & (pruned_on == truth)).sum(axis=1)
        columns["bad_pairs"] = (changed & (dense_on == truth)).sum(axis=1)
    return pd.DataFrame(columns)


def count_pies(dense: np.ndarray, pruned: np.ndarray, ties: str, multi_label: bool) -> int:
    """Return the number of PIEs by a tie rule, of decisions as in find_pies."""
    *_, changed = _compare(dense, pruned, ties, multi_label)
    return int(changed.any(axis=1).sum())


def _compare(dense: np.ndarray, pruned: np.ndarray, ties: str, multi_label: bool) -> tuple:
    """Return votes, majority decisions and ties of both sides, and what changed between them.

    `changed` is bool (examples, classes).
    """
    sides = [(one.sum(axis=0, dtype=np.int32), len(one)) for one in (dense, pruned)]
    found = [majority(votes, seeds, ties, multi_label) for votes, seeds in sides]
    decisions, tied = zip(*found, strict=True)
    changed = decisions[0] != decisions[1]
    if ties == "exclude":
        changed &= ~(tied[0] | tied[1])
    return [votes for votes, _ in sides], decisions, tied, changed


def _as_index(decision: np.ndarray) -> np.ndarray:
    return np.where(decision.any(axis=1), decision.argmax(axis=1), -1)


def _as_lists(decision: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(row) for row in decision]


def scores(decisions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each model's accuracy, or macro-F1 of several labels, float64 (seeds,).

    A class with neither label nor decision has an F1 of 0, as in scikit-learn. Without examples
    the scores are NaN.
    """
    if decisions.shape[1] == 0:
        return np.full(len(decisions), np.nan)
    if labels.ndim == 1:
        right = np.take_along_axis(decisions, labels[None, :, None], axis=2)
        return right[:, :, 0].mean(axis=1)
    truth = labels.astype(bool)
    hits = (decisions & truth).sum(axis=1)  # (seeds, classes)
    total = decisions.sum(axis=1) + truth.sum(axis=0)
    return np.divide(2 * hits, total, out=np.zeros(hits.shape), where=total > 0).mean(axis=1)


def score_table(
    dense: np.ndarray, pruned: np.ndarray, labels: np.ndarray, pie: np.ndarray
) -> pd.DataFrame:
    """Return one row a (side, seed): `score` on all examples and `score_on_pies`."""
    pie = np.asarray(pie, dtype=bool)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "side": side,
                    "seed": np.arange(len(decisions)),
                    "score": scores(decisions, labels),
                    "score_on_pies": scores(decisions[:, pie], labels[pie]),
                }
            )
            for side, decisions in (("dense", dense), ("pruned", pruned))
        ],
        ignore_index=True,
    )


def summarise(found: pd.DataFrame, table: pd.DataFrame) -> dict:
    """Return a cell's row from its PIE set and its score_table of the same split."""
    means = table.groupby("side")[["score", "score_on_pies"]].mean()
    flips = found["flip"].value_counts()
    return {
        "seeds": int((table["side"] == "pruned").sum()),
        "examples": len(found),
        "pies": int(found["pie"].sum()),
        "pie_share": float(found["pie"].mean()),
        "ties": int((found["dense_tie"] | found["pruned_tie"]).sum()),
        "score_dense": means.loc["dense", "score"],
        "score_pruned": means.loc["pruned", "score"],
        "score_dense_on_pies": means.loc["dense", "score_on_pies"],
        "score_pruned_on_pies": means.loc["pruned", "score_on_pies"],
        "good_flips": int(flips.get("good", 0)),
        "bad_flips": int(flips.get("bad", 0)),
        "both_wrong": int(flips.get("both wrong", 0)),
    }


def scores_per_seed(cell: dict, table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of a cell and of its dense models, one row a seed, for scores.csv."""
    sides = []
    for side, rows in table.groupby("side"):
        names = cell if side == "pruned" else cell | {"method": "dense", "sparsity": 0}
        sides.append(rows[["seed", "score"]].assign(**names)[[*names, "seed", "score"]])
    return pd.concat(sides, ignore_index=True)
