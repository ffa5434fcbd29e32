import numpy as np
import pandas as pd
import pytest

from pielab.analysis import by_probability, contrast, influence


def test_classes_by_hand():
    truth = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=bool)
    table = by_probability.of_classes(truth, np.array([0.2, 0.4, 0.2]))
    assert table["pies_by_probability"].tolist() == pytest.approx([0.6, 0.2, 0])
    assert table["pie_rate_by_probability"][:2].tolist() == pytest.approx([0.3, 0.2])
    assert np.isnan(table["pie_rate_by_probability"][2])
    assert table["class_share_by_probability"].tolist() == pytest.approx([0.75, 0.25, 0])


def test_bins_by_hand():
    bins = influence.influence_bins(np.array([0.3, 0.1, 0.2, 0.4]), 2)
    table = by_probability.of_bins(bins, np.array([0.5, 0.1, 0.2, 0.7]))
    assert table["pies_by_probability"].tolist() == pytest.approx([0.3, 1.2])
    assert table["pie_share_by_probability"].tolist() == pytest.approx([0.15, 0.6])


def test_the_top_by_hand():
    scores, margins = np.array([1.0, 2, 3, 4]), np.array([1, 1, 5, 5])
    row = by_probability.of_top(scores, np.array([0.1, 0.2, 0.3, 0.6]), margins, [25]).iloc[0]
    wanted = [0.6, 0.6, 0.6 / 0.3, 0.6 / 0.45]
    assert row.tolist() == pytest.approx(wanted)


def planted(examples=300):
    rng = np.random.default_rng(0)
    measures = pd.DataFrame({"tokens": rng.integers(5, 50, examples), "smog": rng.random(examples)})
    measures.loc[3, "smog"] = np.nan
    return measures, rng.random(examples) < 0.2, rng.integers(1, 4, examples), rng.random(examples)


def test_probabilities_of_0_and_1_say_what_a_set_of_pies_does():
    measures, pie, margins, scores = planted()
    sure = pie.astype(np.float32)
    wanted = contrast.contrast_measures(measures, pie, margins)
    found = by_probability.of_measures(measures, sure, margins)
    for column in ("cliffs_delta", "matched"):
        np.testing.assert_allclose(found[f"{column}_by_probability"], wanted[column], atol=1e-6)
    top = influence.top_table(scores, pie, margins)
    found = by_probability.of_top(scores, sure, margins, top["top_percent"].tolist())
    for column in ("pies", "pie_share", "enrichment", "enrichment_matched"):
        np.testing.assert_allclose(found[f"{column}_by_probability"], top[column], rtol=1e-6)


def test_a_delta_by_probability_is_that_of_a_slow_reference():
    measures, _, margins, _ = planted(40)
    probability = np.random.default_rng(1).random(40)
    found = by_probability.of_measures(measures, probability, margins)
    values = measures["tokens"].to_numpy()
    pairs = probability[:, None] * (1 - probability)
    wanted = (pairs * np.sign(values[:, None] - values)).sum() / (
        probability.sum() * (1 - probability).sum()
    )
    assert found["cliffs_delta_by_probability"][0] == pytest.approx(wanted)


def test_of_one_member_all_is_unknown():
    measures, _, margins, scores = planted()
    unknown = np.full(300, np.nan, dtype=np.float32)
    bins = influence.influence_bins(scores, 5)
    tables = [
        by_probability.of_measures(measures, unknown, margins),
        by_probability.of_bins(bins, unknown),
        by_probability.of_top(scores, unknown, margins, [5, 10]),
        by_probability.of_classes(np.ones((300, 1), dtype=bool), unknown),
    ]
    assert all(table.isna().all(axis=None) for table in tables)
