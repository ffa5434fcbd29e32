"""Which paths of a config name models, and which files a job reads of them."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from pielab.job_settings.external import is_model, model_files


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("models/dense", True),
        ("models/seed*", True),
        ("model.onnx", True),
        ("models/bert-v1.5/", True),  # a folder that is there
        ("models/bert-v9.9", False),
        ("said.csv", False),
        ("said.jsonl", False),
    ],
)
def test_a_folder_and_an_onnx_file_are_models_and_tables_are_not(
    tmp_path, monkeypatch, path, expected
):
    (tmp_path / "models/bert-v1.5").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert is_model(path) == expected


def test_a_job_reads_a_folder_and_an_onnx_file_with_what_lies_beside_it(tmp_path):
    names = [
        *("dense/config.json", "dense/model.safetensors", "dense/more/unread"),
        *("hub/config.json", "hub/tokenizer.json", "hub/pytorch_model.bin"),
        *("hub/onnx/int8.onnx", "hub/onnx/int8.onnx_data", "hub/onnx/fp16.onnx"),
        *("words/tokenizer.json", "words/vocab.txt", "hub/onnx/vocab.txt", "hub/spiece.model"),
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    paths = [str(tmp_path / name) for name in ("dense", "hub/onnx/int8.onnx", "absent.onnx")]
    read = {path.removeprefix(f"{tmp_path}/") for path in model_files(paths, None)}
    assert read == {*names[:2], *names[3:5], *names[6:8], *names[-2:]}
    more = model_files(paths, str(tmp_path / "words"))
    assert {path.removeprefix(f"{tmp_path}/") for path in more} - read == set(names[9:11])


@pytest.mark.parametrize("name", ["weights.bin", "bert.encoder.weight", "données.bin"])
def test_a_job_reads_the_files_that_an_onnx_file_keeps_its_weights_in(tmp_path, name):
    tensor = numpy_helper.from_array(np.zeros((40, 40), np.float32), "w")
    graph = helper.make_graph([], "g", [], [], [tensor])
    onnx.save(
        helper.make_model(graph),
        tmp_path / "m.onnx",
        save_as_external_data=True,
        location=name,
        size_threshold=0,
    )
    assert (tmp_path / name).is_file()
    assert model_files([str(tmp_path / "m.onnx")], None) == sorted(
        [str(tmp_path / "m.onnx"), str(tmp_path / name)]
    )
