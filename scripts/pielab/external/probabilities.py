"""Turn the probabilities of external files into logits, rounded ones too."""

import numpy as np
from scipy.special import logit

SUM_OFF = 0.01  # of the probabilities of an example, whatever their decimals
LEAST = 1e-7  # probability that is told from 0: half that of float32's numbers below 1
MOST_DECIMALS = 5  # that are taken for rounding
LABELS, PROBABILITIES, LOGITS = "labels", "probabilities", "logits"


def to_logits(scores: np.ndarray, settings: dict, path: str) -> np.ndarray:
    """Return logits, float32 (..., classes), of scores that are logits or probabilities.

    Probabilities that do not add up to 1 are scaled to do so if the rounding to the decimals that
    the file has may explain the miss.

    Raises
    ------
    ValueError
        If what should be probabilities is none.
    """
    if settings["scores"] == LOGITS:
        with np.errstate(over="ignore"):  # what is infinite then is refused with its id
            return scores.astype(np.float32)
    bad = ~((scores >= 0) & (scores <= 1))
    if bad.any():
        where = tuple(int(index) for index in np.argwhere(bad)[0])
        percent = (scores >= 0).all() and np.allclose(scores.sum(axis=-1), 100, atol=1)
        advice = "divide percentages by 100" if percent else "or predictions.scores: logits"
        raise ValueError(
            f"{path}, row {where[-2]} (from 0): {scores[where]:g}; expected a probability "
            f"from 0 to 1 ({advice})"
        )
    if settings["multi_label"]:
        return logit(scores.clip(LEAST, 1 - LEAST)).astype(np.float32)
    _check_sums(scores, path)
    return np.log(scores.clip(LEAST)).astype(np.float32)


def _check_sums(scores: np.ndarray, path: str) -> None:
    """Refuse probabilities of a single class that add up to something else than 1."""
    sums = scores.sum(axis=-1)
    off = np.abs(sums - 1)
    if not (off > SUM_OFF).any():
        return
    known = decimals(scores)
    may_miss = 0.0 if known is None else scores.shape[-1] * 0.5 * 10.0**-known
    if (off > max(SUM_OFF, may_miss + 1e-9)).any():
        row = np.argwhere(off > max(SUM_OFF, may_miss + 1e-9))[0]
        rounded = "" if known is None else f", more than rounding to {known} decimals explains"
        raise ValueError(
            f"{path}, row {int(row[-1])} (from 0): probabilities that add up to "
            f"{sums[tuple(row)]:.3g}{rounded}; expected 1. Is the column of a class missing, or "
            "are these other scores (predictions.scores: logits, or task: multi-label)? If they "
            "are rounded probabilities, divide those of each row by their sum"
        )


def notes_on(scores: np.ndarray, settings: dict, path: str) -> tuple[str, ...]:
    """Return a sentence if scores are perhaps no logits, or probabilities are scaled by much."""
    if settings["multi_label"] or scores.size < 2:
        return ()
    sums = scores.sum(axis=-1)
    is_off = np.abs(sums - 1) > SUM_OFF
    if settings["scores"] == LOGITS:
        if is_off.any() or scores.min() < 0:
            return ()
        return (
            f"{path}: all logits lie in 0 to 1 and add up to 1 in each row: are they "
            "probabilities (predictions.scores: probabilities)?",
        )
    if not is_off.any():
        return ()
    return (
        f"{path}: probabilities of {int(is_off.sum())} of {sums.size} rows, rounded to "
        f"{decimals(scores)} decimals, add up to {sums.min():.3g} to {sums.max():.3g} and are "
        "scaled to 1; loss and calibration are less exact for it",
    )


def decimals(scores: np.ndarray) -> int | None:
    """Return the decimals that numbers are rounded to, None if there are more than a few."""
    scores = scores[np.isfinite(scores)]  # what is not, is refused with its row later
    for number in range(1, MOST_DECIMALS + 1):
        if np.abs(scores - scores.round(number)).max(initial=0) < LEAST:  # float32 is a little off
            return number
    return None
