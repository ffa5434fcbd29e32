import numpy as np
import pytest
from scipy import linalg, stats

from pielab.stats.margin_fit import fit, spread
from pielab.stats.pie_probability import pie_probability
from pielab.stats.shift import margins
from pielab.stats.spike import log_density, parts, priors, share_moved


def simulate(members, classes=2, share=0.5, moved=1.0, seed=0, examples=1000):
    """Return the margins of both sides, which examples move, and which are PIEs."""
    rng = np.random.default_rng(seed)
    text = rng.normal(0, 1.5, (examples, classes))
    moves = rng.random(examples) < share
    texts = [text, text + moved * moves[:, None] * rng.normal(0, 1, text.shape)]
    common = rng.normal(0, 0.7, (members, examples, classes))
    logits = [own + common + rng.normal(0, 0.7, common.shape) for own in texts]
    sides = [margins(side.astype(np.float32)) for side in logits]
    return sides, moves, texts[0].argmax(axis=1) != texts[1].argmax(axis=1)


@pytest.mark.parametrize("classes", [2, 3])
def test_of_examples_that_stay_both_sides_have_the_same_own_and_all_have_the_fits_covariance(
    classes,
):
    fitted = fit(*simulate(5, classes)[0], paired=True)
    slab, spike = priors(fitted, 0.25)
    half = len(fitted.prior) // 2
    apart = np.kron([[-1, 1]], np.eye(half))
    np.testing.assert_allclose(apart @ spike.prior @ apart.T, 0, atol=1e-9)
    np.testing.assert_allclose(0.25 * slab.prior + 0.75 * spike.prior, fitted.prior, atol=1e-9)


def test_by_hand_an_own_of_variance_4_and_shifts_of_variance_1_leave_4_and_reach_8():
    fitted = fit(*simulate(5)[0], paired=True)
    fitted = fitted._replace(prior=np.array([[4.0, 4.0], [4.0, 5.0]]))
    slab, spike = priors(fitted, 0.25)
    np.testing.assert_allclose(spike.prior, 4, atol=1e-9)
    np.testing.assert_allclose(slab.prior, [[4, 4], [4, 8]], atol=1e-9)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_density_is_that_of_a_slow_reference(classes):
    fitted = fit(*simulate(6, classes)[0], paired=True)
    found, wanted = log_density(fitted, slice(0, 4)), []
    _, own, _, total = spread(fitted, slice(0, 4))
    contrasts = np.kron(np.eye(2), linalg.helmert(classes)) if classes > 2 else np.eye(2)
    for mean, covariance in zip(own, total, strict=True):
        t = stats.multivariate_t(
            shape=contrasts @ covariance @ contrasts.T, df=fitted.freedom, allow_singular=False
        )
        wanted.append(t.logpdf(contrasts @ mean))
    np.testing.assert_allclose(np.diff(found), np.diff(wanted), rtol=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_where_all_examples_move_none_is_said_to_stay(classes):
    assert share_moved(fit(*simulate(8, classes, share=1.0)[0], paired=True)) == 1


@pytest.mark.parametrize("classes", [2, 3])
def test_where_some_examples_move_their_share_is_found_and_they_are_told_from_the_others(classes):
    sides, moves, _ = simulate(15, classes, share=0.35, moved=2.0)
    fitted = fit(*sides, paired=True)
    moved = share_moved(fitted)
    assert moved in (0.25, 0.35, 0.5)
    (_, moving), (_, still) = parts(fitted, slice(None), moved)
    np.testing.assert_allclose(moving + still, 1)
    assert moving[moves].mean() > 0.7 > 0.3 > moving[~moves].mean()


@pytest.mark.parametrize("members", [8, 30])
def test_where_half_of_the_examples_stay_as_many_pies_are_expected_as_there_are(members):
    said, seen = 0.0, 0
    for seed in range(5):
        sides, _, pies = simulate(members, seed=seed)
        said, seen = said + pie_probability(*sides).sum(), seen + pies.sum()
    assert said == pytest.approx(seen, rel=0.12)
