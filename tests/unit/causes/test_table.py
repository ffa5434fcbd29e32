import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from pielab.causes import factors, table
from pielab.causes.outcomes import Texts
from pielab.vocabulary import COMPLEXITY


def world(rng, texts=1500, seeds=5, noise=0.5, through_margin=True):
    """Texts whose length matters for PIEs only through the margin, or only by itself."""
    length = rng.normal(size=texts)
    margin = 4 - 1.0 * length + rng.normal(size=texts)
    by_seed = margin + noise * rng.normal(size=(seeds, texts))
    cause = -margin + 2 if through_margin else length - 2
    chance = expit(1.5 * cause)
    pie = (rng.random(texts) < chance) * 1.0
    means = np.vstack(
        [by_seed.mean(axis=0), *(np.delete(by_seed, s, 0).mean(0) for s in range(seeds))]
    )
    same = np.repeat(pie[None], 1 + seeds, axis=0)
    constant = np.repeat(rng.random(texts)[None], 1 + seeds, axis=0)
    variance = by_seed.var(axis=0, ddof=1) / seeds
    none = np.zeros(texts)
    own = Texts(same, same, same - 0.5, constant, means, constant, variance, none, none)
    known = pd.DataFrame({"tokens": 2.0 ** (length + 8), "negations": rng.random(texts)})
    return own, known


def row(found, outcome, factor):
    return found[(found["outcome"] == outcome) & (found["factor"] == factor)].iloc[0]


def test_length_that_matters_only_through_the_margin_matters_alone_and_not_adjusted():
    own, known = world(np.random.default_rng(0))
    found = table.causes(own, known, 1)
    tokens = row(found, "pie", "tokens")
    assert tokens["alone_low"] > 1.5
    assert tokens["adjusted_low"] < 1 < tokens["adjusted_high"]
    assert row(found, "pie", "logit_margin")["adjusted_high"] < 0.5


def test_length_that_matters_by_itself_matters_adjusted_too():
    own, known = world(np.random.default_rng(1), through_margin=False)
    found = table.causes(own, known, 1)
    assert row(found, "pie", "tokens")["adjusted_low"] > 1.5
    margin = row(found, "pie", "logit_margin")
    assert margin["alone_high"] < 1
    assert margin["adjusted_low"] < 1 < margin["adjusted_high"]


def test_the_margin_is_held_fixed_without_its_noise_and_with_its_square():
    own, known = world(np.random.default_rng(9), noise=1.5)
    design = table._design(own, known, {})
    margin = design.names.index("logit_margin")
    tokens = design.names.index("tokens")
    values = design.values[:, [tokens, margin]]
    found = table._calibrated(values, [tokens, margin], design)
    assert found[:, 0].tolist() == values[:, 0].tolist()
    assert (found[:, 1].var(axis=1) < 0.98 * values[:, 1].var(axis=1)).all()
    assert found[:, 2] == pytest.approx(found[:, 1] ** 2 - 1)
    alone = values[:, 1:]
    assert table._calibrated(alone, [margin], design) is alone


def test_of_the_margins_one_is_held_fixed():
    own, known = world(np.random.default_rng(2))
    found = table.causes(own, known, 1)
    votes = row(found, "pie", "vote_margin")
    assert np.isnan(votes["adjusted"])
    assert votes["note"] == "tells what logit margin tells"
    unknown = own._replace(logit_margin=own.logit_margin * np.nan)
    found = table.causes(unknown, known, 1)
    assert np.isfinite(row(found, "pie", "vote_margin")["adjusted"])
    assert "logit_margin" not in set(found["factor"])


