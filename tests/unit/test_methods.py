import json

import pytest

from helpers.dataset_settings import SCHEMA, config
from pielab import methods
from pielab.cells import read_level
from pielab.config import check_config
from pielab.job_settings import jobs as job_settings
from pielab.study import CellKey, Study

INT4 = {"compressor": "quantise", "bits": 4, "group": 64}
WANDA = {"compressor": "wanda", "calibration": {"examples": 16, "draws": 5, "draws_per_job": 3}}
PAIR = ("toy", "bilstm")
ONE_SHOT = {"criterion": "magnitude", "schedule": "after-training"}


def study(**own):
    return Study(check_config(config(**{f"methods__{key}": own[key] for key in own}), SCHEMA))


def refusal(**own):
    with pytest.raises(ValueError) as caught:
        study(**own)
    return str(caught.value)


def test_a_compressor_brings_its_keys_and_their_defaults():
    found = study(int8={"compressor": "quantise", "bits": 8}, wanda={"compressor": "wanda"}).methods
    assert found["int8"] == {"compressor": "quantise", "bits": 8, "group": None}
    drawn = {"examples": 128, "draws": 1, "draws_per_job": 10, "file": None, "column": "text"}
    drawn |= {"tokens": None}
    assert found["wanda"] == {"compressor": "wanda", "calibration": drawn}
    assert found["imp-ft"] == {"criterion": "magnitude", "schedule": "iterative", "rewind": False}


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ({"compressor": "wandda"}, "methods.x.compressor: 'wandda'; expected one of "),
        ({"compressor": "wandda"}, "did you mean wanda?"),
        ({"compresor": "wanda"}, "unknown key 'compresor'; did you mean compressor?"),
        ({"bits": 8}, "unknown key 'bits'; expected one of compressor, criterion, schedule"),
        ({"compressor": "given"}, "methods.x.compressor: 'given' is now called 'external'"),
        ({"compressor": 3}, "methods.x.compressor: 3; expected one of"),
        ({"compressor": "quantise"}, "methods.x: key 'bits' is missing"),
        ({"compressor": "quantise", "bit": 8, "bits": 8}, "unknown key 'bit'; did you mean bits?"),
        ({"compressor": "quantise", "bits": 9}, "methods.x.bits: 9; expected a number of bits"),
        (INT4 | {"calibration": {}}, "methods.x: unknown key 'calibration'; expected one of"),
        (INT4 | {"schedule": "iterative"}, "methods.x: unknown key 'schedule'"),
        (WANDA | {"calibration": {"draw": 3}}, "calibration: unknown key 'draw'; did you mean"),
        (WANDA | {"calibration": {"draws": 0}}, "calibration.draws: 0; expected a number of draws"),
        (ONE_SHOT | {"rewind": True}, "methods.x.rewind: true; only iterative methods rewind"),
        (ONE_SHOT | {"criterion": "none"}, "'after-training'; criterion none is iterative"),
    ],
)
def test_what_is_misspelt_or_contradicts_itself_is_refused(method, said):
    assert said in refusal(x=method)


def test_more_calibration_texts_than_there_are_training_examples_are_refused():
    values = config(methods__x={"compressor": "wanda"}, datasets__toy__max_train=100)
    with pytest.raises(ValueError, match="examples: 128; expected at most max_train, 100"):
        check_config(values, SCHEMA)


def test_there_is_a_cell_for_each_level_that_a_method_has():
    own = study(int4=INT4, wanda=WANDA, once=ONE_SHOT)
    levels = {(cell.method, cell.level) for cell in own.cells}
    percents = {
        (name, level)
        for name in ("imp-ft", "wanda", "once")
        for level in ("sparsity50", "sparsity90")
    }
    assert levels == percents | {("int4", "bits4")}
    assert own.compressing_methods == ["int4", "wanda", "once"]
    assert own.retrained_methods == ["imp-ft"]
    assert own.pruning_methods == ["imp-ft", "int4", "wanda", "once"]


