import ast
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg, stats

from pielab.stats import distributions, spike_slab
from pielab.stats.sobol import sobol

SHARES = np.r_[np.linspace(1e-4, 1 - 1e-4, 99), 0, 0.05, 0.5, 0.975, 1]
VALUES = np.linspace(-9, 9, 101)
LIBRARY = Path(distributions.__file__).parents[1]


def same(ours, scipys):
    np.testing.assert_array_equal(ours, scipys, strict=False)


def test_normal_quantiles_and_tails_are_those_of_scipy_stats():
    same(distributions.normal_quantile(SHARES), stats.norm.ppf(SHARES))
    same(distributions.normal_cdf(VALUES), stats.norm.cdf(VALUES))
    same(distributions.normal_density(VALUES), stats.norm.pdf(VALUES))


@pytest.mark.parametrize("freedom", [1, 3.3, 29, 1e5, np.inf, np.nan])
def test_student_s_quantiles_and_tails_are_those_of_scipy_stats(freedom):
    above = SHARES[SHARES > 0]
    same(distributions.student_quantile(above, freedom), stats.t.ppf(above, freedom))
    same(distributions.student_tail(VALUES, freedom), stats.t.sf(VALUES, freedom))


@pytest.mark.parametrize("freedom", [1, 3.3, 29, 1e5])
def test_chi_squared_quantiles_are_those_of_scipy_stats(freedom):
    same(distributions.chi2_quantile(SHARES, freedom), stats.chi2.ppf(SHARES, freedom))


@pytest.mark.parametrize("number", [0, 1, 9, 300])
def test_binomial_probabilities_are_those_of_scipy_stats(number):
    most = np.arange(-1, number + 1)
    same(distributions.binomial_cdf(most, number, 0.5), stats.binom.cdf(most, number, 0.5))


def test_a_binomial_probability_of_numbers_by_hand():
    assert distributions.binomial_cdf(1, 3, 0.5) == 0.5  # 1/8 of none, 3/8 of one


@pytest.mark.parametrize("size", [0, 1, 2, 50, 1000])
def test_q_values_are_those_of_scipy_stats(size):
    p = np.random.default_rng(size).random(size).round(2)
    assert len(distributions.false_discovery_control(p)) == size
    if size:
        same(distributions.false_discovery_control(p), stats.false_discovery_control(p))


@pytest.mark.parametrize("dimensions", range(1, 10))
@pytest.mark.parametrize("seed", [0, 1])
def test_the_sobol_sequence_is_that_of_scipy_stats(dimensions, seed):
    same(sobol(dimensions, 256, seed), stats.qmc.Sobol(dimensions, seed=seed).random(256))


def test_a_sobol_sequence_of_too_many_dimensions_is_refused():
    with pytest.raises(ValueError, match="dimensions: 10; expected at most 9"):
        sobol(10, 2, 0)


@pytest.mark.parametrize("classes", range(2, 9))
def test_contrasts_are_helmert_s(classes):
    same(spike_slab._helmert(classes), linalg.helmert(classes))


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_imports_what_takes_scipy_long_before_it_is_used(path):
    """Each is half a second of every job."""
    slow = ("scipy.stats", "scipy.optimize", "scipy.linalg", "scipy.spatial")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        assert not [name for name in names if name.startswith(slow)]
