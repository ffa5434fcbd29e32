"""Effects planted in synthetic evidence: the scorecard says so, and only so."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pielab.analysis import contrast
from pielab.claims import effects, scorecard
from pielab.claims.evidence import Evidence, example_scores, rarest_frequency
from pielab.stats.effects import cliffs_delta
from pielab.stats.intervals import Interval
from pielab.vocabulary import INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED, UNTESTABLE

LEVELS = [50.0, 90.0, 99.0]
CELLS = pd.DataFrame(
    [
        {"method": name, "level": level, "baseline": baseline, "primary": True}
        for name, baseline in (("imp-ft", "control"), ("rp-ai", "dense"))
        for level in LEVELS
    ]
)
EXAMPLES = 2500
ONE_A_CELL = (
    *("score_drop", "exceed_floor", "collapsed", "margin", "train_margin"),
    *("probability", "train_probability"),
)
PIES_WITHOUT = ("pie_without", "train_pie_without")


def evidence(rates=(0.07, 0.07, 0.07), tilt=None, train_tilt=None, bad=0.5, seed=0, **changes):
    """Return evidence whose PIEs have a rate by sparsity, times a tilt by example.

    A PIE's score falls by 0.6 with probability `bad` and rises as much else.
    """
    rng = np.random.default_rng(seed)
    frequency = rng.choice([100, 400, 1600], EXAMPLES)
    tokens = rng.integers(5, 60, EXAMPLES).astype(float)
    influence = rng.random(EXAMPLES)
    tilts = {"frequency": frequency / frequency.mean(), "tokens": tokens / tokens.mean()}
    tilts["influence"] = np.where(influence > np.quantile(influence, 0.9), 4, 0.6)
    by_cell = np.array([rates[LEVELS.index(level)] for level in CELLS["level"]])[:, None]
    pie = rng.random((len(CELLS), EXAMPLES)) < by_cell * tilts.get(tilt, 1)
    train_pie = rng.random((len(CELLS), EXAMPLES)) < by_cell * tilts.get(train_tilt, 1)
    direction = np.where(rng.random(pie.shape) < bad, 0.6, -0.6)
    found = Evidence(
        "bilstm",
        5,
        CELLS,
        **dict.fromkeys(("pie", "pie_without", "train_pie", "train_pie_without")),
        collapsed=np.zeros(len(CELLS), dtype=bool),
        probability=0.9 * pie,
        train_probability=0.9 * train_pie,
        score_drop=direction * pie,
        class_frequency=frequency,
        tokens=tokens,
        difficulty=tokens + rng.normal(0, 9, EXAMPLES),
        margin=np.full((len(CELLS), EXAMPLES), 5),
        exceed_floor=np.zeros(len(CELLS), dtype=bool),
        influence=influence,
        train_margin=np.full((len(CELLS), EXAMPLES), 5),
    )
    return with_pies(found, pie, train_pie)._replace(**changes)


def with_pies(found, pie, train_pie=None):
    """Return evidence with these PIEs, which no seed would change."""
    sets = {"pie": pie} | ({} if train_pie is None else {"train_pie": train_pie})
    found = found._replace(**sets)
    twice = {name: 2 * own[:, :, None].astype(np.uint8) for name, own in sets.items()}
    return found._replace(
        **{f"{name}_without": np.repeat(own, found.n_seeds, axis=2) for name, own in twice.items()}
    )


def verdicts(found, others=()):
    judged = scorecard.judge(found, list(others), np.random.default_rng(0))
    return dict(zip(judged["claim"], judged["verdict"], strict=True))


RANDOM = {
    1: NOT_REPRODUCED,
    2: NOT_REPRODUCED,
    3: UNTESTABLE,
    4: REPRODUCED,  # that there is no effect
    5: NOT_REPRODUCED,
    6: NOT_REPRODUCED,
}


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    monkeypatch.setattr(effects.measure, "__defaults__", (100, False))
    monkeypatch.setattr(scorecard, "DRAWS_BY_PROBABILITY", 50)


def test_pies_at_random_reproduce_only_the_absence_of_an_effect():
    assert verdicts(evidence()) == RANDOM


@pytest.mark.parametrize(
    ("planted", "claim", "said"),
    [
        ({"bad": 0.9}, 1, REPRODUCED),
        ({"rates": (0.05, 0.07, 0.1)}, 2, REPRODUCED),
        ({"tilt": "frequency"}, 4, NOT_REPRODUCED),
        ({"train_tilt": "influence"}, 5, REPRODUCED),
        ({"tilt": "tokens"}, 6, REPRODUCED),
    ],
)
def test_a_planted_effect_changes_the_verdict_on_its_claim_and_no_other(planted, claim, said):
    assert verdicts(evidence(**planted)) == RANDOM | {claim: said}


@pytest.mark.slow
def test_encoders_are_more_prone_if_they_have_more_pies_and_only_with_as_many_seeds():
    encoder = evidence((0.25, 0.25, 0.25), seed=1, family="attention")
    bilstm = evidence()
    assert verdicts(encoder, [bilstm])[3] == verdicts(bilstm, [encoder])[3] == REPRODUCED
    weaker = evidence((0.03, 0.03, 0.03), seed=1, family="attention")
    assert verdicts(weaker, [bilstm])[3] == NOT_REPRODUCED
    assert verdicts(encoder._replace(n_seeds=9), [bilstm])[3] == INCONCLUSIVE
    assert verdicts(encoder, [encoder])[3] == UNTESTABLE


def test_without_pies_nothing_is_said_to_be_reproduced_or_known():
    none = np.zeros((len(CELLS), EXAMPLES), dtype=bool)
    found = with_pies(evidence(), none, none)
    said = verdicts(found)
    assert said.pop(2) == NOT_REPRODUCED
    assert said.pop(3) == UNTESTABLE
    assert set(said.values()) == {INCONCLUSIVE}


def test_what_cannot_be_known_is_noted_in_words():
    none, every = (np.full((len(CELLS), EXAMPLES), value) for value in (False, True))
    rng = np.random.default_rng(0)
    assert effects.score_drop(evidence()._replace(pie=none)).note == "no compressed cell has PIEs"
    unread = np.full(EXAMPLES, np.nan)
    found = evidence()
    for known in (
        with_pies(found, none, none),
        with_pies(found, every),
        found._replace(difficulty=unread),
    ):
        judged = scorecard.judge(known, [], rng)
        assert not judged["note"].str.contains("nan").any()
        unknown = judged[judged["effect"].isna()]
        assert 6 in set(unknown["claim"])
        assert (unknown["note"] != "").all()


def test_balanced_classes_and_a_single_sparsity_cannot_tell():
    found = evidence()
    one = CELLS["level"] == 90
    few = found._replace(
        class_frequency=np.where(np.arange(EXAMPLES) % 2, 500, 510),
        cells=CELLS[one],
        **{name: getattr(found, name)[one] for name in ONE_A_CELL},
    )
    said = verdicts(with_pies(few, found.pie[one], found.train_pie[one]))
    assert said[2] == said[4] == UNTESTABLE


def test_a_claim_is_reproduced_above_none_with_the_least_effect_and_refuted_below_it():
    def said(estimate, low, high):
        return scorecard.verdict(Interval(estimate, low, high), 0, 0.1)

    assert said(0.2, 0.01, 0.4) == REPRODUCED
    assert said(0.2, -0.01, 0.4) == INCONCLUSIVE
    assert said(0.05, 0.01, 0.2) == INCONCLUSIVE
    assert said(0.05, 0.01, 0.09) == NOT_REPRODUCED
    assert said(np.nan, np.nan, np.nan) == INCONCLUSIVE


def test_absence_wants_the_interval_within_the_margin_on_both_sides():
    def said(estimate, low, high):
        return scorecard.verdict_of_absence(Interval(estimate, low, high), 0.25)

    assert said(0.1, -0.2, 0.2) == said(-0.1, -0.2, -0.05) == REPRODUCED
    assert said(0.1, -0.2, 0.3) == said(0.2, 0.1, 0.3) == INCONCLUSIVE
    assert said(-0.3, -0.5, -0.1) == said(0.3, 0.1, 0.5) == NOT_REPRODUCED
    assert said(np.nan, np.nan, np.nan) == INCONCLUSIVE


def test_score_of_an_example_is_the_share_of_models_that_are_right_or_the_f1_of_its_labels():
    truth = np.array([[True, False], [False, True]])
    assert list(example_scores(np.array([[3, 1], [4, 0]]), truth, 4)) == [0.75, 0]
    votes = np.array([[4, 2], [0, 0]])  # 4 hits; 6 decisions and 4 labels: 8 / 10
    several = np.array([[True, False], [False, False]])
    assert list(example_scores(votes, several, 4)) == [0.8, 1]


def test_weighted_delta_is_cliffs_delta_of_repeated_examples():
    rng = np.random.default_rng(0)
    values, pie = rng.integers(0, 9, 40).astype(float), rng.random((2, 40)) < 0.4
    weights = rng.integers(0, 3, 40)
    expected = []
    for row in pie:
        rows = np.repeat(np.arange(40), weights)
        one, other = values[rows[row[rows]]], values[rows[~row[rows]]]
        expected.append(np.sign(one[:, None] - other).mean())
    found = contrast.weighted_delta(values, pie)(weights.astype(float))
    assert found == pytest.approx(expected)


def test_matched_weighted_delta_is_cliffs_delta_of_repeated_examples_within_strata():
    rng = np.random.default_rng(0)
    values, strata = rng.integers(0, 9, 60).astype(float), rng.integers(0, 4, 60)
    pie, weights = rng.random((2, 60)) < 0.4, rng.integers(0, 3, 60)
    rows = np.repeat(np.arange(60), weights)
    expected = [cliffs_delta(values[rows], row[rows], strata[rows]).delta for row in pie]
    found = contrast.weighted_delta(values, pie, strata)(weights.astype(float))
    assert found == pytest.approx(expected)


def test_matched_enrichment_of_a_hand_made_case():
    # The margin makes the PIEs: half of those at 0, none at 1, and the top is all at 0
    margin = np.repeat([0, 1], [20, 80])
    pie = np.zeros((1, 100), dtype=bool)
    pie[0, :20:2] = True
    found = evidence(
        train_pie=pie,
        cells=CELLS[:1],
        influence=np.where(np.arange(100) < 10, 1.0, 0.5),
        train_margin=margin[None],
    )
    everyone = np.ones(100)
    assert effects.enrichment(found).statistic(everyone) == pytest.approx(5)
    assert effects.enrichment(found, matched=True).statistic(everyone) == pytest.approx(1)


def test_a_claim_that_the_vote_margin_makes_is_said_to_hold_only_unmatched():
    rng = np.random.default_rng(0)
    margin = rng.integers(0, 5, EXAMPLES)
    divided = 4 - margin + rng.random(EXAMPLES)
    pie = rng.random((len(CELLS), EXAMPLES)) < 0.3 - 0.06 * margin
    found = with_pies(evidence(), pie, pie)._replace(
        **dict.fromkeys(("margin", "train_margin"), np.tile(margin, (len(CELLS), 1))),
        **dict(influence=divided, tokens=divided, difficulty=divided),
    )
    judged = scorecard.judge(found, [], rng).set_index("claim").loc[[5, 6]]
    assert set(judged["verdict"]) == {REPRODUCED}
    assert REPRODUCED not in set(judged["matched_verdict"])
    assert judged["note"].str.startswith(scorecard.ONLY_UNMATCHED).all()


def mean_of_pies(found, others=()):
    values = found.pie.mean(axis=0)
    return effects.Effect(lambda weights: values @ weights / weights.sum(), EXAMPLES, "")


def test_the_interval_of_a_mean_is_the_normal_one_if_no_seed_changes_the_pies():
    found, rng = evidence(), np.random.default_rng(1)
    interval, _ = effects.measure(mean_of_pies, found, [], rng, draws=2000)
    values = found.pie.mean(axis=0)
    assert interval.estimate == pytest.approx(values.mean())
    half = 1.96 * values.std() / EXAMPLES**0.5
    assert interval.high - interval.low == pytest.approx(2 * half, rel=0.1)


def test_pies_that_depend_on_a_seed_widen_the_interval_by_the_jackknife_over_seeds():
    found, rng = evidence(), np.random.default_rng(1)
    pie_without = np.array(found.pie_without)
    pie_without[:, :500, 0] = 2  # without the first seed there would be many more
    found = found._replace(pie_without=pie_without)
    interval, _ = effects.measure(mean_of_pies, found, [], rng, draws=500)
    left_out = pie_without.mean(axis=(0, 1)) / 2
    jackknife = 4 / 5 * ((left_out - left_out.mean()) ** 2).sum()
    values = found.pie.mean(axis=0)
    alone = values.var() / EXAMPLES
    t = stats.t.ppf(0.975, 4 * (1 + alone / jackknife) ** 2)
    expected = t * (jackknife + alone) ** 0.5
    assert interval.high - interval.estimate == pytest.approx(expected, rel=0.02)
    assert interval.estimate - interval.low == pytest.approx(expected, rel=0.02)


@pytest.mark.slow
def test_a_claim_that_rests_on_one_seed_is_not_said_to_be_reproduced():
    found = evidence((0.05, 0.07, 0.1))
    assert verdicts(found)[2] == REPRODUCED
    highest = (CELLS["level"] == 99).to_numpy()
    pie_without = np.array(found.pie_without)
    pie_without[highest, :, 0] = pie_without[~highest][:2, :, 0]
    assert verdicts(found._replace(pie_without=pie_without))[2] == INCONCLUSIVE


def test_frequency_of_an_example_is_that_of_its_rarest_class():
    truth = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)
    assert list(rarest_frequency(truth, np.array([5, 9, 2]))) == [5, 2, 0]


def test_collapsed_cells_are_left_out_of_the_verdicts_and_counted():
    dead = CELLS["level"].to_numpy() == 99
    planted = evidence(bad=0.9)
    found = planted._replace(
        collapsed=dead, score_drop=np.where(dead[:, None], -planted.score_drop, planted.score_drop)
    )
    judged = scorecard.judge(found, [], np.random.default_rng(0)).set_index("claim")
    assert judged.loc[1, "verdict"] == REPRODUCED
    assert judged.loc[1, "effect"] > 0.4 > judged.loc[1, "effect_of_all_cells"]
    assert set(judged["collapsed_cells"]) == {2}
    assert set(judged["cells"]) == {6}


def by_probability(found):
    judged = scorecard.judge(found, [], np.random.default_rng(0)).set_index("claim")
    return judged[[f"{name}_by_probability" for name in ("effect", "low", "high", "verdict")]]


def test_where_probabilities_follow_the_votes_both_judge_alike():
    found = evidence((0.05, 0.1, 0.2), tilt="tokens", train_tilt="influence", bad=0.9)
    judged = scorecard.judge(found, [], np.random.default_rng(0))
    assert (judged["verdict"] == judged["verdict_by_probability"]).all()
    told = judged["effect"].notna()
    assert (judged["low_by_probability"] < judged["effect_by_probability"])[told].all()
    assert (judged["effect_by_probability"] < judged["high_by_probability"])[told].all()


@pytest.mark.slow
def test_pies_of_the_vote_that_are_not_probable_are_judged_by_probability_too():
    found = evidence((0.05, 0.1, 0.2), bad=0.9)
    same = found._replace(probability=np.full(found.pie.shape, 0.1))
    assert verdicts(same)[2] == REPRODUCED
    assert by_probability(same).loc[2, "verdict_by_probability"] == NOT_REPRODUCED
    assert by_probability(same).loc[2, "effect_by_probability"] == pytest.approx(0)


def test_of_one_member_probabilities_are_unknown_and_tell_nothing():
    found = evidence((0.05, 0.1, 0.2), bad=0.9)
    unknown = np.full(found.pie.shape, np.nan)
    judged = by_probability(found._replace(probability=unknown, train_probability=unknown))
    assert judged["effect_by_probability"].isna().all()
    assert set(judged["verdict_by_probability"]) == {INCONCLUSIVE, UNTESTABLE}


def test_judging_by_probability_draws_nothing_from_the_votes_generator():
    found = evidence(bad=0.9)
    judged = scorecard.judge(found, [], np.random.default_rng(0)).set_index("claim")
    rng = np.random.default_rng(0)
    for number in range(1, 5):
        interval, _ = effects.measure(scorecard.CLAIMS[number].of, found, [], rng)
        np.testing.assert_array_equal(judged.loc[number, ["low", "high"]].tolist(), interval[1:])


def test_where_all_cells_have_collapsed_nothing_can_be_tested():
    found = evidence(bad=0.9)._replace(collapsed=np.ones(len(CELLS), dtype=bool))
    judged = scorecard.judge(found, [], np.random.default_rng(0))
    assert set(judged["verdict"]) == {UNTESTABLE}
    assert judged["note"].str.contains("collapsed").all()


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_fewer_than_four_seeds_are_inconclusive_and_say_so(n_seeds):
    found = evidence(bad=0.9)
    short = {name: getattr(found, name)[:, :, :n_seeds] for name in PIES_WITHOUT}
    judged = scorecard.judge(found._replace(n_seeds=n_seeds, **short), [], np.random.default_rng(0))
    judged = judged[judged["claim"] != 3]
    assert set(judged["verdict"]) == {INCONCLUSIVE}
    assert judged["note"].str.contains("fewer than 4 seeds").all()
    assert judged["low"].isna().all()


def test_a_note_says_nothing_of_tests_that_no_cell_could_pass():
    assert "fewer than 6 seeds" in effects.pie_share_increase(evidence()).note
    enough = evidence()._replace(n_seeds=6)
    assert effects.pie_share_increase(enough).note.startswith("in 0 of 6 cells")


def test_claim_5_cannot_be_tested_for_models_that_were_trained_elsewhere():
    judged = scorecard.judge(evidence()._replace(influence=None), [], np.random.default_rng(0))
    row = judged.set_index("claim").loc[5]
    assert row["verdict"] == UNTESTABLE
    assert "trained elsewhere" in row["note"]


def test_copies_of_examples_are_worth_no_more_than_the_examples():
    found = evidence()
    rows = np.repeat(np.arange(EXAMPLES), 3)
    copied = found._replace(
        pie=found.pie[:, rows], pie_without=found.pie_without[:, rows], clusters=rows
    )

    def share(own, others=()):
        values = own.pie.mean(axis=0)
        return effects.Effect(lambda weights: values @ weights / weights.sum(), len(values), "")

    widths = [
        np.subtract(*effects.measure(share, one, [], np.random.default_rng(1), draws=500)[0][:0:-1])
        for one in (found, copied, copied._replace(clusters=None))
    ]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    assert widths[1] > 1.5 * widths[2]
    interval, _ = effects.measure(
        effects.enrichment, copied, [], np.random.default_rng(1), draws=50
    )
    assert np.isfinite(interval.low)  # of training texts, which have no clusters