def test_of_measures_of_influence_one_is_held_fixed_and_each_is_adjusted_without_the_others():
    own, known = world(np.random.default_rng(11))
    rng = np.random.default_rng(12)
    known["el2n"] = rng.normal(size=len(known)) + own.pie[0]
    known["grand"] = known["el2n"] + rng.normal(0, 0.8, len(known))  # the same, with noise
    found = table.causes(own, known, 1)
    grand = row(found, "pie", "grand")
    assert grand["note"] == "put in the place of EL2N"
    assert grand["adjusted_low"] > 1.5
    assert grand["held_fixed"] == row(found, "pie", "el2n")["held_fixed"]
    for name, kept in (("grand", ["grand"]), ("el2n", ["el2n"])):
        alone = table.causes(own, known[["tokens", "negations", *kept]], 1)
        assert row(found, "pie", name)["adjusted"] == row(alone, "pie", name)["adjusted"]


def test_of_few_pies_nothing_is_fitted_and_the_shift_still_is():
    own, known = world(np.random.default_rng(3))
    few = np.zeros_like(own.pie)
    few[:, :4] = 1
    found = table.causes(own._replace(pie=few), known, 1)
    tokens = row(found, "pie", "tokens")
    assert tokens["with_outcome"] == 4
    assert np.isnan([tokens["alone"], tokens["adjusted"]]).all()
    assert "fewer than 5" in tokens["note"]
    assert np.isfinite(row(found, "shift", "tokens")["adjusted"])


def test_one_factor_is_held_fixed_for_five_pies():
    own, known = world(np.random.default_rng(4))
    some = np.zeros_like(own.pie)
    some[:, ::125] = 1  # 12 texts
    found = table.causes(own._replace(pie=some), known, 1)
    assert row(found, "pie", "logit_margin")["held_fixed"] == 1
    assert row(found, "pie", "negations")["held_fixed"] == 1
    assert "in the place of the last" in row(found, "pie", "negations")["note"]


def test_labels_alone_tell_no_shift():
    own, known = world(np.random.default_rng(5))
    found = table.causes(own._replace(shift=own.shift * np.nan), known, 1)
    assert set(found["outcome"]) == {"pie", "negative flip"}


def test_what_says_the_same_as_another_factor_is_not_adjusted():
    own, known = world(np.random.default_rng(6))
    known["sentences"] = known["tokens"] * 1.001
    found = table.causes(own, known, 1)
    sentences = row(found, "pie", "sentences")
    assert np.isfinite(sentences["alone"])
    assert np.isnan(sentences["adjusted"])
    assert "cannot be told apart" in sentences["note"]


def test_cells_are_pooled_by_their_means():
    own, known = world(np.random.default_rng(7))
    other = own._replace(pie=np.zeros_like(own.pie))
    pooled = table.pool([own, other])
    assert pooled.pie[0].tolist() == (own.pie[0] / 2).tolist()
    found = row(table.causes(pooled, known, 2), "pie", "tokens")
    assert found["comparisons"] == 2
    assert found["with_outcome"] == (own.pie[0] > 0).sum()


def test_pies_whose_label_most_models_doubt_are_counted():
    own, known = world(np.random.default_rng(8))
    doubted = np.zeros_like(own.doubted)
    doubted[np.flatnonzero(own.pie[0])[:7]] = 0.6
    doubted[np.flatnonzero(own.pie[0] == 0)[:5]] = 1
    doubted[np.flatnonzero(own.pie[0])[7:9]] = 0.5
    found = table.causes(own._replace(doubted=doubted), known, 1)
    assert row(found, "pie", "tokens")["doubted"] == 7
    assert row(found, "shift", "tokens")["doubted"] == 12
    unknown = own._replace(doubted=doubted * np.nan)
    assert np.isnan(row(table.causes(unknown, known, 1), "pie", "tokens")["doubted"])


def test_of_many_texts_evenly_spread_ones_are_fitted(monkeypatch):
    own, known = world(np.random.default_rng(10), texts=900)
    monkeypatch.setattr(table, "MOST_TEXTS", 300)
    found = table.causes(own, known, 1)
    assert set(found["texts"]) == {300}
    kept = np.linspace(0, 899, 300).astype(int)
    assert row(found, "pie", "tokens")["with_outcome"] == own.pie[0, kept].sum()


