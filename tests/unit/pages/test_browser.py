import base64
import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest

import build_browser
from helpers.browser_page import Study
from pielab.pages import browser
from pielab.vocabulary import FLIPS


def unpack(text, dtype=np.uint8):
    return np.frombuffer(gzip.decompress(base64.b64decode(text)), dtype)


def frame(ids, **columns):
    texts = [f"text {one}" for one in ids]
    return pd.DataFrame({"example_id": ids, "text": texts, "text_pair": None} | columns)


def measures(ids):
    ease = np.where(np.array(ids) == 7, np.nan, 61.26)
    return pd.DataFrame({"example_id": ids, "tokens": 2, "flesch_reading_ease": ease})


def examples(ids, labels):
    return browser.join_examples(frame(ids, label=labels), measures(ids), [])


def found(pie, flips, dense, pruned, ids=(2, 5, 7)):
    return pd.DataFrame(
        {
            "example_id": list(ids),
            "pie": pie,
            "flip": flips,
            "tier": ["certain", "likely", "certain"],
            "baseline_votes": list(np.array(dense)),
            "compressed_votes": list(np.array(pruned)),
            "pie_probability": [0.0, 0.254, 1.0],
            "shift": [np.nan, -1.26, 99.0],
        }
    )


CARDS = {"films": {"classes": ["bad", "good"], "task": "single-label"}}
CELL = {"dataset": "films", "model": "a", "method": "m", "seeds": 3, "is_compressed": True}
CELL |= {"baseline": "dense", "primary": True, "collapsed": False, "differ_by": "seed"}
CELLS = [CELL | {"level": 50.0}, CELL | {"level": 90.0}]
TABLES = [
    found(
        [False, True, False],
        [None, "positive", None],
        [[3, 0], [2, 1], [0, 3]],
        [[3, 0], [0, 3], [1, 2]],
    ),
    found(
        [False, True, True],
        [None, "both wrong", "negative"],
        [[3, 0], [2, 1], [0, 3]],
        [[2, 1]] * 3,
    ),
]


def pack(limit=10, tables=TABLES, cells=CELLS):
    groups = {("films", "test"): examples([2, 5, 7], [0, 1, 1])}
    return browser.pack(
        CARDS, groups, cells, lambda cell, split, columns: tables[cell][columns], limit
    )


def test_every_cell_adds_a_flip_code_and_votes_by_class_for_each_example():
    packed = pack()
    first, second = packed["cells"]
    assert unpack(first["flips"]["test"]).tolist() == [0, 1, 0]
    assert unpack(second["flips"]["test"]).tolist() == [0, 3, 2]
    assert unpack(first["tiers"]["test"]).tolist() == [0, 1, 0]
    assert unpack(second["tiers"]["test"]).tolist() == [0, 1, 2]
    assert unpack(first["votes"]["test"]).reshape(3, 2).tolist() == [[3, 0], [0, 3], [1, 2]]
    (dense,) = packed["baselines"]
    assert unpack(dense["votes"]["test"]).reshape(3, 2).tolist() == [[3, 0], [2, 1], [0, 3]]


def test_every_cell_adds_probabilities_and_shifts_in_small_steps_and_says_what_is_unknown():
    cell = pack()["cells"][0]
    assert unpack(cell["pie_probability"]["test"]).tolist() == [125, 150, 225]
    assert unpack(cell["shift"]["test"]).tolist() == [255, 112, 250]


def test_each_baseline_of_a_pair_has_its_votes_once():
    control = found([True] * 3, ["negative"] * 3, [[0, 3], [1, 2], [2, 1]], [[3, 0]] * 3)
    cells = [*CELLS, CELLS[1] | {"baseline": "control"}]
    packed = pack(tables=[*TABLES, control], cells=cells)
    dense, other = packed["baselines"]
    assert [dense["baseline"], other["baseline"]] == ["dense", "control"]
    assert unpack(dense["votes"]["test"]).reshape(3, 2).tolist() == [[3, 0], [2, 1], [0, 3]]
    assert unpack(other["votes"]["test"]).reshape(3, 2).tolist() == [[0, 3], [1, 2], [2, 1]]
    assert [cell["collapsed"] for cell in packed["cells"]] == [False] * 3


MARKS = ("is_compressed", "collapsed", "differ_by")


@pytest.mark.parametrize(
    ("differ_by", "replicate", "by_itself"),
    [
        (["seed", "seed and draw"], "seed", "retraining"),
        (["draw"], "draw", "another draw"),
        (["rerun"], "rerun", "a rerun"),
        (["rerun", "seed"], "replicate", "retraining or a rerun"),
    ],
)
def test_the_page_says_what_changes_answers_by_itself(differ_by, replicate, by_itself):
    words = browser.words_of([{"differ_by": name} for name in differ_by])
    assert words == {"replicate": replicate, "by_itself": by_itself}


