import numpy as np
import pytest
from scipy import special, stats

from pielab.stats import moderation
from pielab.stats.shift import margins, shift, standardise


def draw(replicates=5, examples=60, classes=1, moved=0.0, seed=0, lean=0.5):
    """Return margins of both sides: texts of their own, leaning models, and some that move."""
    rng = np.random.default_rng(seed)
    text = rng.normal(0, 2, (examples, classes))
    sides = [
        text
        + rng.normal(0, lean, (replicates, 1, classes))
        + rng.normal(0, 1, (replicates, examples, classes))
        for _ in range(2)
    ]
    sides[1] += moved * (np.arange(examples) < examples // 10)[:, None]
    return [side.astype(np.float32) for side in sides]


def slow_shift(dense, compressed, confidence=0.95):
    """Return estimate, low, high and p of paired margins of one class, in loops."""
    replicates, examples = dense.shape
    freedom = replicates - 1
    differences = [
        [compressed[s, e] - dense[s, e] for s in range(replicates)] for e in range(examples)
    ]
    means = [sum(row) / replicates for row in differences]
    variances = [
        sum((x - mean) ** 2 for x in row) / freedom
        for row, mean in zip(differences, means, strict=True)
    ]
    prior = moderation.variance_prior(np.array(variances), freedom)
    gram = sum(
        np.outer(np.array(row) - mean, np.array(row) - mean)
        for row, mean in zip(differences, means, strict=True)
    )
    eigenvalues = np.linalg.eigvalsh(gram)
    directions = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    total = min(freedom + prior.freedom, freedom * directions)
    rows = []
    for mean, own in zip(means, variances, strict=True):
        pooled = prior.freedom * prior.variance + freedom * own
        error = (pooled / (prior.freedom + freedom) / replicates) ** 0.5
        ends = stats.t.interval(confidence, total, mean, error)
        rows.append((mean, *ends, 2 * stats.t.sf(abs(mean) / error, total)))
    return np.array(rows).T


def test_margins_of_two_classes_are_the_difference_of_logits():
    logits = np.array([[[1.0, 3.5], [2.0, 0.0]]], dtype=np.float32)
    assert margins(logits).tolist() == [[[2.5], [-2.0]]]


def test_margins_of_three_classes_are_log_odds_against_the_rest():
    logits = np.log(np.array([[[0.2, 0.3, 0.5]]], dtype=np.float32)) + 7
    wanted = np.log([0.2 / 0.8, 0.3 / 0.7, 1.0])
    np.testing.assert_allclose(margins(logits)[0, 0], wanted, atol=1e-6)


def test_margins_stay_finite_and_exact_where_one_class_has_all():
    logits = np.array([[[40.0, 0.0, -3.0, 1.0], [-400.0, 0.0, 400.0, 7.0]]], dtype=np.float32)
    found = margins(logits)[0]
    rest = special.logsumexp([0.0, -3.0, 1.0])
    assert found[0, 0] == pytest.approx(40 - rest, rel=1e-6)
    assert found[0, 1] == pytest.approx(0 - special.logsumexp([40.0, -3.0, 1.0]), rel=1e-6)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("classes", [3, 7])
def test_margins_are_those_of_a_slow_reference(classes):
    logits = np.random.default_rng(0).normal(0, 4, (2, 30, classes)).astype(np.float32)
    for found, row in zip(
        margins(logits).reshape(-1, classes), logits.reshape(-1, classes), strict=True
    ):
        wanted = [
            row[c] - special.logsumexp(np.delete(row, c).astype(float)) for c in range(classes)
        ]
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_largest_margin_is_that_of_the_class_with_the_largest_logit():
    logits = np.random.default_rng(0).normal(size=(3, 50, 4)).astype(np.float32)
    assert (margins(logits).argmax(axis=2) == logits.argmax(axis=2)).all()


def test_margins_of_several_labels_are_logits_beyond_each_models_threshold():
    logits = np.array([[[1.0, -1.0]], [[1.0, -1.0]]], dtype=np.float32)
    found = margins(logits, thresholds=np.array([0.5, 0.8]))
    np.testing.assert_allclose(found[0, 0], [1, -1])
    np.testing.assert_allclose(found[1, 0], np.array([1, -1]) - np.log(4), rtol=1e-6)
    assert np.isfinite(margins(logits, thresholds=np.array([0.0, 0.99]))).all()


def test_two_labels_are_not_taken_for_two_classes():
    logits = np.zeros((2, 3, 2), dtype=np.float32)
    assert margins(logits, thresholds=np.array([0.5, 0.5])).shape == (2, 3, 2)


def test_standardised_margins_have_median_0_and_scale_1_in_each_model():
    values = np.array([1.0, 2.0, 3.0, 4.0, 100.0], dtype=np.float32)[None, :, None]
    found, _ = (side[0, :, 0] for side in standardise(values, values))
    np.testing.assert_allclose(found[:4], np.array([-2, -1, 0, 1]) / 1.4826, rtol=1e-6)


def test_a_model_that_says_next_to_the_same_of_most_texts_moves_none_by_thousands():
    rng = np.random.default_rng(0)
    dense = rng.normal(0, 2, (3, 200, 1))
    stuck = dense.copy()
    stuck[0, :120] = 3 + 1e-6 * rng.normal(
        size=(120, 1)
    )  # the others stay as far away as they were
    before, after = standardise(dense, stuck)
    assert np.abs(after[1:]).max() < 10
    assert not after[0].any()
    assert np.abs(after - before).max() < 10


def test_leaning_and_sureness_of_models_change_no_standardised_shift():
    dense, compressed = draw(classes=3)
    rng = np.random.default_rng(1)
    other = compressed * rng.uniform(0.2, 5, (5, 1, 1)) + rng.normal(0, 3, (5, 1, 3))
    found, wanted = (shift(*standardise(dense, x)) for x in (other, compressed))
    for one, two in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-5)


