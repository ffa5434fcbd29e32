"""Arithmetic on many small matrices at once, float64 (rows, columns, matrices).

Matrices are counted along the last axis, so that each step is one loop over all of them. A call of
LAPACK for each would take longer than its arithmetic.
"""

import numpy as np

TINY = 1e-300  # of a pivot that rounding makes negative


def cholesky(matrices: np.ndarray) -> np.ndarray:
    """Return lower triangular matrices whose products with their transposes are `matrices`.

    Parameters
    ----------
    matrices : float64 (size, size, matrices)
        Symmetric and positive definite.
    """
    root = np.zeros(matrices.shape)
    for index in range(len(matrices)):
        column = matrices[index:, index]
        if index:
            column = column - np.einsum("ikn,kn->in", root[index:, :index], root[index, :index])
        root[index:, index] = column / np.sqrt(np.maximum(column[0], TINY))
    return root


def solve_lower(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return x of root x = right, (size, columns, matrices).

    Parameters
    ----------
    root : float64 (size, size, matrices)
        Lower triangular.
    right : float64 (size, columns, matrices)
    """
    found = np.empty(np.broadcast_shapes(right.shape, (1, 1, root.shape[2])))
    for index in range(len(root)):
        rest = right[index]
        if index:
            rest = rest - np.einsum("kn,kcn->cn", root[index, :index], found[:index])
        found[index] = rest / root[index, index]
    return found


def solve(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return x of root root' x = right, (size, columns, matrices), as in solve_lower."""
    found = solve_lower(root, right)
    for index in reversed(range(len(root))):
        rest = found[index]
        if index + 1 < len(root):
            rest = rest - np.einsum("kn,kcn->cn", root[index + 1 :, index], found[index + 1 :])
        found[index] = rest / root[index, index]
    return found
