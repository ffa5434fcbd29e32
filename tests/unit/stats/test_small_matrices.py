import numpy as np
import pytest

from pielab.stats import small_matrices


def positive(size, number=7, seed=0):
    """Return positive definite matrices, the matrices last and first."""
    factors = np.random.default_rng(seed).normal(size=(number, size, size))
    first = factors @ factors.swapaxes(1, 2) + 0.1 * np.eye(size)
    return np.moveaxis(first, 0, 2), first


@pytest.mark.parametrize("size", [1, 2, 6])
def test_roots_are_those_of_lapack(size):
    last, first = positive(size)
    found = np.moveaxis(small_matrices.cholesky(last), 2, 0)
    np.testing.assert_allclose(found, np.linalg.cholesky(first), rtol=1e-10, atol=1e-12)


def test_a_root_by_hand():
    root = small_matrices.cholesky(np.array([[4.0, 2.0], [2.0, 5.0]])[:, :, None])
    assert root[:, :, 0].tolist() == [[2.0, 0.0], [1.0, 2.0]]


@pytest.mark.parametrize("size", [1, 2, 6])
@pytest.mark.parametrize("shared", [True, False])
def test_equations_are_solved_as_by_lapack(size, shared):
    last, first = positive(size)
    right = np.random.default_rng(1).normal(size=(size, 3, 1 if shared else 7))
    wanted = np.linalg.solve(first, np.moveaxis(np.broadcast_to(right, (size, 3, 7)), 2, 0))
    found = small_matrices.solve(small_matrices.cholesky(last), right)
    np.testing.assert_allclose(np.moveaxis(found, 2, 0), wanted, rtol=1e-8)


def test_a_pivot_that_rounding_makes_negative_breaks_nothing():
    nearly = np.array([[1.0, 1.0], [1.0, 1.0 - 1e-16]])[:, :, None]
    assert np.isfinite(small_matrices.cholesky(nearly)).all()