def test_a_collapsed_model_has_moved_no_single_text():
    constant = np.full((1, 20, 1), 3.0, dtype=np.float32)
    varied = np.arange(20, dtype=np.float32)[None, :, None]
    assert (standardise(varied, constant)[1] == 0).all()


def test_texts_that_move_far_put_no_others_on_another_scale():
    text = np.random.default_rng(0).normal(0, 2, (1, 400, 1))
    moved = text + 5.0 * (np.arange(400) < 60)[:, None]
    before, after = standardise(np.repeat(text, 3, axis=0), 2 * np.repeat(moved, 3, axis=0) + 1)
    np.testing.assert_allclose(after[:, 60:], before[:, 60:], atol=1e-9)
    assert (after[:, :60] > before[:, :60] + 1).all()


def test_no_texts_have_no_scale():
    empty = np.zeros((3, 0, 1), dtype=np.float32)
    assert [side.shape for side in standardise(empty, empty)] == [(3, 0, 1)] * 2


@pytest.mark.parametrize("classes", [1, 3])
def test_with_thirty_members_few_of_the_texts_that_are_found_have_not_moved(classes):
    found, false = 0, 0
    for seed in range(5):
        dense, compressed = draw(30, 1000, classes, seed=seed)
        rng = np.random.default_rng([seed, 1])
        compressed[:, :100] += rng.normal(0, 4, (100, classes)).astype(np.float32)
        clear = shift(*standardise(dense, compressed)).q <= 0.05
        found, false = found + clear.sum(), false + clear[100:].sum()
    assert found > 300
    assert false <= 0.06 * found


def test_the_shift_is_that_of_a_slow_reference():
    dense, compressed = draw(replicates=6, moved=2.0)
    found = shift(dense, compressed)
    wanted = slow_shift(*(side[:, :, 0].astype(float) for side in (dense, compressed)))
    for one, two in zip(found[:4], wanted, strict=True):
        np.testing.assert_allclose(one[:, 0], two, rtol=1e-4)
    assert found.combined == pytest.approx(found.p[:, 0])


