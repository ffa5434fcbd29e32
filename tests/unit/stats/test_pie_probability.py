import numpy as np
import pytest
from scipy import stats

from pielab.stats import pie_probability as module
from pielab.stats.expected_pies import (
    ONE_MODEL,
    TWO_MODELS,
    example_probability,
    expected_pies,
    why_unknown,
)
from pielab.stats.margin_fit import fit, placed
from pielab.stats.multivariate_t import signs_differ, winners_differ
from pielab.stats.pie_probability import any_pair, centres, pair_probabilities, pie_probability
from pielab.stats.shift import margins


def simulate(seed, replicates, examples, classes=2, lean=0.5, tails=np.inf, moved=0.7):
    """Return logits of both sides, and which examples' true modal classes differ."""
    rng = np.random.default_rng(seed)
    text = rng.normal(0, 1.5, (examples, classes))
    texts = [text, text + moved * rng.normal(0, 1, text.shape)]
    shared = rng.normal(0, 1, (replicates, examples, classes))  # what a seed does to both models
    logits = []
    for own in texts:
        error = stats.t.rvs(tails, size=shared.shape, random_state=rng) if tails < np.inf else None
        error = rng.normal(0, 1, shared.shape) if error is None else error / stats.t.std(tails)
        model = own + rng.normal(0, lean, (replicates, 1, classes)) + (shared + error) / 2**0.5
        logits.append((model * rng.lognormal(0, 0.3, (replicates, 1, 1))).astype(np.float32))
    return logits, texts[0].argmax(axis=1) != texts[1].argmax(axis=1)


def sides(seed=0, replicates=5, examples=80, classes=2, **options):
    return [margins(side) for side in simulate(seed, replicates, examples, classes, **options)[0]]


def calibration(runs, replicates, classes, **options):
    """Return what was said and what was seen in each fifth of probability, where it has 30."""
    said, seen = [], []
    for seed in range(runs):
        logits, pies = simulate(seed, replicates, 400, classes, **options)
        said.append(pie_probability(*(margins(side) for side in logits)))
        seen.append(pies)
    said, seen = np.concatenate(said), np.concatenate(seen)
    fifth = np.minimum((5 * said).astype(int), 4)
    groups = [fifth == index for index in range(5) if (fifth == index).sum() >= 30]
    return np.array([(said[group].mean(), seen[group].mean()) for group in groups])


@pytest.mark.parametrize("correlation", [-0.7, 0.0, 0.5, 0.99])
@pytest.mark.parametrize("freedom", [3.0, np.inf])
def test_signs_of_two_centred_coordinates_differ_by_their_angle(correlation, freedom):
    # Sheppard 1899, and the t has the normal's angles
    scale = np.array([[[4.0, 2 * correlation], [2 * correlation, 1.0]]])
    found = signs_differ(np.zeros((1, 2)), scale, freedom)
    assert found[0] == pytest.approx(np.arccos(correlation) / np.pi, abs=1e-6)


@pytest.mark.parametrize("freedom", [4.0, 30.0])
def test_signs_differ_as_often_as_in_draws(freedom):
    rng = np.random.default_rng(0)
    location = np.array([[1.0, -0.5], [0.3, 0.4], [2.0, 1.0], [-1.0, -0.1]])
    scale = np.array([[1.0, 0.6], [0.6, 0.8]])
    draws = stats.multivariate_t.rvs(shape=scale, df=freedom, size=200_000, random_state=rng)
    wanted = [((draws + one) > 0).sum(axis=1) == 1 for one in location]
    found = signs_differ(location, np.broadcast_to(scale, (4, 2, 2)), freedom)
    np.testing.assert_allclose(found, np.mean(wanted, axis=1), atol=0.01)


@pytest.mark.parametrize("classes", [3, 4])
def test_winners_differ_as_often_as_in_draws(classes):
    rng = np.random.default_rng(0)
    location = rng.normal(0, 1, (5, 2 * classes))
    root = rng.normal(0, 0.5, (2 * classes, 2 * classes))
    draws = stats.multivariate_t.rvs(shape=root @ root.T, df=6, size=100_000, random_state=rng)
    wanted = [
        (one[:, :classes].argmax(axis=1) != one[:, classes:].argmax(axis=1)).mean()
        for one in (draws + at for at in location)
    ]
    scale = np.broadcast_to(root @ root.T, (5, *root.shape))
    np.testing.assert_allclose(winners_differ(location, scale, 6.0), wanted, atol=0.04)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("paired", [True, False])
