"""The paper's four datasets and its encoder, read in their true formats from a loopback hub."""

import io
import json
import os
import subprocess

import pandas as pd
import pytest
import yaml
from datasets import ClassLabel, Dataset, Features, List, Value

from helpers import forked
from helpers.hub_server import Repository, serve
from helpers.small_study import ROOT
from pielab.config import check_config

# The client of the hub waits longer and longer before each new try
RUN = """
import json, sys, time
time.sleep = lambda seconds: None
import {script}
from pielab import logs
with logs.job("log"):
    {script}.main(*json.loads(sys.argv[1]))
"""
ENGLISH = ["a man sleeps", "two dogs run", "it rains", "she reads", "birds sing", "he eats"]


def parquet(rows, features):
    buffer = io.BytesIO()
    Dataset.from_dict(rows, features=Features(features)).to_parquet(buffer)
    return buffer.getvalue()


def card(config, features, splits):
    """Return a README with the metadata that the hub's repositories have."""
    info = {
        "config_name": config,
        "features": features,
        "splits": [{"name": name, "num_examples": size} for name, size in splits.items()],
    }
    files = [{"split": name, "path": f"{config}/{name}-*"} for name in splits]
    head = {"dataset_info": info, "configs": [{"config_name": config, "data_files": files}]}
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n# Dataset Card\n".encode()


def with_classes(column, names):
    names = {str(index): name for index, name in enumerate(names)}
    return {"name": column, "dtype": {"class_label": {"names": names}}}


def snli(rows=6):
    names = ["entailment", "neutral", "contradiction"]
    features = {"premise": Value("string"), "hypothesis": Value("string")}
    features |= {"label": ClassLabel(names=names)}
    labels = [0, -1, 1, 2, -1, 0]
    table = parquet({"premise": ENGLISH, "hypothesis": ENGLISH[::-1], "label": labels}, features)
    strings = [{"name": name, "dtype": "string"} for name in ("premise", "hypothesis")]
    splits = {"test": 6, "validation": 6, "train": rows}
    readme = card("plain_text", [*strings, with_classes("label", names)], splits)
    files = {f"plain_text/{split}-00000-of-00001.parquet": table for split in splits}
    commit = "cdb5c3d5eed6ead6e5a341c8e56e669bb666725b"
    return Repository({"README.md": readme, ".gitattributes": b"", **files}, commit)


