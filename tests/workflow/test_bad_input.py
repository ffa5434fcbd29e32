"""What a user sees of bad input: one clear line, and no half-written output."""

import json
import subprocess

import numpy as np
import pandas as pd
import pytest
import yaml

import train_dense
from helpers import forked
from helpers.dataset_settings import config
from helpers.small_study import ROOT, plan, snakemake
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
    """Return all files under results but logs and the study's name, hidden ones included."""
    made = [path for path in (folder / "results").rglob("*") if path.is_file()]
    named = ("study.json", ".study.json.sha256")
    return [path for path in made if path.suffix != ".log" and path.name not in named]


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
    (line,) = {line for line in messages.splitlines() if line.endswith(f"(log: {log})")}
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


def run_with(folder, text, *arguments, name="study.yaml"):
    """Run snakemake in a folder with a config file of this text; the default, by its name."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    command = [forked.python(), "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += [] if name == "config/config.yaml" else ["--configfile", name]
    run = subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=folder)
    assert "Traceback" not in run.stdout + run.stderr
    return run


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("config/config.yaml", "a: [1\nb: 2\n", "config/config.yaml, line 2: expected ','"),
        ("study.yaml", "a:\n  b: 010\n", "study.yaml, line 2: 010 is read as the number 8"),
        # Snakemake reads it first, and does not say which line
        ("study.yaml", "a: [1\nb: 2\n", "Config file is not valid JSON or YAML."),
    ],
)
def test_a_config_file_that_is_broken_or_says_two_things_is_one_line(tmp_path, name, text, said):
    run = run_with(tmp_path, text, "--cores", "1", name=name)
    assert run.returncode == 1
    assert [line for line in run.stderr.splitlines() if line.startswith(said)], run.stderr
    assert results(tmp_path) == []


def test_a_bad_value_of_the_command_line_is_not_looked_for_in_a_file_alone(tmp_path):
    run = snakemake(tmp_path, config(), "--cores", "1", "--config", "pie={ties: highest}")
    said = "study.yaml, --config: top level: unknown key 'pie'; did you mean pies?"
    assert said in run.stderr.splitlines()


def test_braces_in_the_config_are_no_wildcards(tmp_path):
    study = config(
        datasets__toy__origin="see {doi}",
        datasets__toy__columns={"text": "te{x}t", "label": "{label}"},
        datasets__toy__classes=["{a}", "b"],
        datasets__toy__label_separator="{sep}",
        models__bert={"architecture": "encoder", "pretrained": "{folder}", "seeds": 1},
        training__toy__bert=config()["training"]["toy"]["bilstm"],
    )
    (tmp_path / "train.csv").write_text("te{x}t,{label}\n" + "fine,{a}\ndull,b\n" * 20)
    assert plan(tmp_path, study)
    card = "results/data/toy/card.json"
    run = snakemake(tmp_path, study, "--cores", "1", "--", card)
    assert run.returncode == 0, run.stderr
    assert json.loads((tmp_path / card).read_text())["origin"] == "see {doi}"


def test_more_bins_than_training_examples_are_refused_as_soon_as_the_data_are_read(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\n" + "fine,a\ndull,b\n" * 10)
    run = snakemake(tmp_path, config(), "--cores", "1", "--", "results/data/toy/card.json")
    assert run.returncode == 1
    said = "influence.bins: 20; expected at most the 16 training examples of toy"
    assert said in run.stderr
    assert results(tmp_path) == []


def test_results_of_another_study_in_the_same_folder_are_told(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\n" + "fine,a\ndull,b\n" * 20)
    card = "results/data/toy/card.json"
    run = snakemake(tmp_path, config(), "--cores", "1", "--", card)
    assert run.returncode == 0, run.stderr
    assert "was last made with" not in run.stderr
    (tmp_path / "other.yaml").write_text((tmp_path / "study.yaml").read_text())
    other = run_with(tmp_path, yaml.safe_dump(config()), "-n", "--", card, name="other.yaml")
    said = other.stdout + other.stderr
    assert "results/ was last made with study.yaml, and this is other.yaml: two studies" in said


def test_a_config_file_that_is_no_mapping_is_refused_without_a_traceback(tmp_path):
    run = snakemake(tmp_path, ["a", "b"], "--cores", "1")
    assert run.returncode != 0
    assert "Config file must be given as JSON or YAML with keys at top level." in run.stderr
    assert "Traceback" not in run.stderr
    assert results(tmp_path) == []


@pytest.mark.parametrize("batch_size", [2, 8])
def test_training_that_diverges_stops_with_a_line_and_leaves_no_weights(tmp_path, batch_size):
    frame = pd.DataFrame({"example_id": range(8), "text": "x", "text_pair": None})
    frame["label"] = [0, 1] * 4
    card = {"task": "single-label", "classes": ["a", "b"]}
    arrays, header = encoding.encode([([3, 4, 5], 3)] * 8, frame, card)
    files.write_arrays(tmp_path / "train.safetensors", arrays, header)
    table = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    files.write_arrays(tmp_path / "vectors.safetensors", {"vectors": table})
    training = {"epochs": 2, "learning_rate": 1e30, "batch_size": batch_size, "pad_to": None}
    settings = {"model": {"architecture": "bilstm"}, "training": training}
    settings |= {"device": "cpu", "threads": 1}
    inputs = dict.fromkeys(("train", "test"), tmp_path / "train.safetensors")
    inputs["pretrained"] = tmp_path / "vectors.safetensors"
    outputs = {name: tmp_path / "out" / name for name in ("train", "test", "early", "weights")}
    with pytest.raises(ValueError, match=r"expected a finite number|not a finite number") as caught:
        train_dense.main(
            json.loads(json.dumps(settings)),
            range(2),
            checkpoints.Checkpoint(outputs["train"], 5, [], []),
            inputs,
            outputs,
        )
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "out").rglob("*"))
