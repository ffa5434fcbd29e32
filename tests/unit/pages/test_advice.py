"""Every sentence of the first screen against the numbers that it rests on."""

import re

import pandas as pd
import pytest

from helpers.judged_cells import AT_ONCE, CONTROL, DENSE, FEW, NOT_MORE, PERHAPS, SURELY, cells
from pielab.pages import advice
from pielab.pages.cells import by_kind
from pielab.pages.recommendations import _and_kinds, next_steps
from pielab.stats.power import power

COST = {"bert": 12}
WORDY = cells({}, DENSE, AT_ONCE | SURELY, {"level": 50.0} | NOT_MORE, CONTROL)


def found(table, measure="score"):
    finding = advice.finding(table, measure)
    return [finding["headline"], *finding["more"]]


def test_the_finding_names_the_largest_change_with_its_texts_and_interval():
    assert found(WORDY, "accuracy") == [
        "1 of 3 compressed versions changes more answers than retraining would.",
        "The largest change: bert with ibp-ai at 90 % changes the majority answer to 40 of 400 "
        "texts (30 newly wrong, 8 newly right, 2 still wrong with another answer).",
        "15.0 % of the texts change beyond what retraining changes (95 % interval 10.0 to 20.0), "
        "and accuracy falls from 90.0 % to 80.0 %.",
    ]


def test_the_finding_names_a_version_that_changes_answers_and_keeps_its_score():
    kept = {"method": "mp-ai", "score_compressed": 0.895, "excess": 50.0} | SURELY
    assert found(cells(AT_ONCE | SURELY | {"excess": 61.0}, kept))[-1] == (
        "Score can hide it: bert with mp-ai at 90 % keeps its score (−0.5 points) and still "
        "changes 40 answers, 30 of them newly wrong."
    )
    assert len(found(cells(AT_ONCE | SURELY, kept | {"score_compressed": 0.88}))) == 3


def test_what_only_probably_changes_more_is_counted_apart():
    table = cells(AT_ONCE | SURELY, PERHAPS, {"level": 50.0} | PERHAPS)
    assert found(table)[0] == (
        "1 of 3 compressed versions changes more answers than retraining would, and 2 more "
        "probably do."
    )
    assert found(cells({}, PERHAPS | {"level": 50.0}))[0] == (
        "1 of 2 compressed versions probably changes more answers than retraining would."
    )


def test_where_all_versions_change_more_the_finding_says_so():
    every = [AT_ONCE | SURELY | {"level": float(level)} for level in (50, 90, 99)]
    assert found(cells(*every))[0] == (
        "All 3 compressed versions change more answers than retraining would."
    )
    assert found(cells(*every[:2]))[0].startswith("Both compressed versions change")
    assert found(cells(*every[:1]))[0].startswith("The compressed version changes more")


def test_of_a_single_version_the_finding_does_not_count():
    assert found(cells(PERHAPS))[0].startswith("The compressed version probably changes more")
    assert found(cells({}))[0].startswith("The compressed version is not shown to change more")


def test_where_nothing_is_shown_to_change_the_finding_says_how_much_may_be_unseen():
    assert found(cells({}, DENSE, {"level": 50.0})) == [
        "None of 2 compressed versions is shown to change more answers than retraining would.",
        "The 95 % intervals leave room for up to 4.0 % of the texts.",
    ]


def test_a_study_without_a_control_says_that_longer_training_may_be_a_part():
    alone = DENSE | {"primary": True} | SURELY
    assert any("no control" in sentence for sentence in advice.believe(cells(alone)))
    assert not any("no control" in sentence for sentence in advice.believe(cells(AT_ONCE)))
    assert not any("no control" in sentence for sentence in advice.believe(WORDY))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [([FEW], True), ([FEW, {"seeds": 9, "collapsed": True}], True), ([FEW, {}], False)],
)
def test_a_study_that_can_judge_no_cell_is_a_demonstration(changes, expected):
    assert advice.is_demonstration(cells(*changes)) == expected


def test_a_demonstration_says_with_how_many_seeds_it_would_be_none():
    assert found(cells(FEW)) == [
        "A demonstration only: with 3 seeds no change can be told from what retraining changes; "
        "it takes at least 6."
    ]
    assert "fewer than 6 seeds" in " ".join(advice.believe(cells(FEW)))
    judge, more = next_steps(cells(FEW), COST)
    assert judge == (
        "Give bert 6 seeds or more (36 more trainings, and none again): with fewer no test can "
        "separate a change from chance."
    )
    assert "bert 32 seeds instead of 3" in more