def test_swapping_the_sides_keeps_the_probability(classes, paired):
    dense, compressed = sides(classes=classes)
    one = pie_probability(dense, compressed, paired)
    other = pie_probability(compressed, dense, paired)
    np.testing.assert_allclose(one, other, atol=1e-5 if classes == 2 else 0.06)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_order_of_members_does_not_matter(classes):
    dense, compressed = sides(replicates=7, classes=classes)
    order = np.random.default_rng(1).permutation(7)
    one, other = (
        pie_probability(dense, compressed),
        pie_probability(dense[order], compressed[order]),
    )
    np.testing.assert_allclose(one, other, atol=1e-4 if classes == 2 else 0.02)


@pytest.mark.parametrize("classes", [2, 3])
def test_models_that_are_surer_everywhere_vote_the_same(classes):
    logits, _ = simulate(0, 5, 80, classes)
    found = pie_probability(*(margins(side) for side in logits))
    scale = np.random.default_rng(1).uniform(0.1, 10, (5, 1, 1)).astype(np.float32)
    other = pie_probability(margins(logits[0] * scale), margins(logits[1]))
    np.testing.assert_allclose(found, other, atol=1e-3 if classes == 2 else 0.02)


def test_naming_the_two_classes_the_other_way_changes_nothing():
    dense, compressed = sides()
    np.testing.assert_allclose(
        pie_probability(dense, compressed), pie_probability(-dense, -compressed), atol=1e-5
    )


@pytest.mark.parametrize("classes", [2, 3])
def test_a_compressor_that_changes_nothing_makes_no_pies(classes):
    dense, _ = sides(classes=classes)
    assert pie_probability(dense, dense).sum() < 1


def test_what_is_cut_into_chunks_is_what_is_not(monkeypatch):
    dense, compressed = sides(classes=3)
    whole = pie_probability(dense, compressed)
    monkeypatch.setattr(module, "CHUNK", 7)
    np.testing.assert_allclose(pie_probability(dense, compressed), whole, atol=1e-6)


def test_of_many_classes_only_those_that_may_win_are_drawn():
    dense, compressed = sides(classes=4)
    never = [
        np.concatenate([side, np.full((5, 80, 3), -60.0)], axis=2) for side in (dense, compressed)
    ]
    found = pie_probability(*(side.astype(np.float32) for side in never))
    assert found.shape == (80,)
    assert np.corrcoef(found, pie_probability(dense, compressed))[0, 1] > 0.9


def test_of_one_member_a_side_it_is_unknown_and_says_why():
    dense, compressed = sides(replicates=1)
    assert np.isnan(pie_probability(dense, compressed)).all()
    assert why_unknown(dense, compressed) == ONE_MODEL


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("paired", [True, False])
def test_models_that_are_all_the_same_or_say_the_same_of_all_texts_break_nothing(classes, paired):
    rng = np.random.default_rng(0)
    varied = rng.normal(size=(4, 30, classes))
    constant = np.broadcast_to(rng.normal(size=(4, 1, classes)), varied.shape)
    alike = np.broadcast_to(rng.normal(size=(1, 30, classes)), varied.shape)
    for other in (constant, alike, np.zeros(varied.shape)):
        for one in (varied, other):
            both = [margins(side.astype(np.float32)) for side in (one, other)]
            found = pie_probability(*both, paired)
            assert ((found >= 0) & (found <= 1)).all()
            assert np.isfinite(expected_pies(*both, found, paired)).all()


@pytest.mark.parametrize("examples", [0, 1])
def test_one_text_has_no_prior(examples):
    dense, compressed = (side[:, :examples] for side in sides())
    found = pie_probability(dense, compressed)
    assert np.isnan(found).all()
    assert len(found) == examples
    assert np.isnan(expected_pies(dense, compressed, found)).all()


def test_sides_of_other_seeds_cannot_be_paired():
    dense, compressed = sides()
    with pytest.raises(ValueError, match=r"compressed: shape .*; expected"):
        pie_probability(dense, compressed[:3])
    assert np.isfinite(pie_probability(dense, compressed[:3], paired=False)).all()


def test_leans_alone_put_the_sides_centres_less_far_apart_than_they_are_seen():
    dense, compressed = sides(replicates=4, lean=2.0, moved=0.0)
    fitted = fit(dense, compressed, paired=True)
    seen = np.diff(fitted.mean.mean(axis=0))[0]
    centre, error = centres(fitted)
    assert 0 < np.diff(centre)[0] / seen < 1
    assert np.linalg.eigvalsh(error).min() > -1e-9
    assert error.trace() < (fitted.lean * fitted.shared).trace()


