import numpy as np
import pytest
from scipy import linalg, stats

from pielab.stats import margin_fit
from pielab.stats.margin_fit import placed, scores, with_prior
from pielab.stats.pie_probability import pie_probability
from pielab.stats.shift import margins
from pielab.stats.spike_slab import log_density, mixture, parts, sample


def fit(dense, compressed, paired):
    return margin_fit.fit(scores(dense), scores(compressed), paired)


def simulate(replicates, classes=2, share=0.5, moved=1.0, seed=0, examples=1000):
    """Return the margins of both sides, which examples move, and which are PIEs."""
    rng = np.random.default_rng(seed)
    text = rng.normal(0, 1.5, (examples, classes))
    moves = rng.random(examples) < share
    texts = [text, text + moved * moves[:, None] * rng.normal(0, 1, text.shape)]
    common = rng.normal(0, 0.7, (replicates, examples, classes))
    logits = [own + common + rng.normal(0, 0.7, common.shape) for own in texts]
    sides = [margins(side.astype(np.float32)) for side in logits]
    return sides, moves, texts[0].argmax(axis=1) != texts[1].argmax(axis=1)


@pytest.mark.parametrize("classes", [2, 3])
def test_of_examples_that_stay_both_sides_differ_by_the_same_shift(classes):
    found = mixture(fit(*simulate(15, classes, share=0.35, moved=2.0)[0], paired=True))
    half = len(found.spike.prior) // 2
    apart = np.kron([[-1, 1]], np.eye(half))
    np.testing.assert_allclose(apart @ found.spike.prior @ apart.T, 0, atol=1e-9)
    np.testing.assert_allclose(apart @ found.spike.offset, found.spike.still, atol=1e-9)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_density_is_that_of_a_slow_reference(classes):
    fitted = fit(*simulate(6, classes)[0], paired=True)
    found, wanted = log_density(sample(fitted, slice(0, 4)), [fitted])[0], []
    near = with_prior(placed(fitted, slice(0, 4)), fitted)
    own, total = near.own.T, np.moveaxis(near.total, 2, 0)
    contrasts = np.kron(np.eye(2), linalg.helmert(classes)) if classes > 2 else np.eye(2)
    for mean, covariance in zip(own, total, strict=True):
        t = stats.multivariate_t(
            shape=contrasts @ covariance @ contrasts.T, df=fitted.freedom, allow_singular=False
        )
        wanted.append(t.logpdf(contrasts @ mean))
    np.testing.assert_allclose(np.diff(found), np.diff(wanted), rtol=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_where_all_examples_move_none_is_said_to_stay(classes):
    found = mixture(fit(*simulate(8, classes, share=1.0)[0], paired=True))
    assert (found.moved, found.spike) == (1, None)


@pytest.mark.parametrize("classes", [2, 3])
def test_where_some_examples_move_their_share_is_found_and_they_are_told_from_the_others(classes):
    sides, moves, _ = simulate(15, classes, share=0.35, moved=2.0)
    found = mixture(fit(*sides, paired=True))
    assert 0.25 <= found.moved <= 0.45
    (_, moving), (_, still) = parts(found, slice(None))
    np.testing.assert_allclose(moving + still, 1)
    assert moving[moves].mean() > 0.7 > 0.3 > moving[~moves].mean()


@pytest.mark.parametrize("share", [0.15, 0.6])
def test_examples_that_stay_lie_at_no_shift_where_the_others_move_one_way(share):
    sides, _, _ = one_sided(20, share=share)
    fitted = fit(*sides, paired=True)
    found = mixture(fitted)
    common = fitted.mean.mean(axis=0) @ [-1, 1]
    size = np.median(np.abs(sides[0]))
    assert (common + found.spike.still[0]) * size == pytest.approx(0, abs=0.15)


def test_those_that_move_have_a_mean_and_a_share_of_their_own():
    fitted = fit(*(sides := one_sided(20)[0]), paired=True)
    found, size = mixture(fitted), np.median(np.abs(sides[0]))
    slab = fitted.mean.mean(axis=0) + found.slab.offset
    assert found.moved == pytest.approx(0.15, abs=0.03)
    assert (slab[1] - slab[0]) * size == pytest.approx(-2, abs=0.3)


def one_sided(replicates, classes=2, share=0.15, seed=0, examples=1000):
    """Return margins, PIEs and probabilities' truth where a share moves by -2 +- 1 logits."""
    rng = np.random.default_rng(seed)
    text = rng.normal(0, 1.5, (examples, classes))
    moves = (rng.random(examples) < share) * rng.normal(-2, 1, examples)
    texts = [text, text + moves[:, None] * (np.arange(classes) == classes - 1)]
    common = rng.normal(0, 0.7, (replicates, examples, classes))
    logits = [own + common + rng.normal(0, 0.7, common.shape) for own in texts]
    sides = [margins(side.astype(np.float32)) for side in logits]
    return sides, moves != 0, texts[0].argmax(axis=1) != texts[1].argmax(axis=1)


@pytest.mark.parametrize("replicates", [5, 8, 30])
@pytest.mark.parametrize("classes", [2, 3])
def test_where_shifts_have_heavy_tails_small_ones_are_not_taken_for_none(replicates, classes):
    said, seen = 0.0, 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        text = rng.normal(0, 1.5, (1000, classes))
        texts = [text, text + rng.standard_t(2.5, text.shape) * 0.4]
        common = rng.normal(0, 0.7, (replicates, *text.shape))
        logits = [own + common + rng.normal(0, 0.7, common.shape) for own in texts]
        said += pie_probability(*(margins(side.astype(np.float32)) for side in logits)).sum()
        seen += (texts[0].argmax(axis=1) != texts[1].argmax(axis=1)).sum()
    assert 0.85 < said / seen < 1.15


@pytest.mark.parametrize("same", ["models", "sides", "examples"])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_models_sides_or_examples_that_are_all_the_same_have_a_probability(same, classes):
    rng = np.random.default_rng(0)
    dense, compressed = rng.normal(0, 1, (2, 5, 200, classes)).astype(np.float32)
    if same == "models":
        dense, compressed = dense[:1].repeat(5, axis=0), compressed[:1].repeat(5, axis=0)
    elif same == "sides":
        compressed = dense
    else:
        dense, compressed = (side[:, :1].repeat(200, axis=1) for side in (dense, compressed))
    probability = pie_probability(margins(dense), margins(compressed))
    assert ((probability >= 0) & (probability <= 1)).all()


@pytest.mark.parametrize(
    ("replicates", "classes", "most"), [(5, 2, 1.15), (20, 2, 1.1), (20, 3, 1.2)]
)
def test_where_harm_goes_one_way_what_is_said_is_seen(replicates, classes, most):
    said, seen = [], []
    for seed in range(8):
        sides, _, pies = one_sided(replicates, classes, seed=seed)
        said.append(pie_probability(*sides))
        seen.append(pies)
    said, seen = np.concatenate(said), np.concatenate(seen)
    assert 1 / most < said.sum() / seen.sum() < most
    middle = (said > 0.3) & (said < 0.7)
    assert said[middle].mean() == pytest.approx(seen[middle].mean(), abs=0.12)


@pytest.mark.parametrize("replicates", [8, 30])
def test_where_half_of_the_examples_stay_as_many_pies_are_expected_as_there_are(replicates):
    said, seen = 0.0, 0
    for seed in range(5):
        sides, _, pies = simulate(replicates, seed=seed)
        said, seen = said + pie_probability(*sides).sum(), seen + pies.sum()
    assert said == pytest.approx(seen, rel=0.12)
