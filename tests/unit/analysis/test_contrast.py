"""PIEs' text complexity against that of the other examples."""

import numpy as np
import pandas as pd
import pytest

from pielab.analysis import contrast

ONE = np.ones(4, dtype=int)  # a vote margin for all


def test_means_medians_and_delta_of_a_hand_made_measure():
    measures = pd.DataFrame({"tokens": [4, 6, 1, 3], "smog": [1.0, np.nan, 2.0, 2.0]})
    table = contrast.contrast_measures(measures, np.array([True, True, False, False]), ONE)
    tokens, smog = (row for _, row in table.iterrows())
    assert (tokens["pies"], tokens["others"], smog["pies"], smog["others"]) == (2, 2, 1, 2)
    assert (tokens["mean_pies"], tokens["mean_others"], tokens["mean_all"]) == (5, 2, 3.5)
    assert (tokens["median_pies"], tokens["median_others"]) == (5, 2)
    assert (tokens["cliffs_delta"], smog["cliffs_delta"]) == (1, -1)


def test_the_interval_of_a_mean_is_student_s_and_needs_two_pies():
    measures = pd.DataFrame({"tokens": [4.0, 6.0, 8.0, 3.0]})
    row = contrast.contrast_measures(measures, np.array([True] * 3 + [False]), ONE).iloc[0]
    error = 4.302653 * 2 / 3**0.5  # the 97.5 % quantile of t(2), and a standard deviation of 2
    assert row[["mean_pies_low", "mean_pies_high"]].tolist() == pytest.approx(
        [6 - error, 6 + error]
    )
    row = contrast.contrast_measures(measures, np.array([True] + [False] * 3), ONE).iloc[0]
    assert row[["mean_pies_low", "mean_pies_high"]].isna().all()


def test_a_cell_without_pies_has_no_effect_and_no_error():
    table = contrast.contrast_measures(
        pd.DataFrame({"tokens": [4, 6]}), np.zeros(2, dtype=bool), ONE[:2]
    )
    row = table.iloc[0]
    assert (row["pies"], row["others"], row["mean_others"]) == (0, 2, 5)
    assert np.isnan([row["mean_pies"], row["cliffs_delta"], row["median_pies"]]).all()


def test_an_effect_that_only_the_vote_margin_makes_is_gone_once_it_is_matched():
    rng = np.random.default_rng(0)
    margin = rng.integers(0, 5, 4000)
    measures = pd.DataFrame({"tokens": 40 - 5 * margin + rng.integers(0, 5, 4000)})
    measures["smog"] = measures["tokens"] / 4 + rng.normal(size=4000)
    pie = rng.random(4000) < 0.4 - 0.08 * margin
    table = contrast.contrast_measures(measures, pie, margin).set_index("measure")
    assert (table["low"] > 0.2).all()
    assert (table["matched_low"] < 0).all()
    assert (table["matched_high"] > 0).all()
    assert (table["matched_pies"] <= table["pies"]).all()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_the_delta_of_weighted_examples_is_that_of_all_pairs(seed, share):
    rng = np.random.default_rng(seed)
    number = 40
    values = rng.integers(0, 9, number) * 1.0 if seed % 2 else rng.normal(size=number)
    pie, strata = rng.random((3, number)) < share, rng.integers(0, 4, number)
    weights = rng.integers(0, 3, number) * 1.0
    found = contrast.weighted_delta(values, pie, strata)(weights)
    for own, delta in zip(pie, found, strict=True):
        placed = pairs = 0.0
        for one in np.flatnonzero(own):
            met = ~own & (strata == strata[one])
            if weights[met].sum() > 0:
                signs = np.sign(values[one] - values[met])
                placed += weights[one] * (weights[met] @ signs) / weights[met].sum()
                pairs += weights[one]
        assert delta == pytest.approx(placed / pairs if pairs else np.nan, nan_ok=True)