def test_where_models_differ_by_draws_no_word_on_the_page_is_of_retraining(tmp_path):
    path = Study(tmp_path, {"films": 5}, differ_by="draw").write_browser()
    page = path.read_text(encoding="utf-8")
    assert "<label>More than another draw? <select" in page
    assert "retraining" not in re.sub("// .*", "", page)


def test_the_table_of_cells_says_which_are_compressed_and_which_have_collapsed():
    cells = [{name: cell[name] for name in cell if name not in MARKS} for cell in CELLS]
    rows = [
        cell | {"split": split, "collapsed": (cell["level"] == 90) == (split == "test")}
        for cell in CELLS
        for split in ("train", "test")
    ]
    marked = build_browser.marked_cells(cells, pd.DataFrame(rows))
    assert marked == [CELLS[0], CELLS[1] | {"collapsed": True}]
    json.dumps(marked)


def test_a_text_is_there_once_however_many_cells_there_are():
    assert json.dumps(pack(), allow_nan=False).count("text 5") == 1


def test_what_is_not_known_is_null_and_whole_numbers_have_no_point():
    shown = pack()["examples"]
    assert shown["ease"] == [61.3, 61.3, None]
    assert shown["bin"] == [None] * 3
    assert shown["tokens"] == [2, 2, 2]
    assert shown["labels"] == [[0], [1], [1]]


def test_a_full_page_keeps_the_examples_that_are_pies_in_most_cells_and_says_so():
    packed = pack(limit=1)
    assert packed["examples"]["example_id"] == [5]
    assert packed["groups"] == [{"dataset": 0, "split": "test", "size": 1}]
    assert unpack(packed["cells"][1]["votes"]["test"]).tolist() == [2, 1]
    assert "1 of 3 examples" in packed["notice"]
    assert pack()["notice"] == ""


def test_earlier_splits_and_of_equals_earlier_examples_fill_the_page_first():
    chosen = browser.choose([np.array([0, 2, 2, 1]), np.array([5, 5])], 5)
    assert [rows.tolist() for rows in chosen] == [[0, 1, 2, 3], [0]]
    chosen = browser.choose([np.array([0, 2, 2, 1]), np.array([5, 5])], 2)
    assert [rows.tolist() for rows in chosen] == [[1, 2], []]


def test_examples_of_another_dataset_are_refused():
    other = [table.assign(example_id=[2, 7, 5]) for table in TABLES]
    with pytest.raises(ValueError, match="example_id"):
        pack(tables=other)


def test_an_unknown_flip_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        browser.codes(pd.Series(["positive", "sideways"]), tuple(FLIPS))


def test_votes_of_many_models_do_not_wrap_around():
    votes = pd.Series([np.array([300, 0])])
    assert unpack(browser.encode(browser.vote_matrix(votes, 300)), "<u2").tolist() == [300, 0]


def test_several_labels_pairs_and_bins_come_along():
    given = frame([2, 5], labels=[np.array([0, 2]), np.array([], int)])
    given["text_pair"] = ["other", None]
    bins = [
        pd.DataFrame({"example_id": [5, 2], "bin": [20, 1]}),
        pd.DataFrame({"example_id": [2, 5], "bin": [3, 20]}),
    ]
    shown = browser.columns(browser.join_examples(given, measures([2, 5]), bins))
    assert shown["labels"] == [[0, 2], []]
    assert shown["text_pair"] == ["other", None]
    assert shown["bin"] == [2, 20]


def test_the_same_votes_give_the_same_bytes():
    assert browser.encode(np.arange(9)) == browser.encode(np.arange(9))


def test_generated_answers_are_there_once_where_both_are_the_same_and_null_where_there_are_none():
    rows = [(2, "a red one", "a red one"), (7, "four", "five")]
    answers = pd.DataFrame(rows, columns=["example_id", "before", "after"])
    answers = answers.assign(**{name: CELLS[1][name] for name in browser.KEYS})
    groups = {("films", "test"): examples([2, 5, 7], [0, 1, 1])}
    packed = browser.pack(
        CARDS, groups, CELLS, lambda cell, split, columns: TABLES[cell][columns], 10, answers
    )
    assert packed["answers"] == [[], ["a red one", None, ["four", "five"]]]
    assert "answers" not in pack()


def test_the_answers_of_a_full_page_are_those_of_its_examples():
    answers = pd.DataFrame({"example_id": [2, 5], "before": ["a", "b"], "after": ["a", "c"]})
    answers = answers.assign(**{name: CELLS[0][name] for name in browser.KEYS})
    groups = {("films", "test"): examples([2, 5, 7], [0, 1, 1])}
    packed = browser.pack(
        CARDS, groups, CELLS, lambda cell, split, columns: TABLES[cell][columns], 1, answers
    )
    assert packed["answers"] == [[["b", "c"]], []]