def test_where_all_cells_have_collapsed_the_advice_is_to_compress_less():
    table = cells({"collapsed": True}, DENSE | {"collapsed": True})
    constant = "the baseline or the compressed models are no better than one constant answer."
    assert found(table) == [f"A demonstration only: {constant}"]
    both = found(cells({"collapsed": True}, {"level": 50.0, "collapsed": True}))
    assert both == [f"A demonstration only: in both comparisons {constant}"]
    assert next_steps(table, COST) == [
        "Compress less, or train longer: no version is better than a constant answer."
    ]


def test_what_to_believe_names_each_kind_of_cell_once():
    said = advice.believe(WORDY)
    assert len(said) == 3
    assert said[0] == (
        "bert with ibp-ai at 90 %: +15.0 % of the texts change beyond what retraining changes "
        "(95 % interval +10.0 to +20.0); of 40 texts with another majority answer 30 are newly "
        "wrong and 8 newly right; the class hurt most is negative, 87 → 67 %."
    )
    assert said[1] == (
        "For 1 version it is unclear whether more answers change than by retraining: up to +4.0 % "
        "of the texts (bert with imp-ft at 90 %)."
    )
    assert said[2].endswith("than retraining would: bert with imp-ft at 50 %.")


def test_longer_training_is_said_to_change_answers_only_if_it_surely_does():
    assert not any("Longer training" in one for one in advice.believe(WORDY))
    said = advice.believe(cells({}, DENSE, CONTROL | SURELY))
    assert any(
        one.startswith("Longer training without compression (control) changes +15.0 %")
        for one in said
    )


def test_another_method_is_advised_only_if_the_intervals_part_and_its_score_is_higher():
    better = {"method": "mp-ai", "baseline": "dense", "score_compressed": 0.85}
    said = next_steps(cells(AT_ONCE | SURELY, better), COST)
    assert said[0].startswith(
        "Instead of bert with ibp-ai at 90 % take mp-ai at 90 %: compared with dense models, its "
        "extra changes are +1.0 % of the texts (−2.0 to +4.0) and not +15.0 % (+10.0 to +20.0)"
    )
    for worse in ({"score_compressed": 0.75}, {"excess_high": 41.0}, {"collapsed": True}):
        said = next_steps(cells(AT_ONCE | SURELY, better | worse), COST)
        assert not any("Instead" in one for one in said)


def test_the_seeds_that_are_advised_reach_the_power_and_their_cost_is_in_proportion():
    (step,) = next_steps(cells({}), COST)
    needed, now, more, times = re.search(
        r"bert (\d+) seeds instead of (\d+): (\d+) more trainings, ([\d.]+) times", step
    ).groups()
    assert int(more) == 12 * (int(needed) - int(now))
    assert float(times) == round((int(needed) - int(now)) / int(now), 1)
    found = [power(seeds, 0.5 * seeds, 0.9, fewest=6) for seeds in (int(needed) - 1, int(needed))]
    assert found[0] < 0.8 <= found[1]


def test_a_study_of_enough_seeds_is_advised_to_look_for_smaller_changes_and_then_for_none():
    assert "40 % of the models" in next_steps(cells({"seeds": 40}), COST)[0]
    assert "show little more" in next_steps(cells({"seeds": 200}), COST)[0]


def test_whose_luck_is_meant_is_said_where_methods_draw_texts():
    drawn = {"method": "wanda", "baseline": "dense", "seeds": 18, "replicates": 9}
    both = advice.believe(cells(drawn | {"differ_by": "seed and draw"}))[-1]
    assert both.startswith("Models of wanda differ by seed and by draw of calibration texts")
    alone = advice.believe(cells(drawn | {"differ_by": "draw"}))[-1]
    assert alone.endswith("intervals are over draws, and say nothing of other seeds.")
    assert not any("calibration" in said for said in advice.believe(cells({})))