def imdb():
    features = {"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])}
    texts = [f"{text}<br /><br />the end" for text in ENGLISH]
    tables = {
        split: parquet({"text": texts, "label": labels}, features)
        for split, labels in {
            "train": [0] * 3 + [1] * 3,
            "test": [0, 1] * 3,
            "unsupervised": [-1] * 6,
        }.items()
    }
    described = [{"name": "text", "dtype": "string"}, with_classes("label", ["neg", "pos"])]
    readme = card("plain_text", described, dict.fromkeys(tables, 6))
    files = {f"plain_text/{name}-00000-of-00001.parquet": t for name, t in tables.items()}
    commit = "e6281661ce1c48d982bc483cf8a173c1bbeb5d31"
    return Repository({"README.md": readme, **files}, commit)


def reuters():
    """Return the branch of converted files: a folder a configuration, and no README."""
    strings = ["text", "text_type", "lewis_split", "cgis_split", "old_id", "new_id", "date"]
    lists = ["topics", "places", "people", "orgs", "exchanges"]
    features = {name: Value("string") for name in [*strings, "title"]}
    features |= {name: List(Value("string")) for name in lists}

    def table(split, topics, texts=ENGLISH):
        rows = {name: ["x"] * 6 for name in features} | {name: [[]] * 6 for name in lists}
        ids = [f'"{number}"' for number in range(6)]
        rows |= {"text": texts, "topics": topics, "lewis_split": [f'"{split}"'] * 6, "new_id": ids}
        return parquet(rows, features)

    train = [["earn"], [], ["grain", "wheat"], ["earn"], ["grain", "wheat"], ["earn", "cocoa"]]
    texts = [*ENGLISH[:3], "", *ENGLISH[4:]]  # a document with a title only (text_type BRIEF)
    other = table("TRAIN", [["other"]] * 6)
    files = {
        "ModApte/train/0000.parquet": table("TRAIN", train, texts),
        "ModApte/test/0000.parquet": table("TEST", [["earn"], ["wheat"], [], [], ["cocoa"], []]),
        "ModApte/unused/0000.parquet": table("NOT-USED", [["not-used"]] * 6),
        "ModHayes/train/0000.parquet": other,
        "ModHayes/test/0000.parquet": other,
        "ModLewis/train/0000.parquet": other,
    }
    return Repository(files, "a" * 40, branch="refs/convert/parquet")


HUB = {
    ("datasets", "stanfordnlp/snli"): snli(),
    ("datasets", "stanfordnlp/imdb"): imdb(),
    ("datasets", "ucirvine/reuters21578"): reuters(),
}


@pytest.fixture
def hub():
    with serve(HUB) as (endpoint, asked):
        yield endpoint, asked


@pytest.fixture(scope="session")
def paper():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    return check_config(yaml.safe_load((ROOT / "config/paper.yaml").read_text()), schema)


def run(folder, endpoint, script, *arguments):
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "hf")}
    environment |= {"PYTHONPATH": str(ROOT / "scripts"), "OMP_NUM_THREADS": "1"}
    command = [forked.python(), "-c", RUN.format(script=script), json.dumps(arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)


def fetch(folder, endpoint, name, dataset, **changes):
    dataset = {"name": name} | dataset | changes
    return run(folder, endpoint, "fetch", dataset, "train.parquet", "test.parquet", "card.json")


def read(folder):
    frames = [pd.read_parquet(folder / f"{split}.parquet") for split in ("train", "test")]
    return *frames, json.loads((folder / "card.json").read_text())


def test_snli_has_pairs_and_no_pair_without_a_label_and_keeps_the_ids_of_the_source(
    hub, paper, tmp_path
):
    endpoint, asked = hub
    done = fetch(tmp_path, endpoint, "snli", paper["datasets"]["snli"])
    assert done.returncode == 0, done.stderr
    train, test, card = read(tmp_path)
    assert list(train["example_id"]) == [0, 2, 3, 5]
    assert list(train["label"]) == [0, 1, 2, 0]
    assert train.loc[1, "text"] == ENGLISH[2]
    assert train.loc[1, "text_pair"] == ENGLISH[3]
    assert card["classes"] == ["entailment", "neutral", "contradiction"]
    assert len(test) == 4
    paths = [line for line in asked if "resolve" in line or "tree" in line]
    assert all(paper["datasets"]["snli"]["hub"]["revision"] in path for path in paths)


def test_imdb_is_read_without_its_unlabelled_split(hub, paper, tmp_path):
    done = fetch(tmp_path, hub[0], "imdb", paper["datasets"]["imdb"])
    assert done.returncode == 0, done.stderr
    train, test, card = read(tmp_path)
    assert card["classes"] == ["neg", "pos"]
    assert list(train["label"]) == [0, 0, 0, 1, 1, 1]
    assert list(test["label"]) == [0, 1] * 3
    assert train["text_pair"].isna().all()


def test_reuters_has_the_documents_of_modapte_with_a_topic_and_a_text(hub, paper, tmp_path):
    done = fetch(tmp_path, hub[0], "reuters", paper["datasets"]["reuters"], min_class_count=2)
    assert done.returncode == 0, done.stderr
    train, test, card = read(tmp_path)
    assert card["classes"] == ["earn", "grain", "wheat"]  # cocoa occurs once
    assert list(train["example_id"]) == [0, 2, 4, 5]
    assert [list(labels) for labels in train["labels"]] == [[0], [1, 2], [1, 2], [0]]
    assert [list(labels) for labels in test["labels"]] == [[0], [2]]


def test_aapd_is_read_from_the_aligned_lines_of_its_release(paper, tmp_path):
    lines = {
        "text_train": "the relation between pearson ' s and kappa\nwe show that x < y\nan example",
        "label_train": "cs.it math.it\nphysics.soc-ph\ncs.it",
        "text_test": "pilot contamination\nresults , with proofs",
        "label_test": "cs.it math.it\nphysics.soc-ph",
    }
    folder = tmp_path / "resources/aapd"
    folder.mkdir(parents=True)
    for name, text in lines.items():
        (folder / name).write_text(text + "\n")
    done = fetch(tmp_path, "", "aapd", paper["datasets"]["aapd"])
    assert done.returncode == 0, done.stderr
    train, test, card = read(tmp_path)
    assert card["classes"] == ["cs.it", "math.it", "physics.soc-ph"]
    assert [list(labels) for labels in train["labels"]] == [[0, 1], [2], [0]]
    assert train.loc[0, "text"] == "the relation between pearson ' s and kappa"
    assert len(test) == 2


def test_the_encoder_is_read_from_the_hub_at_its_revision(paper, tmp_path):
    from transformers import BertConfig, BertModel

    size = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2, "vocab_size": 8}
    BertModel(BertConfig(num_hidden_layers=1, **size)).save_pretrained(tmp_path / "bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "man", "dog"]
    files = {path.name: path.read_bytes() for path in (tmp_path / "bert").iterdir()}
    files |= {"vocab.txt": "\n".join(words).encode(), "tokenizer_config.json": b"{}"}
    model = paper["models"]["bert"]
    repository = Repository(files, model["revision"])
    outputs = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    with serve({("models", model["pretrained"]): repository}) as (endpoint, _):
        done = run(tmp_path, endpoint, "fetch_encoder", model, outputs)
        wrong = run(tmp_path, endpoint, "fetch_encoder", model | {"revision": "0"}, outputs)
    assert done.returncode == 0, done.stderr
    assert "a" in json.loads((tmp_path / "tokenizer.json").read_text())["model"]["vocab"]
    assert wrong.returncode == 1
    assert "Traceback" not in wrong.stderr
    assert "0 is not a valid git identifier" in wrong.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"revision": "main2"}, "Revision 'main2' doesn't exist"),
        ({"config": "plain"}, "'plain' not found. Available: ['plain_text']"),
        ({"path": "stanfordnlp/snl"}, "'stanfordnlp/snl' doesn't exist on the Hub"),
        ({"splits": {"train": "training"}}, 'Unknown split "training"'),
    ],
)
def test_what_the_hub_does_not_have_is_said_in_one_line(change, said, hub, paper, tmp_path):
    dataset = paper["datasets"]["snli"]
    done = fetch(tmp_path, hub[0], "snli", dataset, hub=dataset["hub"] | change)
    assert_said(done, said)
    assert not (tmp_path / "train.parquet").exists()


