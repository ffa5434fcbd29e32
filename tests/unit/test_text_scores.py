import pytest

from helpers.dataset_settings import SCHEMA, config
from pielab import text_scores
from pielab.config import check_config
from pielab.job_settings import jobs as job_settings
from pielab.study import Study

PLAIN = {"criterion": "magnitude", "schedule": "iterative"}
IMPACT = {"criterion": "impact", "schedule": "at-initialisation"}
WANDA = {"compressor": "wanda", "calibration": {"examples": 16}}


def reweight(**keys):
    return PLAIN | {"objective": {"name": "reweight", **keys}}


def calibrated(**keys):
    return {"compressor": "wanda", "calibration": {"examples": 16, **keys}}


def study(**own):
    return Study(check_config(config(**{f"methods__{key}": own[key] for key in own}), SCHEMA))


def refusal(**own):
    with pytest.raises(ValueError) as caught:
        study(**own)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("method", "weighed", "chosen"),
    [
        (PLAIN, None, None),
        (reweight(by="class"), ("class", 0), None),
        (reweight(by="el2n"), ("el2n", 5), None),
        (reweight(by="pie-probability", teacher_seeds=3), ("pie-probability", 3), None),
        (IMPACT | {"chosen": "class-balanced"}, None, ("class-balanced", 0)),
        (IMPACT | {"chosen": "at-random"}, None, None),
        (IMPACT | {"chosen": "el2n", "teacher_seeds": 2}, None, ("el2n", 2)),
        (IMPACT | {"chosen": "el2n"}, None, ("el2n", 5)),
        (calibrated(chosen="el2n"), None, ("el2n", 5)),
        (calibrated(chosen="length"), None, ("length", 0)),
    ],
)
def test_a_method_says_by_what_it_weighs_and_chooses_texts(method, weighed, chosen):
    checked = study(x=method).methods["x"]
    assert text_scores.weighed_by(checked) == weighed
    assert text_scores.chosen_by(checked) == chosen


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (reweight(), "methods.x.objective: key 'by' is missing"),
        (reweight(by="entropy"), "methods.x.objective.by: 'entropy'; expected class (rare classes"),
        (reweight(by="class", teacher_seeds=3), "methods.x.objective: unknown key 'teacher_seeds'"),
        (
            reweight(by="pie-probability", teacher_seeds=2),
            "methods.x.objective.by: 'pie-probability'; expected with teacher_seeds of 3 or more",
        ),
        (
            reweight(by="pie-probability") | {"rewind": True},
            "methods.x.objective.by: 'pie-probability'; expected beside the same method without it",
        ),
        (IMPACT | {"chosen": "longest"}, "methods.x.chosen: 'longest'; expected at-random, class-"),
        (
            PLAIN | {"chosen": "el2n"},
            "methods.x.chosen: 'el2n'; expected where criterion is impact",
        ),
        (
            IMPACT | {"teacher_seeds": 3},
            "methods.x.teacher_seeds: 3; expected where chosen is el2n",
        ),
        (
            calibrated(chosen="length", teacher_seeds=3),
            "methods.x.calibration.teacher_seeds: 3; expected where chosen is el2n or",
        ),
        (
            calibrated(chosen="pie-probability"),
            "methods.x.calibration.chosen: 'pie-probability'; expected beside the same method",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_in_one_line(method, said):
    assert said in refusal(x=method)


def test_the_plain_twin_differs_by_remedies_alone():
    methods = {
        "other": PLAIN | {"rewind": True},
        "a": PLAIN | {"rewind": False},
        "b": reweight(by="class") | {"rewind": False},
        "wanda": WANDA,
        "wanda-el2n": calibrated(chosen="el2n", teacher_seeds=2),
        "sparse": {"compressor": "sparsegpt", "calibration": {"examples": 16}},
    }
    twins = {name: text_scores.plain_twin(methods, name) for name in methods}
    assert twins == dict.fromkeys(methods) | {"b": "a", "wanda-el2n": "wanda"}


def test_how_texts_are_chosen_changes_the_settings_of_its_own_method_only():
    first, second = (study(x=IMPACT | {"chosen": how}) for how in ("el2n", "length"))
    pair = ("toy", "bilstm")
    assert job_settings.train(first, *pair, "x") != job_settings.train(second, *pair, "x")
    for method in ("dense", "imp-ft"):
        assert job_settings.train(first, *pair, method) == job_settings.train(second, *pair, method)
