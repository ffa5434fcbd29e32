"""Tables of predictions: labels, probabilities and logits, in every form that is read."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pielab import files
from pielab.external.probabilities import LEAST
from pielab.external.tables import read_answers

CLASSES = ["no", "yes"]
SETTINGS = {
    "scores": "probabilities",
    "columns": {
        "id": "id",
        "seed": "seed",
        "draw": "draw",
        "label": "prediction",
        "scores": "{class}",
    },
    "multi_label": False,
    "label_separator": "|",
}


def read(path, **changed):
    return read_answers(str(path), CLASSES, SETTINGS | changed)


def test_a_csv_file_of_probabilities_is_read_as_their_logarithms(tmp_path):
    (tmp_path / "p.csv").write_text("id,seed,no,yes\na,0,0.25,0.75\n b ,0,1,0\n")
    found = read(tmp_path / "p.csv")
    assert found.ids == ["a", "b"]
    assert found.models == ["0", "0"]
    expected = [[math.log(0.25), math.log(0.75)], [0, math.log(LEAST)]]
    np.testing.assert_allclose(found.logits, expected, rtol=1e-6)


@pytest.mark.parametrize("twice", ["id", "seed", "draw", "no"])
def test_a_column_that_occurs_twice_is_refused_with_the_file(tmp_path, twice):
    path = tmp_path / "p.csv"
    path.write_text(f"id,seed,draw,no,yes,{twice}\na,0,0,0.25,0.75,0\nb,0,0,1,0,0\n")
    with pytest.raises(ValueError, match=rf"p.csv: column '{twice}' .* occurs 2 times"):
        read(path)


def test_logits_are_as_they_stand_and_columns_as_they_are_named(tmp_path):
    frame = pd.DataFrame({"key": ["a"], "logit_yes": [2.5], "logit_no": [-1.0]})
    frame.to_parquet(tmp_path / "p.parquet")
    columns = SETTINGS["columns"] | {"id": "key", "scores": "logit_{class}"}
    found = read(tmp_path / "p.parquet", columns=columns, scores="logits")
    assert found.logits.tolist() == [[-1.0, 2.5]]
    assert found.models == [""]


def test_labels_say_which_class_and_no_more(tmp_path):
    lines = [{"id": 1, "prediction": "yes"}, {"id": 2.0, "prediction": "no"}]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = read(tmp_path / "p.jsonl", scores="labels")
    assert found.ids == ["1", "2"]
    assert found.logits.tolist() == [[-1, 1], [1, -1]]


def test_several_labels_are_split_and_may_be_none(tmp_path):
    (tmp_path / "p.csv").write_text("id,prediction\n1,no|yes\n2,\n")
    found = read(tmp_path / "p.csv", scores="labels", multi_label=True)
    assert found.logits.tolist() == [[1, 1], [-1, -1]]


def test_several_probabilities_need_not_add_up_to_one(tmp_path):
    (tmp_path / "p.csv").write_text("id,no,yes\n1,0.9,0.9\n")
    found = read(tmp_path / "p.csv", multi_label=True)
    np.testing.assert_allclose(found.logits, [[math.log(9)] * 2], rtol=1e-6)


def test_models_are_told_apart_by_seed_and_draw(tmp_path):
    (tmp_path / "p.csv").write_text("id,seed,draw,no,yes\n1,0,1,1,0\n1,0,0,0,1\n")
    assert read(tmp_path / "p.csv").models == ["0/1", "0/0"]


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_arrays_of_models_are_read(suffix, tmp_path):
    arrays = {"ids": np.array([7, 8]), "logits": np.arange(8, dtype=np.float32).reshape(2, 2, 2)}
    path = tmp_path / f"p{suffix}"
    np.savez(path, **arrays) if suffix == ".npz" else files.write_arrays(path, arrays)
    found = read(path, scores="logits")
    assert found.ids == ["7", "8", "7", "8"]
    assert found.models == ["0", "0", "1", "1"]
    assert found.logits.tolist() == np.arange(8).reshape(4, 2).tolist()


def test_arrays_of_labels_are_read(tmp_path):
    np.savez(tmp_path / "p.npz", ids=np.array(["a", "b"]), labels=np.array(["yes", "no"]))
    assert read(tmp_path / "p.npz", scores="labels").logits.tolist() == [[-1, 1], [1, -1]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,no,yes\na,0.5,x\n", "row 0 (from 0): 'x'; expected a number"),
        (
            "id,no,yes\na,0.5,0.9\n",
            "row 0 (from 0): probabilities that add up to 1.4, more than rounding",
        ),
        ("id,no,yes\na,-3,4\n", "row 0 (from 0): -3; expected a probability from 0 to 1"),
        ("id,no,yes\na,nan,1\n", "row 0 (from 0): nan; expected a probability"),
        ("id,no\na,1\n", "column 'yes' (predictions.columns.scores) occurs 0 times"),
        ("no,yes\n1,0\n", "column 'id' (predictions.columns.id) occurs 0 times"),
        ("id,id,no,yes\n1,1,1,0\n", "column 'id' (predictions.columns.id) occurs 2 times"),
        ("id,no,yes\n,1,0\n", "row 0 (from 0): an id or seed that is empty"),
        ("", "0 bytes"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row(text, reason, tmp_path):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(ValueError) as error:
        read(tmp_path / "p.csv")
    assert str(error.value).startswith(str(tmp_path / "p.csv"))
    assert reason in str(error.value)


def test_arrays_that_hold_objects_are_refused(tmp_path):
    np.savez(tmp_path / "p.npz", ids=np.array([{"a": 1}], dtype=object), labels=np.zeros(1))
    with pytest.raises(ValueError, match="without objects"):
        read(tmp_path / "p.npz", scores="labels")


def test_arrays_of_other_shapes_are_refused(tmp_path):
    np.savez(tmp_path / "p.npz", ids=np.arange(3), logits=np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"logits \(2, 2\); expected \(models, 3 examples, 2 cl"):
        read(tmp_path / "p.npz", scores="logits")


ANY = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
SUFFIXES = st.sampled_from([".csv", ".jsonl", ".parquet", ".npz", ".safetensors"])
HEADS = st.sampled_from(
    [b"", b"id,no,yes\n", b'{"id": 1}\n', b"PK\x03\x04", b"PAR1", b"\x10\0\0\0"]
)


MANY = settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])


def reason(path, **changed):
    """Return why a file is refused, nothing if it is read."""
    try:
        found = read(path, **changed)
    except ValueError as error:
        return str(error)
    assert len(found.ids) == len(found.models) == len(found.logits)
    return None


@MANY
@given(head=HEADS, body=st.binary(max_size=200), suffix=SUFFIXES)
def test_no_bytes_whatever_make_anything_but_a_reason(tmp_path, head, body, suffix):
    path = tmp_path / f"p{suffix}"
    path.write_bytes(head + body)
    assert str(path) in (reason(path) or str(path))


@pytest.mark.slow
@MANY
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(["id", "no", "yes", "seed", "prediction"]), ANY)),
    scores=st.sampled_from(["labels", "probabilities", "logits"]),
)
def test_no_rows_whatever_make_anything_but_a_reason(tmp_path, rows, scores):
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    assert str(path) in (reason(path, scores=scores) or str(path))


ARRAYS = st.sampled_from([np.float64, np.int64, np.dtype("U3"), np.bool_])


@pytest.mark.slow
@MANY
@given(
    ids=st.lists(st.integers(0, 3), max_size=3),
    shape=st.lists(st.integers(0, 3), max_size=4),
    kind=ARRAYS,
    other=ARRAYS,
    scores=st.sampled_from(["labels", "probabilities", "logits"]),
)
def test_no_arrays_whatever_make_anything_but_a_reason(tmp_path, ids, shape, kind, other, scores):
    path = tmp_path / "p.npz"
    np.savez(path, **{"ids": np.ones(ids, kind), scores: np.ones(shape, other)})
    assert str(path) in (reason(path, scores=scores) or str(path))


@pytest.mark.parametrize(("pattern", "column"), [("{class}", "other"), ("p_{class}", "p_other")])
def test_scores_of_a_class_that_the_dataset_lacks_are_refused_by_name(tmp_path, pattern, column):
    named = [pattern.replace("{class}", name) for name in CLASSES]
    (tmp_path / "p.csv").write_text(f"id,{','.join(named)},{column}\na,1,0,0\n")
    with pytest.raises(
        ValueError, match=rf"p\.csv: score columns '{column}'.*datasets\.X\.classes"
    ):
        read(tmp_path / "p.csv", columns=SETTINGS["columns"] | {"scores": pattern}, scores="logits")


def test_columns_that_are_no_scores_may_stand_beside_them(tmp_path):
    (tmp_path / "p.csv").write_text("id,p_no,p_yes,text,prediction\na,0.25,0.75,hello,yes\n")
    columns = SETTINGS["columns"] | {"scores": "p_{class}"}
    assert read(tmp_path / "p.csv", columns=columns).logits.shape == (1, 2)


@pytest.mark.parametrize(
    "array",
    [[[-1, 1], [-1, -1]], [[0.2, 0.9], [0, 1]], [["0", "1"], ["0", "0"]], [[2, 0], [0, 1]]],
)
def test_labels_of_several_classes_are_zeros_and_ones_and_nothing_else(tmp_path, array):
    np.savez(tmp_path / "p.npz", ids=np.array(["a", "b"]), labels=np.array(array))
    with pytest.raises(ValueError, match=r"p\.npz: labels with .*; expected 0 or 1"):
        read(tmp_path / "p.npz", scores="labels", multi_label=True)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_labels_of_several_classes_may_have_any_type(tmp_path, dtype):
    np.savez(tmp_path / "p.npz", ids=np.array(["a"]), labels=np.array([[0, 1]], dtype))
    found = read(tmp_path / "p.npz", scores="labels", multi_label=True)
    assert found.logits.tolist() == [[-1, 1]]


def test_a_row_that_ends_early_is_refused_and_an_empty_field_is_not(tmp_path):
    (tmp_path / "p.csv").write_text("id,prediction\na,yes\nb")
    with pytest.raises(
        ValueError, match=r"p\.csv.*row 1 \(from 0\): it ends before .*'prediction'"
    ):
        read(tmp_path / "p.csv", scores="labels", multi_label=True)
    (tmp_path / "p.csv").write_text("id,prediction\na,yes\nb,\n")
    found = read(tmp_path / "p.csv", scores="labels", multi_label=True)
    assert found.logits.tolist() == [[-1, 1], [-1, -1]]


MAPPED = {"no": "NEGATIVE", "yes": "POSITIVE"}


@pytest.mark.parametrize("names", ["NEGATIVE,POSITIVE", "no,yes"])
def test_score_columns_are_found_by_what_the_config_says_classes_are_called(tmp_path, names):
    (tmp_path / "p.csv").write_text(f"id,{names}\na,0.25,0.75\n")
    found = read(tmp_path / "p.csv", labels=MAPPED)
    np.testing.assert_allclose(found.logits, [[math.log(0.25), math.log(0.75)]], rtol=1e-6)


@pytest.mark.parametrize("names", [("POSITIVE", "NEGATIVE"), ("yes", "no")])
def test_labels_are_found_by_what_the_config_says_classes_are_called(tmp_path, names):
    (tmp_path / "p.csv").write_text("id,prediction\na,{}\nb,{}\n".format(*names))
    found = read(tmp_path / "p.csv", scores="labels", labels=MAPPED)
    assert found.logits.tolist() == [[-1, 1], [1, -1]]


def test_labels_that_are_no_class_are_refused_with_the_key_that_maps_them(tmp_path):
    (tmp_path / "p.csv").write_text("id,prediction\na,1\n")
    with pytest.raises(ValueError, match=r"label '1'; .*predictions\.labels maps"):
        read(tmp_path / "p.csv", scores="labels")


@pytest.mark.parametrize(("said", "classes"), [("0.0", ["0", "1"]), ("0", ["0.0", "1.0"])])
def test_labels_fit_as_numbers_do(tmp_path, said, classes):
    (tmp_path / "p.csv").write_text(f"id,prediction\na,{said}\n")
    found = read_answers(str(tmp_path / "p.csv"), classes, SETTINGS | {"scores": "labels"})
    assert found.logits.tolist() == [[1, -1]]
    (tmp_path / "q.csv").write_text(f"id,p_1,p_{said}\na,0.25,0.75\n")
    columns = SETTINGS["columns"] | {"scores": "p_{class}"}
    if said == "0.0":
        found = read_answers(str(tmp_path / "q.csv"), classes, SETTINGS | {"columns": columns})
        assert found.logits.argmax() == 0


def test_columns_of_arrays_are_in_the_order_of_the_classes_or_as_a_mapping_says(tmp_path):
    np.savez(tmp_path / "p.npz", ids=np.array(["a"]), logits=np.array([[1.0, 2.0]]))
    found = read(tmp_path / "p.npz", scores="logits")
    assert (found.logits.tolist(), found.columns) == ([[1, 2]], (0, 1))
    found = read(tmp_path / "p.npz", scores="logits", labels={"no": "LABEL_1", "yes": "LABEL_0"})
    assert (found.logits.tolist(), found.columns) == ([[2, 1]], None)


def test_seeds_that_are_the_same_number_are_the_same_model(tmp_path):
    (tmp_path / "p.csv").write_text("id,seed,draw,no,yes\na,1.0,02,1,0\nb,1,02,0,1\n")
    assert read(tmp_path / "p.csv").models == ["1/02", "1/02"]


@pytest.mark.parametrize("key", ["id", "seed", "draw"])
def test_a_score_whose_column_has_another_meaning_is_refused(tmp_path, key):
    (tmp_path / "p.csv").write_text("id,seed,draw,yes\n0.5,0.5,0.5,0.5\n")
    with pytest.raises(ValueError, match=rf"the column '{key}' is a class's score and .*\.{key}"):
        read_answers(str(tmp_path / "p.csv"), [key, "yes"], SETTINGS)


def test_complex_numbers_are_no_scores(tmp_path):
    np.savez(tmp_path / "p.npz", ids=np.arange(1), logits=np.array([[1j, 2]]))
    with pytest.raises(ValueError, match=r"p\.npz: complex128; expected real numbers"):
        read(tmp_path / "p.npz", scores="logits")


@pytest.mark.parametrize("kind", ["?", "M8[s]", "m8[s]"])
def test_arrays_of_true_and_false_and_of_times_are_no_scores(tmp_path, kind):
    np.savez(tmp_path / "p.npz", ids=np.arange(1), logits=np.zeros((1, 2), kind))
    with pytest.raises(ValueError, match=r"p\.npz: (bool|.*64\[s\]); expected real numbers"):
        read(tmp_path / "p.npz", scores="logits")


@pytest.mark.parametrize("value", ["true", '"1_000"', '"0_1.5"', "[0.5]", '{"a": 1}', '"0x1"'])
def test_what_python_alone_reads_as_a_number_is_no_score(tmp_path, value):
    (tmp_path / "p.jsonl").write_text(f'{{"id": "a", "no": {value}, "yes": 0.5}}\n')
    with pytest.raises(ValueError, match=r"p\.jsonl, row 0 \(from 0\): .*expected a number"):
        read(tmp_path / "p.jsonl")


def test_a_column_beside_the_scores_may_occur_twice_and_numbers_in_it_are_refused(tmp_path):
    (tmp_path / "p.csv").write_text("id,no,yes,note,note\na,0.25,0.75,good,bad\n")
    assert read(tmp_path / "p.csv").ids == ["a"]
    (tmp_path / "q.csv").write_text("id,no,yes,maybe,maybe\na,0.25,0.5,0.25,0.25\n")
    with pytest.raises(ValueError, match="score columns 'maybe', 'maybe' for no class"):
        read(tmp_path / "q.csv")
