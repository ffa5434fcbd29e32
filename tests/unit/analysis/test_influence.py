"""EL2N, influence bins, change of loss and PIEs among the most influential examples."""

import tracemalloc
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import beta
from torch.nn import functional

from pielab.analysis import influence
from pielab.analysis.losses import example_losses, loss_change, losses_by_model

SINGLE, MULTI = "single", "multi"


def predictions(kind, seed=0, seeds=4, examples=50, classes=3, scale=3.0):
    generator = np.random.default_rng(seed)
    logits = (scale * generator.standard_normal((seeds, examples, classes))).astype(np.float32)
    if kind == SINGLE:
        return logits, generator.integers(0, classes, examples)
    return logits, generator.integers(0, 2, (examples, classes)).astype(np.uint8)


def test_el2n_of_one_label_is_the_distance_of_the_softmax_from_the_truth():
    logits = np.array([[[log(3), 0], [log(3), 0]], [[0, 0], [0, 0]]], dtype=np.float32)
    # Probabilities (3/4, 1/4) of the first seed, (1/2, 1/2) of the second
    expected = [(0.25 * sqrt(2) + sqrt(0.5)) / 2, (0.75 * sqrt(2) + sqrt(0.5)) / 2]
    np.testing.assert_allclose(influence.el2n(logits, np.array([0, 1])), expected, rtol=1e-6)


def test_el2n_of_several_labels_is_the_distance_of_the_sigmoids_from_the_truth():
    logits = np.array([[[0, log(3), -log(3)]]], dtype=np.float32)
    labels = np.array([[1, 1, 0]], dtype=np.uint8)
    expected = sqrt(0.5**2 + 0.25**2 + 0.25**2)
    np.testing.assert_allclose(influence.el2n(logits, labels), [expected], rtol=1e-6)


def slow_el2n(logits, labels):
    norms = []
    for one in torch.tensor(logits, dtype=torch.float64):
        if labels.ndim == 2:
            errors = torch.sigmoid(one) - torch.tensor(labels)
        else:
            truth = functional.one_hot(torch.tensor(labels), one.shape[1])
            errors = functional.softmax(one, dim=1) - truth
        norms.append((errors**2).sum(dim=1).sqrt())
    return torch.stack(norms).mean(dim=0).numpy()