def test_a_fit_finds_the_parts_that_margins_were_made_of():
    rng, replicates, examples = np.random.default_rng(0), 30, 4000
    text = rng.normal(0, 2, examples)
    texts = [text, 0.8 * text + rng.normal(0, 0.5, examples)]
    shared, lean = rng.normal(0, 1, (replicates, examples)), rng.normal(0, 0.7, (2, replicates, 1))
    values = [
        own + lean[side] + 0.6 * shared + 0.8 * rng.normal(0, 1, (replicates, examples))
        for side, own in enumerate(texts)
    ]
    found = fit(*(one[:, :, None] for one in values), paired=True)
    scale = [np.mean([np.median(np.abs(model)) for model in one]) for one in values]
    truth = np.cov(texts) / np.outer(scale, scale)
    np.testing.assert_allclose(found.prior, truth, rtol=0.1)
    assert found.correlation[0, 1] == pytest.approx(0.36, abs=0.03)
    np.testing.assert_allclose(found.deviation.mean(axis=0), 1 / np.array(scale), rtol=0.1)


def test_the_posterior_is_the_conditional_normal_of_a_slow_reference():
    fitted = fit(*sides(replicates=6), paired=True)._replace(lean=np.zeros((2, 2)))
    location, scale = module.posterior(fitted, placed(fitted, slice(0, 3)), np.inf)
    centre = fitted.mean.mean(axis=0)
    for row in range(3):
        deviation = np.diag(fitted.deviation[row])
        error = deviation @ fitted.correlation @ deviation / 6
        precision = np.linalg.inv(fitted.prior) + np.linalg.inv(error)
        wanted = np.linalg.inv(fitted.prior) @ centre + np.linalg.inv(error) @ fitted.mean[row]
        np.testing.assert_allclose(scale[row], np.linalg.inv(precision), rtol=1e-6)
        np.testing.assert_allclose(location[row], np.linalg.solve(precision, wanted), rtol=1e-6)


def test_fewer_voters_differ_more_often():
    dense, compressed = sides(replicates=8)
    few, many = (pie_probability(dense, compressed, voters=v).sum() for v in (5, np.inf))
    assert few > many


@pytest.mark.parametrize(
    ("replicates", "classes", "options"),
    [
        (5, 2, {}),
        (10, 2, {}),
        (10, 2, {"tails": 3}),
        (10, 2, {"lean": 0.0}),
        (10, 3, {}),
        (10, 5, {"lean": 0.2}),
    ],
)
def test_what_is_said_is_seen(replicates, classes, options):
    said, seen = calibration(20, replicates, classes, **options).T
    assert np.abs(said - seen).max() < 0.12
    assert np.abs(said[:3] - seen[:3]).max() < 0.06


def test_any_pair_lies_between_the_largest_label_and_their_sum():
    pairs = np.array([[0.1, 0.5], [0.0, 0.2]])
    assert any_pair(pairs) == pytest.approx([0.55, 0.2])


def test_each_label_is_judged_by_itself():
    dense, compressed = sides(classes=3)
    found = pair_probabilities(dense, compressed)
    np.testing.assert_allclose(
        found[:, 1], pie_probability(dense[:, :, 1:2], compressed[:, :, 1:2]), atol=1e-9
    )
    assert (
        example_probability(dense, compressed, multi_label=True) >= found.max(axis=1) - 1e-9
    ).all()


def test_the_expected_number_is_the_sum_and_its_interval_holds_the_true_one():
    held = []
    for seed in range(12):
        logits, pies = simulate(seed, 6, 300)
        both = [margins(side) for side in logits]
        found = example_probability(*both)
        expected = expected_pies(*both, found)
        assert expected.estimate == pytest.approx(found.sum())
        assert 0 <= expected.low < expected.estimate < expected.high <= 300
        held.append(expected.low <= pies.sum() <= expected.high)
    assert np.sum(held) >= 10


def test_the_interval_of_unpaired_sides_and_of_a_sample_of_examples(monkeypatch):
    monkeypatch.setattr("pielab.stats.expected_pies.SAMPLE", 50)
    dense, compressed = sides(replicates=5)
    found = example_probability(dense, compressed[:4], paired=False)
    expected = expected_pies(dense, compressed[:4], found, paired=False)
    assert expected.low < found.sum() < expected.high


def test_two_members_a_side_have_a_number_and_no_interval():
    dense, compressed = sides(replicates=2)
    expected = expected_pies(dense, compressed, pie_probability(dense, compressed))
    assert np.isfinite(expected.estimate)
    assert np.isnan([expected.low, expected.high]).all()
    assert why_unknown(dense, compressed) == TWO_MODELS


@pytest.mark.parametrize("seed", range(8))
def test_sides_that_hardly_differ_have_few_probable_pies(seed):
    # As a model and itself at half the precision; rounding made such scales indefinite
    rng = np.random.default_rng(seed)
    leans, errors, own = (rng.normal(size=(*shape, 3)) for shape in ((3, 1), (3, 60), (1, 60)))
    dense = (3 * leans + errors + own / 2).astype(np.float32)
    nearly = (dense * (1 + rng.normal(0, 2e-3, dense.shape))).astype(np.float32)
    probability = pie_probability(dense, nearly)
    assert np.isfinite(probability).all()
    assert probability.mean() < 0.02
