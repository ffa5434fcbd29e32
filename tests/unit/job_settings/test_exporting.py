"""Which compressed models may leave, and why others may not."""

import pytest

from helpers.dataset_settings import SCHEMA, config
from pielab.config import check_config
from pielab.job_settings import exporting, gate
from pielab.study import Study

METHODS = {
    "imp-ft": {"criterion": "magnitude", "schedule": "iterative"},
    "control": {"criterion": "none", "schedule": "iterative"},
    "int4": {"compressor": "quantise", "bits": 4},
    "torch8": {"compressor": "dynamic", "bits": 8},
}


def study(**changes):
    training = config()["training"]["toy"]["bilstm"]
    pair = {"toy": {"bilstm": training, "bert": training}}
    bert = {"architecture": "transformer", "pretrained": "x", "seeds": 4, "seeds_per_job": 2}
    own = {"models__bert": bert, "training": pair, "methods": METHODS, "sparsities": [50]}
    return Study(check_config(config(**own | changes), SCHEMA))


def known(own):
    """Return the versions that may leave, and the lines on those that may not."""
    gated = gate.gated(own)
    made = [tuple(each["comparison"].cell) for each in exporting.exports(own, gated)]
    return made, exporting.export(own, gated)


def test_without_the_weights_of_pruned_models_those_leave_that_can_be_made_again():
    made, settings = known(study())
    assert made == [("toy", "bert", "int4", "bits4")]
    assert [each["is_retrained"] for each in settings["versions"]] == [False]
    lines = "\n".join(settings["left"])
    assert "toy, bert, imp-ft, 50 %: its trained weights are not kept; compute.keep_pr" in lines
    assert "toy, bilstm, int4, 4 bits: transformers has no class for a bilstm model" in lines
    assert "toy, bert, torch8, 8 bits: its weights have a form of torch's own" in lines
    assert "control" not in lines


def test_models_that_were_trained_after_pruning_leave_if_their_weights_are_kept():
    own = study(compute={"keep_pruned_models": True}, export={"seed": 3, "methods": ["imp-ft"]})
    made, settings = known(own)
    assert set(made) == {("toy", "bert", "imp-ft", "sparsity50")}
    (version,) = exporting.exports(own, gate.gated(own))
    assert (version["is_retrained"], version["has_file"]) == (True, False)
    assert (version["paths"]["seeds"], version["paths"]["block"]) == ("2-3", "2-3")
    assert all("bilstm" in line for line in settings["left"])


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("imp-ft", "'imp-ft'; expected methods that compress after training, or compute.keep"),
        ("control", "'control'; expected methods that compress"),
        ("none", "'none'; expected methods that compress"),
    ],
)
def test_methods_that_cannot_be_exported_are_rejected_by_name(name, line):
    with pytest.raises(ValueError, match=line):
        study(export={"methods": [name]})
