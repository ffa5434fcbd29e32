import numpy as np
import pandas as pd

from pielab.pages.second_opinion import by_probability, disagreement, hidden_figures

ROW = {"verdict": "reproduced", "effect_by_probability": 0.12345, "low_by_probability": 0.1}
ROW |= {"high_by_probability": 0.2, "verdict_by_probability": "reproduced"}
UNKNOWN = dict.fromkeys(
    ("effect_by_probability", "low_by_probability", "high_by_probability"), np.nan
)


def test_effect_interval_and_verdict_stand_together_and_a_like_verdict_is_no_other():
    said = by_probability(ROW)
    assert said == {
        "by_probability": "0.123 (95 % interval 0.1 to 0.2), reproduced",
        "otherwise": "",
    }


def test_a_verdict_that_differs_is_said():
    said = by_probability(ROW | {"verdict_by_probability": "inconclusive"})
    assert said["otherwise"] == "inconclusive"


def test_without_probabilities_nothing_is_said_to_differ():
    said = by_probability(ROW | UNKNOWN | {"verdict_by_probability": "inconclusive"})
    assert said == {"by_probability": "–", "otherwise": ""}
    assert "nothing is known" in disagreement([said | {"pair": "films, bert"}])


def test_an_effect_without_an_interval_has_none():
    said = by_probability(ROW | {"low_by_probability": np.nan, "high_by_probability": np.nan})
    assert said["by_probability"] == "0.123, reproduced"


def test_the_disagreement_names_where_it_is_and_what_is_said():
    same = by_probability(ROW) | {"pair": "films, bilstm"}
    other = by_probability(ROW | {"verdict_by_probability": "inconclusive"}) | {"pair": "films, b"}
    assert "are the same" in disagreement([same])
    assert disagreement([same, other]).endswith("is another for films, b (inconclusive).")


def test_too_few_seeds_hide_what_few_seeds_know_and_say_how_many_are_needed():
    seeds = pd.DataFrame({"seeds": [3, 5, 9], "precision_votes": np.nan})
    assert "9 seeds leave too few beside 3; 12 are needed" in hidden_figures(seeds)["few_seeds"]
    assert hidden_figures(seeds.assign(precision_votes=[0.3, np.nan, np.nan])) == {}