def test_the_ordinary_t_test_is_what_is_left_of_one_example():
    dense, compressed = draw(replicates=6, examples=1)
    found = shift(dense, compressed)
    assert found.p[0, 0] == pytest.approx(stats.ttest_rel(compressed, dense).pvalue[0, 0], rel=1e-4)
    found = shift(dense, compressed[:4], paired=False)
    wanted = stats.ttest_ind(compressed[:4], dense, equal_var=False).pvalue[0, 0]
    assert found.p[0, 0] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("paired", [True, False])
def test_swapping_the_sides_flips_the_sign_and_keeps_the_rest(paired):
    dense, compressed = draw(classes=3)
    one, other = shift(dense, compressed, paired), shift(compressed, dense, paired)
    np.testing.assert_allclose(one.estimate, -other.estimate, atol=1e-6)
    np.testing.assert_allclose(one.low, -other.high, atol=1e-6)
    np.testing.assert_allclose(one.q, other.q, rtol=1e-5)


def test_the_order_of_members_does_not_matter():
    dense, compressed = draw(replicates=7)
    order = np.random.default_rng(3).permutation(7)
    for one, other in zip(
        shift(dense, compressed), shift(dense[order], compressed[order]), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-6)


def test_the_order_of_examples_does_not_matter():
    dense, compressed = draw(classes=3)
    order = np.random.default_rng(3).permutation(60)
    for one, other in zip(
        shift(dense, compressed), shift(dense[:, order], compressed[:, order]), strict=True
    ):
        np.testing.assert_allclose(one[order], other, rtol=1e-3, atol=1e-6)


def test_pairing_finds_more_where_models_of_a_seed_are_alike():
    dense, _ = draw(replicates=6, lean=0)
    compressed = dense + 0.3 + 0.2 * draw(replicates=6, seed=1)[0]
    assert shift(dense, compressed).p.mean() < shift(dense, compressed, paired=False).p.mean()


def test_a_compressor_that_changes_nothing_shifts_nothing():
    dense, _ = draw()
    found = shift(dense, dense)
    assert (found.estimate == 0).all()
    assert (found.p == 1).all()
    assert (found.q == 1).all()


def test_of_one_member_a_side_only_the_estimate_is_known():
    dense, compressed = draw(replicates=1)
    found = shift(dense, compressed)
    np.testing.assert_allclose(found.estimate, (compressed - dense)[0])
    assert all(np.isnan(part).all() for part in found[1:])


def test_sides_of_other_seeds_cannot_be_paired():
    dense, compressed = draw()
    with pytest.raises(ValueError, match=r"compressed: shape .*; expected"):
        shift(dense, compressed[:3])


@pytest.mark.parametrize("replicates", [4, 5, 10])
@pytest.mark.parametrize("classes", [1, 3])
def test_a_null_compressor_is_found_to_shift_in_5_percent_of_the_runs_or_fewer(replicates, classes):
    found = [
        (shift(*draw(replicates, 200, classes, seed=seed, lean=1.0)).q <= 0.05).any()
        for seed in range(100)
    ]
    assert np.sum(found) <= 5 + 2 * (5 * 0.95) ** 0.5


def test_shifts_that_are_planted_are_found_and_few_others():
    dense, compressed = draw(replicates=6, examples=500, moved=4.0, lean=0.2)
    found = shift(*standardise(dense, compressed)).q <= 0.05
    planted = np.arange(500) < 50
    assert found[planted].mean() > 0.7
    assert (found & ~planted).sum() <= 0.1 * found.sum()


def test_intervals_cover_the_true_shift_in_95_percent():
    inside = []
    for seed in range(30):
        found = shift(*draw(5, 200, moved=1.0, seed=seed, lean=0.0))
        truth = (np.arange(200) < 20) * 1.0
        inside.append(((found.low[:, 0] <= truth) & (truth <= found.high[:, 0])).mean())
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)