def test_a_factor_without_spread_or_of_which_most_is_missing_is_left_out():
    assert factors.standard(np.ones(10)) is None
    assert factors.standard(np.array([1, 2] + [np.nan] * 8)) is None
    values, mean, spread = factors.standard(np.array([1.0, 3.0, np.nan, 2.0]))
    assert (mean, spread) == (2, pytest.approx((2 / 3) ** 0.5))
    assert values[2] == 0


def test_logarithms_are_those_of_what_spans_magnitudes():
    assert factors.on_scale("tokens", np.array([8.0, 0.0])).tolist() == [3, -1]
    assert factors.on_scale("numbers", np.array([8.0])).tolist() == [8]


def with_classes(own, known, has):
    return table.causes(own, known, 1, {"class: rare": has})


def test_odds_of_a_class_alone_are_those_of_the_two_by_two_table():
    texts = 4000
    has = np.arange(texts) < 1000
    # 300 of 1,000 texts of the class are PIEs, and 300 of 3,000 others
    pie = (np.where(has, np.arange(texts), np.arange(texts) - 1000) < 300) * 1.0
    pie = np.repeat(pie[None], 2, axis=0)
    constant, none = np.random.default_rng(0).random((2, texts)), np.zeros(texts)
    own = Texts(pie, pie, pie - 0.5, constant, constant, constant, none, none, none)
    found = with_classes(own, pd.DataFrame({"negations": constant[0]}), has)
    odds = row(found, "pie", "class: rare")
    assert odds["alone"] == pytest.approx((300 / 700) / (300 / 2700), rel=0.01)
    error = (1 / 300 + 1 / 700 + 1 / 300 + 1 / 2700) ** 0.5
    assert np.log(odds["alone_high"] / odds["alone"]) == pytest.approx(1.96 * error, rel=0.05)
    assert odds["mean"] == 0.25
    assert odds["factor_name"] == "class: rare"


def test_a_class_that_matters_only_through_the_margin_does_not_matter_adjusted():
    own, known = world(np.random.default_rng(3))
    has = known["tokens"].to_numpy() > 2.0**9
    found = with_classes(own, known[["negations"]], has)
    of_class = row(found, "pie", "class: rare")
    assert of_class["alone_low"] > 1.5
    assert of_class["adjusted_low"] < 1 < of_class["adjusted_high"]
    assert row(found, "pie", "logit_margin")["held_fixed"] < len(set(found["factor"])) - 1


def test_other_factors_have_the_odds_that_they_have_without_classes():
    own, known = world(np.random.default_rng(4))
    found = with_classes(own, known, known["tokens"].to_numpy() > 2.0**9)
    without = table.causes(own, known, 1)
    pd.testing.assert_frame_equal(
        found[found["factor"] != "class: rare"].reset_index(drop=True), without
    )


def test_classes_with_few_texts_or_too_many_classes_have_no_odds():
    truth = np.eye(3, dtype=bool)[np.repeat([0, 1, 2], [4, 20, 30])]
    assert list(factors.classes_of(truth, ["a", "b", "c"], False)) == ["class: b", "class: c"]
    two = np.eye(2, dtype=bool)[np.repeat([0, 1], 20)]
    assert list(factors.classes_of(two, ["no", "yes"], False)) == ["class: yes"]
    assert list(factors.classes_of(two, ["no", "yes"], True)) == ["class: no", "class: yes"]
    assert (
        factors.classes_of(np.ones((9, 21), dtype=bool), list("abcdefghijklmnopqrstu"), True) == {}
    )


def test_measures_of_influence_are_factors_of_the_texts_that_have_them():
    texts = pd.DataFrame({"example_id": [7, 3, 5], "negations": [1.0, 2, 3]})
    influence = pd.DataFrame({"example_id": [3, 5, 7], "el2n": [0.3, 0.5, 0.7], "bin": [1, 2, 3]})
    measured = pd.DataFrame({name: [0.0, 1, 2] for name in COMPLEXITY})
    known = factors.gather(texts, measured, influence)
    assert known["el2n"].tolist() == [0.7, 0.3, 0.5]
    assert "bin" not in known
