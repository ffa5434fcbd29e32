import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from pielab.stats.moderation import Prior, moderate, total_freedom, trigamma_inverse, variance_prior


def draw(prior, freedom, examples, seed=0):
    """Return sample variances whose true variances come from the prior."""
    rng = np.random.default_rng(seed)
    true = prior.variance * prior.freedom / rng.chisquare(prior.freedom, examples)
    return true * rng.chisquare(freedom, examples) / freedom


def slow_prior(variances, freedom):
    """Return the hyperparameters by integrals and a search, with no formula of the logarithm's."""

    def moment(freedom, power):
        """Return a moment of y = log(chi squared / freedom)."""
        density = stats.chi2(freedom).pdf
        return integrate.quad(
            lambda y: y**power * density(freedom * np.exp(y)) * freedom * np.exp(y), -40, 10
        )[0]

    def spread(freedom):
        return moment(freedom, 2) - moment(freedom, 1) ** 2

    wanted = np.log(variances).var(ddof=1) - spread(freedom)
    prior = optimize.brentq(lambda d: spread(d) - wanted, 0.5, 500)
    log = np.log(variances).mean() - moment(freedom, 1) + moment(prior, 1)
    return Prior(prior, np.exp(log))


def test_it_gives_the_numbers_that_limma_gives():
    # squeezeVar(c(0.5, 1.3, 7.8), df = 3) of R's limma
    variances = np.array([0.5, 1.3, 7.8])
    prior = variance_prior(variances, 3)
    assert prior == pytest.approx((2.830777, 1.676927), abs=1e-6)
    assert moderate(variances, 3, prior) == pytest.approx([1.071385, 1.482994, 4.827317], abs=1e-6)


def test_the_inverse_of_trigamma_is_what_limma_says():
    assert trigamma_inverse(5) == pytest.approx(0.4961687, abs=1e-7)
    assert trigamma_inverse(1e8) == pytest.approx(1e-4)
    assert trigamma_inverse(0) == np.inf


@pytest.mark.parametrize("value", [1e-6, 1e-3, 0.2, 1, 30, 1e4])
def test_the_inverse_of_trigamma_inverts_it(value):
    assert special.polygamma(1, trigamma_inverse(value)) == pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("freedom", [3, 9])
def test_the_prior_is_that_of_a_slow_reference(freedom):
    variances = draw(Prior(6.0, 2.0), freedom, 300)
    assert variance_prior(variances, freedom) == pytest.approx(
        slow_prior(variances, freedom), rel=1e-4
    )


def test_a_prior_that_variances_came_from_is_found():
    prior = variance_prior(draw(Prior(6.0, 2.0), 4, 20_000), 4)
    assert prior.freedom == pytest.approx(6, rel=0.1)
    assert prior.variance == pytest.approx(2, rel=0.03)


def test_variances_that_vary_no_more_than_they_must_are_all_alike():
    variances = np.array([0.9, 1.0, 1.1, 1.0])
    prior = variance_prior(variances, 4)
    assert prior == (np.inf, 1.0)
    assert (moderate(variances, 4, prior) == 1).all()


def test_a_moderated_variance_lies_between_its_own_and_the_priors():
    assert moderate(np.array([1.0, 5.0]), 2, Prior(6.0, 3.0)) == pytest.approx([2.5, 3.5])


def test_nothing_is_borrowed_from_one_example_or_where_most_do_not_vary():
    for variances in (np.array([2.0]), np.array([0.0, 0.0, 3.0])):
        prior = variance_prior(variances, 4)
        assert prior.freedom == 0
        assert (moderate(variances, 4, prior) == variances).all()


def test_scaling_the_variances_scales_the_prior_alone():
    variances = draw(Prior(4.0, 1.0), 4, 100)
    one, tenfold = variance_prior(variances, 4), variance_prior(10 * variances, 4)
    assert tenfold == pytest.approx((one.freedom, 10 * one.variance))


def test_errors_that_all_examples_share_tell_no_more_than_one_example():
    residuals = np.outer([1.0, -2.0, 1.0, 0.0], np.ones(50))
    assert total_freedom(residuals, Prior(np.inf, 1.0)) == pytest.approx(3)


def test_errors_in_two_directions_tell_twice_as_much():
    one, other = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1]])
    residuals = np.column_stack([one, other] * 20)
    assert total_freedom(residuals, Prior(np.inf, 1.0)) == pytest.approx(6)
    assert total_freedom(residuals, Prior(1.5, 1.0)) == pytest.approx(4.5)  # less than the limit


def test_models_that_are_all_the_same_have_their_own_freedom():
    assert total_freedom(np.zeros((3, 5)), Prior(0.0, 0.0)) == 2