def test_a_split_of_another_size_than_its_card_says_is_an_error(paper, tmp_path):
    with serve({("datasets", "stanfordnlp/snli"): snli(rows=7)}) as (endpoint, _):
        done = fetch(tmp_path, endpoint, "snli", paper["datasets"]["snli"])
    assert_said(done, "num_examples=7")


def test_a_file_that_is_cut_short_is_an_error(paper, tmp_path):
    broken = snli()
    name = "plain_text/train-00000-of-00001.parquet"
    broken.files[name] = broken.files[name][:-100]
    with serve({("datasets", "stanfordnlp/snli"): broken}) as (endpoint, _):
        done = fetch(tmp_path, endpoint, "snli", paper["datasets"]["snli"])
    assert_said(done, "Parquet magic bytes not found")


def test_data_that_differ_from_the_expected_checksum_are_an_error(hub, paper, tmp_path):
    dataset = paper["datasets"]["imdb"]
    assert fetch(tmp_path, hub[0], "imdb", dataset).returncode == 0
    known = read(tmp_path)[2]["sha256"]
    assert fetch(tmp_path, hub[0], "imdb", dataset, sha256=known).returncode == 0
    done = fetch(tmp_path, hub[0], "imdb", dataset, sha256=known | {"test": "0" * 64})
    assert_said(done, f"datasets.imdb.sha256.test: {'0' * 64}; what was read has {known['test']}")


def test_without_network_no_other_revision_is_taken_from_the_cache(hub, paper, tmp_path):
    dataset = paper["datasets"]["snli"]
    main = dataset | {"hub": dataset["hub"] | {"revision": None}}
    assert fetch(tmp_path, hub[0], "snli", main).returncode == 0
    (tmp_path / "card.json").unlink()
    other = dataset["hub"] | {"revision": "b" * 40}
    done = fetch(tmp_path, "http://127.0.0.1:9", "snli", dataset, hub=other)
    assert_said(done, "Couldn't reach 'stanfordnlp/snli' on the Hub")
    assert not (tmp_path / "card.json").exists()


def test_a_missing_local_file_is_named_with_the_place_to_get_it(paper, tmp_path):
    done = fetch(tmp_path, "", "aapd", paper["datasets"]["aapd"])
    assert_said(
        done,
        "'resources/aapd/text_train': no such file; get it from https://github.com/lancopku/SGM",
    )


def assert_said(done, said):
    """Assert that the job failed with one line of ours that says so, and no traceback."""
    ours = [line for line in done.stderr.splitlines() if line.startswith("pielab: ")]
    assert done.returncode == 1, done.stderr
    assert len(ours) == 1, done.stderr
    assert said in ours[0]
    assert "Traceback" not in done.stderr