def test_another_version_is_recommended_by_its_size_and_not_by_the_number_of_its_level():
    worse = SURELY | {"baseline": "dense", "method": "mp-ai"}
    better = NOT_MORE | {"baseline": "dense", "score_compressed": 0.85}
    small = better | {"method": "int4", "level": 4.0, "level_text": "4 bits", "size_share": 0.13}
    large = better | {"method": "imp-ai", "level": 50.0, "size_share": 0.53}
    said = next_steps(cells(worse, large, small), COST)
    assert "take int4 at 4 bits" in next(step for step in said if "Instead" in step)
    tiny = small | SURELY | {"method": "int2", "excess": 30.0, "excess_low": 20.0}
    tiny |= {"excess_high": 38.0, "size_share": 0.07}
    said = next_steps(cells(worse, large, small, tiny), COST)
    assert "take int4 at 4 bits" in next(step for step in said if "Instead" in step)


def test_models_that_differ_by_seed_and_by_draw_too_are_seeds():
    assert _and_kinds(pd.Series(["seed", "seed and draw", "seed"])) == "seeds"
    assert _and_kinds(pd.Series(["seed", "rerun"])) == "seeds or reruns"


def test_a_version_that_the_gate_blocks_is_never_recommended():
    better = {"method": "mp-ai", "baseline": "dense", "score_compressed": 0.85}
    table = cells(AT_ONCE | SURELY, better, better | {"method": "iibp-ai", "size_share": 0.5})
    assert "take mp-ai" in next_steps(table, COST)[0]
    blocked = {("films", "bert", "mp-ai", 90.0)}
    assert "take iibp-ai" in next_steps(table, COST, blocked)[0]
    blocked |= {("films", "bert", "iibp-ai", 90.0)}
    assert not any("Instead" in one for one in next_steps(table, COST, blocked))


def test_one_model_on_each_side_is_told_what_more_seeds_are_for_and_not_that_it_proves_nothing():
    one = FEW | {"seeds": 1, "mcnemar_p": 0.002}
    said = next_steps(cells(one), COST)
    assert said[0].startswith("To learn whether other seeds change answers too, give bert 6 seeds")
    assert not any("no test can" in step for step in said)


def test_of_texts_in_clusters_no_test_by_mcnemar_is_told():
    one = FEW | {"seeds": 1, "change": -0.1, "change_low": -0.2, "change_high": 0.0}
    one |= {"pie_share_low": 0.1, "pie_share_high": 0.2}
    said = [" ".join(advice.believe(cells(one | {"mcnemar_p": p}))) for p in (0.002, float("nan"))]
    assert "(exact McNemar) has p 0.002." in said[0]
    assert "McNemar" not in said[1]
    assert "nan" not in said[1]


def test_a_rerun_that_changes_nothing_is_not_asked_for_again():
    again = FEW | {"differ_by": "rerun"}
    table = cells(again | {"seeds": 1})
    assert next_steps(table.assign(churn_baseline=float("nan")), COST) == []
    assert next_steps(cells(again).assign(churn_baseline=0.0), COST) == []
    assert next_steps(cells(again), COST)[0].startswith("Give bert 6 reruns or more")


def test_what_is_probable_and_what_is_unclear_are_told_apart():
    likely, unclear = advice.believe(cells({}, DENSE, PERHAPS | {"level": 50.0}))
    assert likely == (
        "1 version probably changes more answers than retraining would: bert with imp-ft at 50 %."
    )
    assert unclear.startswith("For 1 version it is unclear")


def test_versions_that_have_no_draws_are_not_asked_for_more_of_them():
    drawn = {"differ_by": "draw", "baseline": "dense", "method": "wanda", "seeds": 9}
    one = FEW | {"seeds": 1, "differ_by": "draw", "baseline": "dense", "method": "int8"}
    one |= {"mcnemar_p": 0.5, "change": 0.0, "change_low": -0.1, "change_high": 0.1}
    one |= {"pie_share_low": 0.1, "pie_share_high": 0.2}
    both = cells(drawn | SURELY, one, one | {"dataset": "news"})
    assert not any("give bert" in step for step in next_steps(both, COST))
    said = advice.believe(both)
    assert any(each.startswith("news, bert with int8") for each in said)
    assert "These versions read no calibration texts" in " ".join(said)
    assert said[-1].startswith("Models of wanda are one trained model")
    alone = next_steps(cells(one), COST)
    assert alone[0].startswith("To learn whether other draws change answers too, give bert 6 draws")


def test_seeds_that_draws_do_not_vary_are_still_called_so():
    told = "intervals are over draws, and say nothing of other seeds."
    assert by_kind(told, "draw") == told