def slow_losses(logits, labels):
    losses = []
    for one in torch.tensor(logits, dtype=torch.float64):
        if labels.ndim == 2:
            target = torch.tensor(labels, dtype=torch.float64)
            each = functional.binary_cross_entropy_with_logits(one, target, reduction="none")
            losses.append(each.mean(dim=1))
        else:
            losses.append(functional.cross_entropy(one, torch.tensor(labels), reduction="none"))
    return torch.stack(losses).numpy()


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
@pytest.mark.parametrize("scale", [0.1, 3.0, 30.0])
def test_el2n_agrees_with_torch(kind, scale):
    logits, labels = predictions(kind, scale=scale)
    np.testing.assert_allclose(
        influence.el2n(logits, labels), slow_el2n(logits, labels), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
def test_el2n_lies_between_zero_and_its_bound_even_for_extreme_logits(kind):
    logits, labels = predictions(kind, scale=1e30)
    scores = influence.el2n(logits, labels)
    bound = sqrt(2) if kind == SINGLE else sqrt(3)
    assert np.isfinite(scores).all()
    assert scores.min() >= 0
    assert scores.max() <= bound + 1e-12


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
def test_el2n_of_two_blocks_of_seeds_is_the_mean_of_theirs(kind):
    logits, labels = predictions(kind, seeds=6)
    whole = influence.el2n(logits, labels)
    blocks = [influence.el2n(block, labels) for block in (logits[:3], logits[3:])]
    np.testing.assert_allclose(whole, np.mean(blocks, axis=0), rtol=1e-12)


def change_of(baseline, compressed, labels):
    return loss_change(*(losses_by_model(logits, labels) for logits in (baseline, compressed)))


@pytest.mark.parametrize("measure", [influence.el2n, losses_by_model])
def test_only_one_seed_at_a_time_is_held_in_double_precision(measure):
    logits, labels = predictions(SINGLE, seeds=30, examples=20_000)
    tracemalloc.start()
    measure(logits, labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < logits.nbytes  # all seeds in double precision are twice that


def test_loss_of_one_label_is_cross_entropy_in_nats():
    logits = np.array([[log(3), 0], [log(3), 0]], dtype=np.float32)
    loss = example_losses(logits, np.array([0, 1]))
    np.testing.assert_allclose(loss, [log(4 / 3), log(4)], rtol=1e-6)


def test_loss_of_several_labels_is_the_mean_over_classes():
    logits = np.array([[0, log(3), log(3)]], dtype=np.float32)
    loss = example_losses(logits, np.array([[1, 1, 0]], dtype=np.uint8))
    np.testing.assert_allclose(loss, [(log(2) + log(4 / 3) + log(4)) / 3], rtol=1e-6)


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
@pytest.mark.parametrize("scale", [0.1, 3.0, 30.0, 1e6])
def test_loss_agrees_with_torch(kind, scale):
    logits, labels = predictions(kind, scale=scale)
    losses = [example_losses(one, labels) for one in logits]
    np.testing.assert_allclose(losses, slow_losses(logits, labels), rtol=1e-9, atol=1e-12)


def test_a_tiny_loss_keeps_its_relative_precision():
    logits = np.array([[100, 0, -5]], dtype=np.float32)
    expected = exp(-100) + exp(-105)
    np.testing.assert_allclose(example_losses(logits, np.array([0])), [expected], rtol=1e-12)
    several = example_losses(logits, np.array([[1, 1, 0]], dtype=np.uint8))
    np.testing.assert_allclose(several, [(exp(-100) + log(2) + np.log1p(exp(-5))) / 3], rtol=1e-12)


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
def test_loss_change_agrees_with_a_slow_reference(kind):
    dense, labels = predictions(kind, seed=1)
    pruned, _ = predictions(kind, seed=2)
    before, after = slow_losses(dense, labels), slow_losses(pruned, labels)
    table = change_of(dense, pruned, labels)
    expected = pd.DataFrame(
        {
            "loss_baseline": before.mean(axis=0),
            "loss_compressed": after.mean(axis=0),
            "loss_change": (after - before).mean(axis=0),
            "loss_ratio": (after / before).mean(axis=0),
        }
    )
    pd.testing.assert_frame_equal(table, expected, rtol=1e-9)


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
def test_a_model_that_did_not_change_has_no_loss_change_and_ratio_one(kind):
    logits, labels = predictions(kind)
    table = change_of(logits, logits, labels)
    assert (table["loss_change"] == 0).all()
    np.testing.assert_allclose(table["loss_ratio"], 1)


def test_a_ratio_is_infinite_over_a_dense_loss_of_zero_and_nan_of_two_zeros():
    dense = np.array([[[1e4, 0], [1e4, 0]]], dtype=np.float32)  # exp(-10000) is zero
    pruned = np.array([[[0, 0], [1e4, 0]]], dtype=np.float32)
    ratios = change_of(dense, pruned, np.array([0, 0]))["loss_ratio"]
    assert ratios[0] == np.inf
    assert np.isnan(ratios[1])


def test_bins_follow_the_score_and_their_sizes_differ_by_one_at_most():
    scores = np.array([0.7, 0.1, 0.5, 0.3, 0.6, 0.2, 0.4])
    assert influence.influence_bins(scores, 3).tolist() == [3, 1, 2, 1, 3, 1, 2]


def test_equal_scores_are_ranked_by_position():
    assert influence.influence_bins(np.zeros(6), 3).tolist() == [1, 1, 2, 2, 3, 3]


@given(
    arrays(np.float64, st.integers(20, 99), elements=st.sampled_from([0.0, 0.1, 0.5, 1.0, 1.4])),
    st.integers(1, 20),
)
def test_bins_are_an_equal_cut_of_the_stable_order(scores, bins):
    found = influence.influence_bins(scores, bins)
    sizes = np.bincount(found, minlength=bins + 1)[1:]
    assert len(sizes) == bins
    assert sizes.max() - sizes.min() <= 1
    order = sorted(range(len(scores)), key=lambda i: (scores[i], i))
    assert (np.diff(found[order]) >= 0).all()


@pytest.mark.parametrize("bins", [0, 8])
def test_a_number_of_bins_that_does_not_fit_is_refused(bins):
    with pytest.raises(ValueError, match=f"bins: {bins}; expected 1 to 7"):
        influence.influence_bins(np.arange(7.0), bins)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_score_that_is_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="influence: 2 of 3 scores are finite"):
        influence.influence_bins(np.array([0.1, bad, 0.2]), 2)


def test_the_bin_table_of_a_hand_computed_case():
    losses = pd.DataFrame({"loss_baseline": [2.0, 1, 2, 1], "loss_compressed": [2.0, 2, 4, 4]})
    losses["loss_change"] = losses["loss_compressed"] - losses["loss_baseline"]
    losses["loss_ratio"] = losses["loss_compressed"] / losses["loss_baseline"]
    scores, pies = np.array([0.5, 0.1, 0.9, 0.3]), np.array([True, False, True, True])
    expected = pd.DataFrame(
        {
            "bin": [1, 2],
            "examples": [2, 2],
            "influence": [0.2, 0.7],
            "pies": [1, 2],
            "pie_share": [0.5, 1.0],
            "loss_baseline": [1.0, 2.0],
            "loss_compressed": [3.0, 3.0],
            "loss_change": [2.0, 1.0],
            "loss_change_se": [1.0, 1.0],
            "mean_of_ratios": [3.0, 1.5],
            "mean_of_ratios_se": [1.0, 0.5],
            "ratio_of_means": [3.0, 1.5],
            "ratio_of_means_se": [1.0, 0.5],
        }
    )
    pd.testing.assert_frame_equal(influence.bin_table(scores, pies, losses, bins=2), expected)


@pytest.mark.parametrize("kind", [SINGLE, MULTI])
def test_the_bin_table_agrees_with_a_slow_reference(kind):
    dense, labels = predictions(kind, seed=1, examples=101)
    pruned, _ = predictions(kind, seed=2, examples=101)
    scores = slow_el2n(dense, labels)
    pies = np.random.default_rng(3).random(101) < 0.3
    before, after = slow_losses(dense, labels), slow_losses(pruned, labels)
    table = influence.bin_table(
        influence.el2n(dense, labels), pies, change_of(dense, pruned, labels)
    ).set_index("bin")
    for number, rows in pd.Series(np.arange(101)).groupby(influence.influence_bins(scores)):
        change = (after - before).mean(axis=0)[rows]
        ratio = (after / before).mean(axis=0)[rows]
        row = table.loc[number]
        assert row["examples"] == len(rows)
        assert row["pie_share"] == pytest.approx(pies[rows].mean())
        assert row["loss_change"] == pytest.approx(change.mean())
        assert row["loss_change_se"] == pytest.approx(np.std(change, ddof=1) / sqrt(len(rows)))
        assert row["mean_of_ratios"] == pytest.approx(ratio.mean())
        assert row["mean_of_ratios_se"] == pytest.approx(np.std(ratio, ddof=1) / sqrt(len(rows)))
        assert row["ratio_of_means"] == pytest.approx(
            after[:, rows].mean() / before[:, rows].mean()
        )


def test_the_standard_error_of_the_ratio_of_means_agrees_with_a_bootstrap():
    generator = np.random.default_rng(0)
    before = generator.gamma(2, size=400)
    after = 3 * before + generator.gamma(1, size=400)
    losses = pd.DataFrame({"loss_baseline": before, "loss_compressed": after})
    losses = losses.assign(loss_change=after - before, loss_ratio=after / before)
    table = influence.bin_table(np.zeros(400), np.zeros(400, bool), losses, bins=1)
    draws = generator.integers(0, 400, (4000, 400))
    ratios = after[draws].mean(axis=1) / before[draws].mean(axis=1)
    assert table["ratio_of_means_se"][0] == pytest.approx(ratios.std(ddof=1), rel=0.1)


def test_one_example_of_no_dense_loss_blows_up_the_mean_of_ratios_but_not_the_ratio_of_means():
    dense = np.zeros((1, 10, 2), dtype=np.float32)
    dense[0, 0] = 60, 0
    table = influence.bin_table(
        np.arange(10.0),
        np.zeros(10, bool),
        change_of(dense, np.zeros_like(dense), np.zeros(10, np.int64)),
        bins=1,
    )
    assert table["mean_of_ratios"][0] > 1e20
    assert table["ratio_of_means"][0] == pytest.approx(10 / 9)


def test_a_bin_of_one_example_has_no_standard_error():
    logits, labels = predictions(SINGLE, examples=2)
    losses = change_of(logits, logits + 1, labels)
    table = influence.bin_table(np.array([0.0, 1]), np.zeros(2, bool), losses, bins=2)
    assert table.filter(like="_se").isna().all(axis=None)
    assert table.drop(columns=table.filter(like="_se")).notna().all(axis=None)


def test_the_most_influential_tenth_with_half_the_pies_is_enriched_fivefold():
    scores = np.arange(100.0)[::-1]
    pies = np.isin(np.arange(100), [0, 2, 4, 6, 8, 50, 60, 70, 80, 90])
    row = influence.top_table(scores, pies, np.zeros(len(pies)), percents=[10]).iloc[0]
    assert row[["top_percent", "examples", "pies", "chance"]].tolist() == [10, 10, 5, 0.1]
    assert row["enrichment"] == pytest.approx(5)
    # Clopper and Pearson's interval of 5 in 10, as printed in tables
    assert row["pie_share_low"] == pytest.approx(0.187086, abs=1e-6)
    assert row["pie_share_high"] == pytest.approx(0.812914, abs=1e-6)
    assert row["enrichment_low"] == pytest.approx(1.87086, abs=1e-5)


def test_the_top_table_agrees_with_a_slow_reference():
    generator = np.random.default_rng(0)
    scores, pies = generator.random(997).round(2), generator.random(997) < 0.2
    order = sorted(range(997), key=lambda i: (scores[i], i))
    table = influence.top_table(scores, pies, np.zeros(len(pies)))
    for row, size in zip(table.itertuples(), [10, 50, 100], strict=True):
        found = sum(bool(pies[i]) for i in order[-size:])
        assert (row.examples, row.pies) == (size, found)
        assert row.pie_share_low == pytest.approx(beta.ppf(0.025, found, size - found + 1))
        assert row.pie_share_high == pytest.approx(beta.ppf(0.975, found + 1, size - found))
        assert row.enrichment == pytest.approx(found / size / (sum(pies) / 997))


def test_the_top_five_percent_are_the_last_of_twenty_bins():
    scores, pies = np.random.default_rng(0).random((2, 400))
    pies = pies < 0.3
    bins = influence.influence_bins(scores)
    assert (
        influence.top_table(scores, pies, np.zeros(len(pies)))["pies"][1] == pies[bins == 20].sum()
    )


def test_the_interval_of_the_enrichment_holds_one_when_pies_fall_at_random():
    generator = np.random.default_rng(0)
    tables = [
        influence.top_table(generator.random(2000), generator.random(2000) < 0.1, np.zeros(2000))
        for _ in range(200)
    ]
    rows = pd.concat(tables)
    holds = (rows["enrichment_low"] <= 1) & (rows["enrichment_high"] >= 1)
    assert holds.mean() > 0.95


def test_pies_that_follow_influence_are_found_enriched():
    generator = np.random.default_rng(0)
    scores = generator.random(2000)
    table = influence.top_table(scores, generator.random(2000) < scores**4, np.zeros(2000))
    assert (table["enrichment_low"] > 1).all()


def test_enrichment_is_matched_against_the_shares_of_the_margins_in_the_top():
    margins = np.repeat([0, 4], [20, 80])
    pies = np.zeros(100, dtype=bool)
    pies[:20:2] = True
    row = influence.top_table(-np.arange(100.0), pies, margins, percents=[10]).iloc[0]
    assert (row["chance"], row["enrichment"]) == (0.1, 5)
    assert (row["chance_matched"], row["enrichment_matched"]) == (0.5, 1)


def test_without_pies_the_enrichment_is_undefined_and_the_share_zero():
    table = influence.top_table(np.arange(50.0), np.zeros(50, bool), np.zeros(50))
    assert (table["pie_share"] == 0).all()
    assert table.filter(like="enrichment").isna().all(axis=None)


def test_when_all_are_pies_the_enrichment_is_one():
    table = influence.top_table(np.arange(50.0), np.ones(50, bool), np.zeros(50), percents=[1, 100])
    assert (table["enrichment"] == 1).all()
    assert (table["enrichment_high"] == 1).all()


@pytest.mark.parametrize("percent", [0, -1, 101, np.nan])
def test_a_top_percent_out_of_range_is_refused(percent):
    with pytest.raises(ValueError, match="percents"):
        influence.top_table(np.arange(50.0), np.zeros(50, bool), np.zeros(50), percents=[percent])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(4, np.int64), r"labels: shape \(4,\); expected \(5,\)"),
        (np.zeros((5, 2), np.uint8), r"labels: shape \(5, 2\); expected \(5, 3\)"),
        (np.array([0, 1, 2, 3, 0]), "labels: 0 to 3; expected 0 to 2"),
        (np.array([0, 1, 2, -1, 0]), "labels: -1 to 2; expected 0 to 2"),
        (np.full((5, 3), 2, np.uint8), "labels: 2 to 2; expected 0 to 1"),
    ],
)
def test_labels_that_do_not_fit_the_logits_are_refused(labels, message):
    logits = np.zeros((2, 5, 3), dtype=np.float32)
    with pytest.raises(ValueError, match=message):
        influence.el2n(logits, labels)
    with pytest.raises(ValueError, match=message):
        change_of(logits, logits, labels)


def test_dense_and_pruned_predictions_of_different_seeds_are_refused():
    logits, labels = predictions(SINGLE)
    with pytest.raises(ValueError, match="compressed losses: shape"):
        change_of(logits, logits[:1], labels)


def test_predictions_without_a_seed_are_refused():
    with pytest.raises(ValueError, match="logits: shape"):
        influence.el2n(np.zeros((0, 5, 3), np.float32), np.zeros(5, np.int64))
