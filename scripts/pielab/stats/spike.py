"""Let some examples not move at all: a prior of shifts with a spike at none and a slab beside it.

A normal prior that has to hold both those that compression moves and those that it leaves alone is
too wide for the latter, and takes too many of them for PIEs. Arrays are those of margin_fit.
"""

import numpy as np
from scipy import linalg

from pielab.stats.margin_fit import Fit, spread

MOVED = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.08)  # shares of the examples that are tried
SAMPLE = 1_000  # examples that tell the share
CLEARLY = 2.0  # nats by which a share must be likelier than that all move


def priors(fitted: Fit, moved: float) -> tuple[Fit, Fit]:
    """Return the fit with the prior of examples that move, and with that of those that do not.

    The covariance of the fit's prior is that of both together, `moved` their share.
    """
    classes = len(fitted.prior) // 2
    apart = np.kron([[-1, 1]], np.eye(classes))
    shifts = apart @ fitted.prior @ apart.T
    loads = fitted.prior @ apart.T @ np.linalg.pinv(shifts, hermitian=True)
    moves = loads @ shifts @ loads.T
    slab, spike = fitted.prior + (1 / moved - 1) * moves, fitted.prior - moves
    return fitted._replace(prior=slab), fitted._replace(prior=spike)


def log_density(fitted: Fit, rows: slice | np.ndarray) -> np.ndarray:
    """Return how likely the means over members are, but for a constant, float64 (examples,).

    Of several classes it is of their contrasts: centred scores do not vary in all directions.
    """
    _, own, _, total = spread(fitted, rows)
    classes, freedom = own.shape[1] // 2, fitted.freedom
    if classes > 1:
        contrasts = np.kron(np.eye(2), linalg.helmert(classes))
        own, total = own @ contrasts.T, contrasts @ total @ contrasts.T
    squares = (own * np.linalg.solve(total, own[:, :, None])[:, :, 0]).sum(axis=1)
    tails = (freedom + own.shape[1]) / 2 * np.log1p(squares / freedom)
    return -np.linalg.slogdet(total)[1] / 2 - tails


def share_moved(fitted: Fit) -> float:
    """Return the share of the examples that move, of MOVED from all downwards the most likely.

    All move unless another share is clearly likelier.
    """
    examples = len(fitted.mean)
    rows = np.linspace(0, examples - 1, min(examples, SAMPLE)).astype(int)
    best, most = MOVED[0], log_density(priors(fitted, MOVED[0])[0], rows).sum()
    for moved in MOVED[1:]:
        slab, spike = (log_density(prior, rows) for prior in priors(fitted, moved))
        likely = np.logaddexp(np.log(moved) + slab, np.log1p(-moved) + spike).sum()
        if not likely > most + CLEARLY * (best == MOVED[0]):
            break
        best, most = moved, likely
    return best


def parts(fitted: Fit, rows: slice, moved: float) -> list[tuple[Fit, np.ndarray]]:
    """Return each prior's fit, and how probable it is for each example, (examples,)."""
    if moved == 1:
        return [(fitted, np.ones(len(fitted.mean[rows])))]
    slab, spike = priors(fitted, moved)
    odds = np.log1p(-moved) - np.log(moved) + log_density(spike, rows) - log_density(slab, rows)
    still = 1 / (1 + np.exp(-np.clip(odds, -700, 700)))
    return [(slab, 1 - still), (spike, still)]
