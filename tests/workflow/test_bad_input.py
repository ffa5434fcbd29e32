"""What a user sees of bad input: one clear line, and no half-written output."""

import json

import numpy as np
import pandas as pd
import pytest

import train_dense
from helpers.dataset_settings import config
from helpers.small_study import snakemake
from pielab import files
from pielab.data import encoding
from pielab.training import checkpoints

GOOD = "text,label\nfine,a\ndull,b\nnice,a\nbad,b\n"
# The file of each dataset, the keys of its config, and what is said; unit tests hold more cases
BAD = {
    "blank": (GOOD + " ,a\n", {}, "blank, train (blank.csv), example 4: text is ' '; expected a"),
    "outside": (
        GOOD + "odd,c\n",
        {"classes": ["a", "b"]},
        "outside, train (outside.csv), example 4: label 'c'; expected one of the classes a, b",
    ),
    "absent": (GOOD, {"classes": ["a", "b", "z"]}, "(absent.csv): no example of class 'z' among 3"),
    "twice": (
        "id,text,label\n7,fine,a\n8,dull,b\n7,nice,a\n",
        {"columns": {"id": "id"}},
        "twice, train (twice.csv), rows 0 and 2 (from 0): both have the id '7'; expected unique",
    ),
    "not-utf8": (b"text,label\nfine,a\nd\xfcll,b\n", {}, "line 3: byte 0xfc is not UTF-8"),
    "missing": (None, {}, "datasets.missing.files: 'missing.csv': no such file"),
}


def results(folder):
    """Return all files under results but logs, hidden ones included."""
    found = [path for path in (folder / "results").rglob("*") if path.is_file()]
    return [path for path in found if path.suffix != ".log"]


@pytest.fixture(scope="module")
def bad_run(tmp_path_factory):
    """The folder and the messages of one run that fetches all the bad datasets."""
    folder = tmp_path_factory.mktemp("bad")
    study = config()
    study["training"] = {name: study["training"]["toy"] for name in BAD}
    study["datasets"] = {}
    for name, (content, keys, _) in BAD.items():
        study["datasets"][name] = {"source": "files", "files": {"train": f"{name}.csv"}} | keys
        if content is not None:
            (folder / f"{name}.csv").write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )
    cards = [f"results/data/{name}/card.json" for name in BAD]
    run = snakemake(folder, study, "--cores", "1", "--keep-going", *cards)
    assert run.returncode != 0
    return folder, run.stderr


@pytest.mark.parametrize("name", BAD)
def test_bad_data_give_one_line_on_the_terminal_and_in_the_log(bad_run, name):
    folder, messages = bad_run
    log = f"results/logs/fetch/{name}.log"
    (line,) = [line for line in messages.splitlines() if line.endswith(f"(log: {log})")]
    said = BAD[name][2]
    assert line.startswith("pielab: ")
    assert said in line
    (logged,) = (folder / log).read_text(encoding="utf-8").splitlines()
    assert said in logged


def test_bad_data_leave_no_output_and_no_hidden_file(bad_run):
    assert results(bad_run[0]) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sparsitys": [90]}, "top level: unknown key 'sparsitys'; did you mean sparsities?"),
        ({"sparsities": ["ninety"]}, "sparsities.0: 'ninety'; expected a percentage over 0"),
    ],
)
def test_a_bad_config_is_one_line_with_its_file_and_nothing_is_written(tmp_path, values, said):
    run = snakemake(tmp_path, config(**values), "--cores", "1")
    assert run.returncode != 0
    (line,) = [line for line in run.stderr.splitlines() if "study.yaml: " in line]
    assert line.startswith(f"study.yaml: {said}")
    assert "Traceback" not in run.stderr
    assert results(tmp_path) == []


@pytest.mark.parametrize("content", [None, ["a", "b"]])
def test_a_config_file_that_is_no_mapping_is_refused_without_a_traceback(tmp_path, content):
    run = snakemake(tmp_path, content, "--cores", "1")
    assert run.returncode != 0
    assert "Config file must be given as JSON or YAML with keys at top level." in run.stderr
    assert "Traceback" not in run.stderr
    assert results(tmp_path) == []


@pytest.mark.parametrize("batch_size", [2, 8])
def test_training_that_diverges_stops_with_a_line_and_leaves_no_weights(tmp_path, batch_size):
    frame = pd.DataFrame({"text": ["x"] * 8, "text_pair": None, "label": [0, 1] * 4})
    card = {"task": "single-label", "classes": ["a", "b"]}
    encoding.write_encoded(tmp_path / "train.safetensors", [([3, 4, 5], 3)] * 8, frame, card)
    table = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    files.write_arrays(tmp_path / "vectors.safetensors", {"vectors": table})
    training = {"epochs": 2, "learning_rate": 1e30, "batch_size": batch_size, "pad_to": None}
    settings = {"model": {"architecture": "bilstm"}, "training": training}
    settings |= {"device": "cpu", "threads": 1}
    made = {name: tmp_path / "out" / name for name in ("train", "test", "early")}
    with pytest.raises(ValueError, match=r"expected a finite number|not a finite number") as caught:
        train_dense.main(
            json.loads(json.dumps(settings)),
            range(2),
            checkpoints.Checkpoint(made["train"], 5, [], []),
            dict.fromkeys(("train", "test"), tmp_path / "train.safetensors"),
            tmp_path / "vectors.safetensors",
            tmp_path / "out" / "weights.safetensors",
            made,
        )
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
