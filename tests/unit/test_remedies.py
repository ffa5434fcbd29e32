import pytest
import yaml

from helpers.dataset_settings import ROOT, SCHEMA, config
from pielab import objectives, remedies
from pielab.config import check_config
from pielab.job_settings import gate as job
from pielab.job_settings import jobs
from pielab.study import Study

PLAIN = {"criterion": "magnitude", "schedule": "iterative"}
INITIAL = {"criterion": "impact", "schedule": "at-initialisation"}
CONTROL = {"criterion": "none", "schedule": "iterative"}


def learning(method, name, **keys):
    return method | {"objective": {"name": name, **keys}}


def study(**own):
    return Study(check_config(config(**{f"methods__{key}": own[key] for key in own}), SCHEMA))


def test_a_remedy_is_compared_with_its_plain_twin_against_each_baseline():
    found = study(
        a=learning(PLAIN, "distillation"), b=learning(INITIAL, "distillation"), control=CONTROL
    )
    names = [(each.method, each.level, each.baseline) for each in remedies.remedied(found)]
    # imp-ft is the twin of a; b has none
    levels = ("sparsity50", "sparsity90")
    assert names == [("a", level, base) for level in levels for base in ("dense", "control")]
    assert remedies.twins(found) == {"a": "imp-ft"}


def test_fallbacks_and_layers_are_judged_against_the_primary_baseline_and_remedies_against_all():
    found = study(a=learning(PLAIN, "distillation"), b=INITIAL, control=CONTROL)
    settings = jobs.measure_remedies(found, "toy", "bilstm")
    assert settings["primary"] == {"imp-ft": "control", "a": "control", "b": "dense"}
    assert {one["baseline"] for one in settings["trained"]} == {"dense", "control"}
    assert settings["stages"] == {"imp-ft": 4, "a": 4, "b": 1}


def test_a_control_with_an_objective_is_no_baseline_of_methods_without():
    found = study(other=learning(CONTROL, "distillation"), control=CONTROL)
    assert found.baselines("imp-ft") == ["dense", "control"]
    alone = study(other=learning(CONTROL, "distillation"))
    assert alone.baselines("imp-ft") == ["dense"]


def test_the_papers_claims_are_judged_by_methods_without_remedies():
    found = study(a=learning(PLAIN, "distillation"))
    judged = found.judged_comparisons("toy", "bilstm")
    assert {each.method for each in judged} == {"imp-ft"}


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (PLAIN, ""),
        (learning(PLAIN, "distillation"), "distillation"),
        (learning(PLAIN, "distillation", teacher="ensemble"), "distillation, ensemble"),
        (learning(PLAIN, "reweight", by="class"), "reweight, class"),
        (INITIAL | {"chosen": "el2n"}, "texts chosen by el2n"),
        (
            learning(INITIAL | {"chosen": "length"}, "logit-difference"),
            "logit-difference, ensemble, texts chosen by length",
        ),
    ],
)
def test_a_remedy_has_a_name(method, words):
    assert remedies.remedy_name(study(x=method).methods["x"]) == words


@pytest.mark.parametrize(
    ("method", "further", "stages"),
    [
        (PLAIN, 0, 4),
        (INITIAL, 0, 1),
        (learning(PLAIN, "distillation"), 0, 4),  # its dense model is there
        (learning(INITIAL, "distillation"), 0, 2),  # and its dense model
        (learning(PLAIN, "distillation", teacher="ensemble", teacher_seeds=3), 3, 4 + 3),
        (learning(PLAIN, "reweight", by="el2n", teacher_seeds=2), 2, 4 + 2),
        # Each of three teachers takes four stages, compressed ones going on from dense ones
        (learning(PLAIN, "reweight", by="pie-probability", teacher_seeds=3), 6, 4 + 3 * 4),
    ],
)
def test_a_remedy_costs_stages_of_training_and_further_models(method, further, stages):
    found = remedies.costs(study(x=method).methods["x"])
    plain = 4 if method["schedule"] == "iterative" else 1
    assert found == {"further_models": further, "stages": stages, "stages_plain": plain}


def test_the_gate_knows_which_versions_are_remedies_of_which():
    versions = job.settings(study(a=learning(PLAIN, "distillation")))["versions"]
    said = {one["method"]: one.get("remedy") for one in versions}
    remedy = {"plain": "imp-ft", "name": "distillation", "stages": 4}
    assert said == {"imp-ft": None, "a": remedy}


def test_the_study_of_remedies_has_each_objective_beside_its_plain_method():
    values = yaml.safe_load((ROOT / "config/mending.yaml").read_text())
    found = Study(check_config(values, SCHEMA))
    used = {objectives.objective_of(method)["name"] for method in found.methods.values()}
    assert used == set(objectives.names())
    plain = {"imp-ft", "ibp-ai", "wanda"}
    assert remedies.twins(found).keys() == found.methods.keys() - plain