def test_a_level_is_named_for_what_it_is():
    own = study(int4=INT4, wanda=WANDA)
    said = {read_level(cell.level).text for cell in own.cells if cell.method != "imp-ft"}
    assert said == {"4 bits", "50 %", "90 %"}
    assert read_level("layers3").text == "3 layers"


def test_members_are_seeds_by_draws_in_blocks_that_more_draws_leave_as_they_are():
    own = study(wanda=WANDA, int4=INT4)
    assert own.n_models("bilstm", "wanda") == 10
    assert own.n_models("bilstm", "int4") == own.n_models("bilstm", "dense") == 2
    assert own.model_blocks("bilstm", "wanda") == ["0-1.draws0-2", "0-1.draws3-4"]
    assert own.model_blocks("bilstm", "int4") == ["0-1"]
    paths = own.prediction_files(CellKey("toy", "bilstm", "wanda", "sparsity50"), "test")
    assert paths[1].endswith("wanda/sparsity50/seeds0-1.draws3-4.test.safetensors")


def test_every_compressor_says_what_its_level_is_and_describes_its_keys():
    for name in (methods.PRUNE, *methods.compressor_names()):
        found = methods.compressor(name)
        assert found.level in ("percent", methods.EXTERNAL, *found.options)
        assert all("description" in option for option in found.options.values())


def test_a_compressor_without_a_level_is_refused(tmp_path, monkeypatch):
    (tmp_path / "mute.py").write_text('"""Nothing."""\n')
    monkeypatch.setattr(methods, "COMPRESSORS", tmp_path)
    with pytest.raises(ValueError, match=r"mute.py: no LEVEL; expected percent or"):
        methods.compressor("mute")


def test_claims_are_judged_by_methods_that_train_and_else_by_those_with_the_most_models():
    trained = study(wanda=WANDA, int4=INT4)
    assert {each.method for each in trained.judged_comparisons("toy", "bilstm")} == {"imp-ft"}
    values = config(methods={"int4": INT4, "wanda": WANDA})
    own = Study(check_config(values, SCHEMA))
    assert {each.method for each in own.judged_comparisons("toy", "bilstm")} == {"wanda"}


@pytest.mark.parametrize("name", ["imp-ft", "deployed", "absent"])
def test_layers_are_put_back_only_where_weights_are_changed_after_training(name):
    values = config(methods__deployed={"compressor": "dynamic", "bits": 8}, layers__methods=[name])
    with pytest.raises(ValueError, match=f"layers.methods: '{name}'; expected a method that"):
        check_config(values, SCHEMA)


def test_of_jobs_settings_only_what_changes_a_result_is_a_part():
    of_draws = [
        job_settings.train(study(wanda=WANDA | {"calibration": calibration}), *PAIR, "wanda")
        for calibration in (WANDA["calibration"], {"examples": 16, "draws": 99})
    ]
    assert of_draws[0] == of_draws[1]
    assert of_draws[0]["method"]["calibration"] == {"examples": 16}
    assert "norm" not in json.dumps(job_settings.train(study(once=ONE_SHOT), *PAIR, "once"))


def test_shared_predictions_of_draws_are_read_where_they_are():
    shared = {"predictions": "elsewhere", "layers": {"methods": ["wanda"]}}
    own = Study(study(wanda=WANDA).config | shared)
    cell = next(cell for cell in own.cells if cell.method == "wanda")
    paths = own.prediction_files(cell, "test")
    assert [path.rsplit("/", 1)[1] for path in paths] == [
        f"seeds0-1.draws{draws}.test.safetensors" for draws in ("0-2", "3-4")
    ]
    assert {path.split("/")[0] for path in paths} == {"elsewhere"}
    assert set(paths) <= set(own.predicted)
    assert own.cells_by_layer == []
