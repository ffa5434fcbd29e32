"""What a study of decoders means in terms of logs, and what rules it out."""

import copy
from pathlib import Path

import pytest
import yaml

from helpers import tiny_decoder
from helpers.dataset_settings import SCHEMA
from helpers.small_study import ROOT
from pielab import asked, config, harness_tasks
from pielab.cells import CellKey
from pielab.job_settings import decoders, external, jobs
from pielab.study import Study


@pytest.fixture
def described(tmp_path):
    """The config of a study of a decoder."""
    return tiny_decoder.study("models/tiny", tmp_path / "tasks")


def read(described):
    return harness_tasks.with_tasks(Study(config.check_config(described, SCHEMA)))


def test_a_run_is_a_folder_of_logs_that_a_job_makes_and_draws_are_runs(described):
    study = read(described)
    wanda = CellKey("colour", "tiny", "wanda", "sparsity50")
    folder = "results/asked/colour/tiny/wanda/sparsity50"
    assert study.folders(wanda) == [f"{folder}/draw0", f"{folder}/draw1"]
    assert study.runs(wanda)[1] == {"colour": f"{folder}/draw1/samples_colour.jsonl"}
    assert len(study.asked_logs) == 2 * (1 + 1 + 2)
    assert study.missing_predictions() == config.missing_files(study.config) == []
    (path,) = study.prediction_files(wanda, "test")
    assert path.endswith("/wanda/sparsity50/seeds0-0.draws0-1.test.safetensors")


def test_the_documents_are_those_of_the_dense_run(described):
    files = read(described).datasets["word"]["files"]["test"]
    assert files == {"word": "results/asked/word/tiny/dense/none/draw0/samples_word.jsonl"}


def test_reruns_of_the_dense_model_are_runs_and_no_models(described):
    described["models"]["tiny"]["reruns"] = [{"batch_size": 1}, {"dtype": "bfloat16"}]
    study = read(described)
    dense, int4 = study.groups[0], CellKey("colour", "tiny", "int4", "bits4")
    names = [Path(folder).name for folder in study.folders(dense)]
    assert names == ["draw0", "rerun1", "rerun2"]
    assert [Path(folder).name for folder in study.folders(int4)] == ["draw0"]
    plain, smaller, other = (decoders.ask(study, dense, run) for run in names)
    assert smaller == plain | {"batch_size": 1}
    assert other == plain | {"dtype": "bfloat16"}
    read_by = external.read_predictions(study, dense, "test")
    assert [len(read_by[key]) for key in ("files", "runs", "reruns")] == [1, 1, 2]
    assert "reruns" not in external.read_predictions(study, int4, "test")
    assert "rerun1" in str(external.compare_runs(study))
    (path,) = study.prediction_files(dense, "test")
    assert path.endswith("/dense/none/seeds0-0.test.safetensors")


def test_some_datasets_may_have_labels_only_and_others_say_how_sure_a_model_is(described):
    described["predictions"]["scores"] = {"w*": "labels"}
    study = read(described)
    said = [jobs.find_pies(study, dataset, "tiny")["scores"] for dataset in ("word", "colour")]
    assert said == ["labels", None]
    cells = [CellKey(dataset, "tiny", "int4", "bits4") for dataset in ("word", "colour")]
    files = [external.read_predictions(study, cell, "test") for cell in cells]
    assert [own["scores"] for own in files] == said
    described["predictions"]["scores"] = {"word": "none"}
    with pytest.raises(ValueError, match=r"predictions\.scores\S*: .*; expected labels"):
        read(described)


def test_layers_are_put_back_draw_by_draw(described):
    described["layers"] = {"methods": ["wanda"], "keep": 1}
    study = read(described)
    cell = CellKey("colour", "tiny", "wanda", "sparsity50")
    assert cell in study.cells_by_layer
    names = [Path(path).name for path in study.mixture_files(cell, "each")]
    assert names == [f"seeds0-0.draws{n}-{n}.each.safetensors" for n in (0, 1)]
    each, kept = (decoders.restore(study, cell, 1, own) for own in ("each", "kept"))
    assert kept == each | {"keep": 1}
    assert each["draw"] == 1
    assert each["read"]["metric"] == {"colour": "acc", "word": "exact_match"}


def test_sizes_are_known_of_decoders_that_are_asked_and_of_logs_that_have_them(described, tmp_path):
    study = read(described)
    found = study.described_decoders["colour", "tiny"]
    assert found == "results/asked/colour/tiny/dense/none/draw0/weights.json"
    described["predictions"]["logs"] = str(tmp_path)
    assert read(described).sized_pairs == []
    left = tmp_path / "word/tiny/dense/none/draw0/weights.json"
    left.parent.mkdir(parents=True)
    left.touch()
    assert read(described).sized_pairs == [("word", "tiny")]


