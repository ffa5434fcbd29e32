from itertools import combinations

import pytest

from helpers.dataset_settings import SCHEMA, config
from pielab import objectives
from pielab.config import check_config
from pielab.job_settings import jobs as job_settings
from pielab.study import Study

PLAIN = {"criterion": "magnitude", "schedule": "iterative"}
PAIR = ("toy", "bilstm")


def study(**own):
    return Study(check_config(config(**{f"methods__{key}": own[key] for key in own}), SCHEMA))


def with_objective(name="distillation", **keys):
    return PLAIN | {"objective": {"name": name, **keys}}


def refusal(method):
    with pytest.raises(ValueError) as caught:
        study(x=method)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_objective_brings_its_keys_and_their_defaults():
    found = study(x=with_objective()).methods["x"]["objective"]
    assert found == {"name": "distillation", "teacher": "own", "temperature": 2, "weight": 0.5}
    found = study(x=with_objective("logit-difference")).methods["x"]["objective"]
    assert found["teacher"] == "ensemble"
    assert found["teacher_seeds"] == 5


@pytest.mark.parametrize("name", objectives.names())
def test_every_objective_has_a_module_whose_defaults_its_schema_allows(name):
    needed = {"by": "class"} if name == "reweight" else {}
    described = study(x=with_objective(name, **needed)).methods["x"]["objective"]
    assert {"name", *objectives.objective(name).options} <= described.keys()


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (with_objective("distilation"), "methods.x.objective.name: 'distilation'; expected one of"),
        (with_objective("distilation"), "did you mean distillation?"),
        (PLAIN | {"objective": "distillation"}, "methods.x.objective: 'distillation'; expected a"),
        (PLAIN | {"objective": {}}, "methods.x.objective: {}; expected a mapping with a name"),
        (PLAIN | {"objective": None}, "methods.x.objective: None; expected a mapping with a name"),
        (with_objective(3), "methods.x.objective.name: 3; expected one of cross-entropy"),
        (with_objective(temprature=2), "unknown key 'temprature'; did you mean temperature?"),
        (with_objective(temperature=0), "objective.temperature: 0; expected a number over 0"),
        (with_objective(weight=1.5), "methods.x.objective.weight: 1.5; expected a fraction, 0 to"),
        (with_objective(teacher="bert"), "objective.teacher: 'bert'; expected own (the dense"),
        (with_objective(teacher_seeds=3), "methods.x.objective: unknown key 'teacher_seeds'"),
        (
            with_objective(teacher="ensemble", teacher_seeds=0),
            "methods.x.objective.teacher_seeds: 0; expected a number of dense models, 1 to 100",
        ),
        (with_objective("cross-entropy", weight=1), "methods.x.objective: unknown key 'weight'"),
        (
            with_objective() | {"schedule": "after-training"},
            "methods.x.objective: 'distillation'; expected with a schedule that trains",
        ),
        (
            {"compressor": "quantise", "bits": 8, "objective": {"name": "distillation"}},
            "methods.x.objective: 'distillation'; expected with a schedule that trains",
        ),
    ],
)
def test_what_is_misspelt_or_contradicts_itself_is_refused_in_one_line(method, said):
    assert said in refusal(method)


def test_an_objective_changes_the_settings_of_its_own_method_only():
    plain = study(x=PLAIN)
    other = study(x=with_objective())
    changed = study(x=with_objective(temperature=3))
    for method in ("dense", "imp-ft"):
        assert job_settings.train(plain, *PAIR, method) == job_settings.train(other, *PAIR, method)
    settings = [job_settings.train(one, *PAIR, "x") for one in (plain, other, changed)]
    assert all(one != another for one, another in combinations(settings, 2))


def test_cross_entropy_by_name_is_what_methods_without_an_objective_train_by():
    named, plain = study(x=with_objective("cross-entropy")), study(x=PLAIN)
    assert job_settings.train(named, *PAIR, "x") == job_settings.train(plain, *PAIR, "x")


def test_the_seeds_that_teach_are_none_that_are_judged_and_stay_when_more_are_judged():
    few = study(x=with_objective(teacher="ensemble"))
    many = Study(check_config(config(models__bilstm__seeds=1000), SCHEMA))
    assert few.teacher_blocks("bilstm", 5) == many.teacher_blocks("bilstm", 5) == ["1000-1004"]
    assert few.teacher_blocks("bilstm", 12) == ["1000-1009", "1010-1011"]
    assert many.blocks("bilstm")[-1] == "990-999"
