"""Find PIEs: examples whose majority vote differs between dense and pruned models."""

import numpy as np
import pandas as pd

from pielab.pies.votes import majority, vote_margin
from pielab.vocabulary import FLIPS


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
        `example_id`, `label`, `baseline_label`, `compressed_label` (`labels` ... of several, as lists;
        a label is -1 where a tie excludes it), `baseline_votes`, `compressed_votes` (lists, by class),
        `baseline_margin` (statistics.vote_margin), `baseline_tie`, `compressed_tie`, `pie`, and `flip`:
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
        "baseline_votes": list(votes[0]),
        "compressed_votes": list(votes[1]),
        "baseline_margin": vote_margin(votes[0], len(dense), multi_label),
        "baseline_tie": tied[0].any(axis=1),
        "compressed_tie": tied[1].any(axis=1),
        "pie": pie,
        "flip": pd.Series(np.select([good, bad, pie], list(FLIPS), default=""), dtype="str").where(
            pie
        ),
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