def test_several_tasks_are_one_dataset_by_task_or_a_dataset_each(described):
    described["datasets"] = {"both": described["datasets"]["word"] | {"tasks": ["colour", "word"]}}
    study = read(described)
    assert study.datasets["both"]["slice_by"] == ["task"]
    assert list(study.runs(study.groups[0])[0]) == ["colour", "word"]
    described["datasets"]["both"]["tasks_as"] = "datasets"
    apart = read(described)
    assert list(apart.datasets) == ["colour", "word"]
    (logs,) = apart.runs(CellKey("word", "tiny", "int4", "bits4"))
    assert logs == {"word": "results/asked/word/tiny/int4/bits4/draw0/samples_word.jsonl"}


def test_logs_that_an_earlier_run_left_are_read_and_nothing_is_asked(described):
    described["predictions"]["logs"] = "shipped"
    study = read(described)
    assert study.asked_logs == set()
    assert study.asked_cells == []
    assert study.folders(study.groups[0]) == ["shipped/colour/tiny/dense/none/draw0"]
    (first, *_) = study.missing_predictions()
    assert first.startswith("predictions.files.dense: 'shipped/colour/tiny/dense/none/draw0/sam")


def test_a_log_that_was_left_may_be_gzipped(tmp_path):
    (tmp_path / "samples_word.jsonl.gz").touch()
    found = asked.logs_of(str(tmp_path), ["word", "colour"])
    assert found["word"] == f"{tmp_path}/samples_word.jsonl.gz"
    assert found["colour"] == f"{tmp_path}/samples_colour.jsonl"


def test_a_job_knows_how_it_compresses_and_what_it_asks_and_not_how_many_draws_there_are(described):
    study, cell = read(described), CellKey("colour", "tiny", "wanda", "sparsity50")
    settings = decoders.ask(study, cell, "draw1")
    assert (settings["level"], settings["draw"], settings["batch_size"]) == (50, 1, 16)
    assert settings["method"]["calibration"].keys() == {"file", "column", "examples", "tokens"}
    more = copy.deepcopy(described)
    more["methods"]["wanda"]["calibration"]["draws"] = 5
    assert decoders.ask(read(more), cell, "draw1") == decoders.ask(study, cell, "draw1")
    dense = decoders.ask(study, cell._replace(method="dense", level="none"), "draw0")
    assert "method" not in dense


CHANGES = [
    (("models", "tiny"), {"seeds": 2}, r"models\.tiny\.seeds: 2; expected 1 or no such key"),
    (
        ("datasets", "word"),
        {"tasks": "mmlu_*"},
        r"datasets\.word\.tasks: 'mmlu_\*'; expected names of tasks, no groups and no patterns",
    ),
    (("datasets", "word"), {"tasks": None}, r"datasets\.word: key 'tasks' is missing"),
    (("datasets", "word"), {"source": "bbc"}, r"datasets\.word\.source: 'bbc'; expected lm_eval"),
    (
        ("methods", "int4"),
        {"compressor": "dynamic", "bits": 8},
        r"methods\.int4\.compressor: 'dynamic'; expected one that changes the weights",
    ),
    (
        ("methods", "wanda"),
        {"calibration": {"draws": 2}},
        r"methods\.wanda\.calibration\.file: None; expected a file of texts",
    ),
    (("predictions",), {"files": {"dense": "a"}}, r"predictions\.files: .* asked here"),
    (
        (),
        {"layers": {"methods": ["int4"]}, "predictions": {"logs": "left", "metric": "acc"}},
        r"layers\.methods: \['int4'\]; expected none with predictions\.logs",
    ),
    ((), {"predictions": "results/shared"}, r"predictions: 'results/shared'; expected predictions"),
]


@pytest.mark.parametrize(("where", "change", "line"), CHANGES)
def test_what_a_decoder_rules_out_is_said_in_one_line(described, where, change, line):
    part = described
    for key in where:
        part = part[key]
    part.update(change)
    with pytest.raises(ValueError, match=line):
        read(described)


def test_methods_that_train_or_read_labels_are_refused(described):
    for method, line in (
        ({"criterion": "magnitude", "schedule": "iterative"}, "after-training"),
        ({"criterion": "impact", "schedule": "after-training"}, "expected another"),
    ):
        described["methods"]["int4"] = method
        with pytest.raises(ValueError, match=line):
            read(described)


def test_keys_of_decoders_are_refused_elsewhere():
    own = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    (name, *_) = own["datasets"]
    own["datasets"][name]["limit"] = 5
    with pytest.raises(ValueError, match=rf"datasets\.{name}\.limit: 5; expected with decoders"):
        config.check_config(own, SCHEMA)
    del own["datasets"][name]["limit"]
    (model, *_) = own["models"]
    own["models"][model]["reruns"] = [{}]
    with pytest.raises(ValueError, match=rf"models\.{model}\.reruns: .* is decoder"):
        config.check_config(own, SCHEMA)
