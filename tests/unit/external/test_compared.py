import hashlib
import json

import numpy as np
import pytest
from scipy.special import logit

from pielab import files
from pielab.external.compared import count_tied, differences, of_dataset, read_external
from pielab.external.model_names import of_file

LOGITS = np.array([[[0.5, -1.0], [2.0, 0.0]], [[0.25, 1.0], [3.0, -0.0]]], np.float32)


def group(folder, name, logits=LOGITS[:1], facts=None, is_rerun=False, **header):
    """Write the predictions of a group as jobs leave them, and read them for a comparison."""
    path = folder / f"{name}.safetensors"
    if facts:
        header["models"] = json.dumps([facts] * len(logits))
    header["names"] = json.dumps([f"seed{number + 1}" for number in range(len(logits))])
    files.write_arrays(path, {"logits": logits}, {"scores": "logits"} | header)
    return read_external(name, is_rerun, [str(path)])


def said(*groups, are_reruns=False):
    return [(place, kind, words) for place, kind, words in differences(groups, are_reruns)]


def test_scores_that_equal_those_of_the_baseline_are_said_once(tmp_path):
    zeros = np.where(LOGITS == 0, -LOGITS, LOGITS)  # 0.0 and -0.0 are the same number
    found = said(group(tmp_path, "dense"), group(tmp_path, "int8", zeros[:1]))
    words = "int8 has all scores equal to the last digit to those of dense: is it the same model?"
    assert found == [(1, "equal scores", words)]


def test_scores_that_differ_in_the_last_digit_are_not_equal(tmp_path):
    other = LOGITS.copy()
    other[0, 1, 1] = np.nextafter(np.float32(0), np.float32(1))
    assert said(group(tmp_path, "dense"), group(tmp_path, "int8", other[:1])) == []


def test_one_of_several_models_that_is_a_copy_is_named(tmp_path):
    other = np.stack([LOGITS[0], LOGITS[1] + 1])
    (found,) = said(group(tmp_path, "dense", LOGITS), group(tmp_path, "int8", other))
    assert found[2].startswith("1 of 2 models of int8 (seed1) have all scores equal to the last")


def test_methods_and_seeds_with_equal_scores_are_found_too(tmp_path):
    dense = group(tmp_path, "dense", LOGITS + 5)
    int8, int4 = group(tmp_path, "int8", LOGITS), group(tmp_path, "int4", LOGITS)
    assert [place for place, kind, _ in said(dense, int8, int4)] == [1, 2]
    twice = group(tmp_path, "twice", np.stack([LOGITS[0] + 2] * 2))
    words = "twice have all scores equal to the last digit: are they the same model?"
    assert said(dense, twice) == [(1, "equal scores", words)]
    assert said(dense, twice, are_reruns=True) == []


def test_a_rerun_may_have_the_same_scores(tmp_path):
    assert said(group(tmp_path, "dense"), group(tmp_path, "again", is_rerun=True)) == []


def test_equal_labels_are_a_note_since_good_models_may_have_them(tmp_path):
    dense = group(tmp_path, "dense", scores="labels")
    words = "int8 has all labels equal to those of dense: is it the same model?"
    assert said(dense, group(tmp_path, "int8", scores="labels")) == [(1, "note", words)]


FACTS = {"tokenizer": "aaa", "tokens": "t1", "token_limit": "512", "truncated": "0"}
FACTS |= {"label_order": "bad, good", "precision": "float32"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"token_limit": "16", "truncated": "2"},
            "int8 reads 16 tokens of a text and dense 512: int8 cuts 2 of 2 texts, dense 0",
        ),
        (
            {"tokenizer": "bbb", "tokens": "t2"},
            "the tokenizers differ: int8 (bbb) gives other tokens for the same texts than dense "
            "(aaa)",
        ),
        (
            {"label_order": "good, bad"},
            "the labels' order differs: good, bad for int8, bad, good for dense",
        ),
    ],
)
def test_models_that_read_their_texts_in_different_ways_are_told_apart(tmp_path, changes, words):
    dense = group(tmp_path, "dense", facts=FACTS)
    other = group(tmp_path, "int8", LOGITS[1:], facts=FACTS | {"precision": "int8"} | changes)
    assert said(dense, other) == [(1, "input", words)]


@pytest.mark.parametrize("changes", [{}, {"precision": "int8"}, {"tokenizer": "other files"}])
def test_models_that_differ_in_their_precision_alone_need_no_words(tmp_path, changes):
    dense = group(tmp_path, "dense", facts=FACTS)
    assert said(dense, group(tmp_path, "int8", LOGITS[1:], facts=FACTS | changes)) == []


def test_what_is_not_known_of_one_group_is_no_difference(tmp_path):
    dense = group(tmp_path, "dense", facts=FACTS)
    assert said(dense, group(tmp_path, "int8", LOGITS[1:])) == []


def test_notes_on_files_are_handed_on(tmp_path):
    dense = group(tmp_path, "dense", notes=json.dumps(["a.csv: 3 of 9 are odd"]))
    assert said(dense) == [(0, "note", "a.csv: 3 of 9 are odd")]


def test_a_file_has_its_own_digest_and_a_folder_that_of_all_its_files():
    content = {"m/a": "11", "m/b": "22", "m.onnx": "33", "n.csv": "44", "mm/c": "55"}
    both = hashlib.sha256(b"11\n22").hexdigest()
    assert of_file("m", content) == {"file": "m", "digest": both}
    assert of_file("n.csv", content) == {"file": "n.csv", "digest": "44"}
    assert of_file("m.onnx", content)["digest"] == "33"
    assert of_file("unknown", content)["digest"] == ""


def test_texts_whose_two_largest_scores_are_equal_are_counted_by_model():
    models = [[[1, 1, 0], [0, 2, 2], [3, 1, 1]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]
    assert count_tied(np.array(models, np.float32), False, None) == [2, 0]


def test_of_a_threshold_scores_that_lie_on_it_are_counted():
    shares = np.array([[0.2, 0.8], [0.5, 0.5], [0.21, 0.79]])
    assert count_tied(np.log(shares)[None].astype(np.float32), False, 0.8) == [1]
    assert count_tied(logit(shares)[None].astype(np.float32), True, None) == [1]
    assert count_tied(logit(shares)[None].astype(np.float32), True, 0.2) == [1]


def test_ties_that_may_matter_are_a_note(tmp_path):
    logits = np.array([[[0.5, 0.25]] * 199 + [[0.5, 0.5]]], np.float32)
    rounded = group(tmp_path, "int8", logits)
    assert rounded.facts[0]["tied"] == "1"
    (found,) = said(rounded)
    assert found[1] == "note"
    assert "int8: for 1 of 200 texts two scores are equal" in found[2]
    assert said(group(tmp_path, "more", np.concatenate([logits, logits[:, :-1]], axis=1))) == []


def test_labels_have_no_ties(tmp_path):
    own = group(tmp_path, "dense", np.array([[[-1, -1, 1]]], np.float32), scores="labels")
    assert "tied" not in own.facts[0]
    assert said(own) == []


def test_what_is_odd_in_a_dataset_is_said_and_rows_that_are_left_out_are_counted():
    card = {"dataset": "d", "counts": {"train": {"examples": 0}, "test": {"examples": 80}}}
    assert of_dataset(card) == of_dataset(card | {"left_out": 0}) == []
    assert of_dataset(card | {"left_out": 20, "warnings": ["class 'nan' is odd"]}) == [
        "d: class 'nan' is odd",
        "d: 20 of the 100 rows of its source are left out, as the keys of datasets.d ask for",
    ]
