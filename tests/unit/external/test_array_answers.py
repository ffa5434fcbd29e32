"""Arrays of predictions: nothing that they hold is left out without a word."""

import numpy as np
import pytest

from pielab.external.tables import read_answers

COLUMNS = {"id": "id", "seed": "seed", "draw": "draw", "label": "prediction", "scores": "{class}"}
SETTINGS = {"scores": "logits", "columns": COLUMNS, "multi_label": False, "label_separator": "|"}
TWO = np.arange(8.0).reshape(2, 2, 2)  # models, examples, classes


def read(folder, scores="logits", columns=None, **arrays):
    np.savez(folder / "p.npz", **arrays)
    own = SETTINGS | {"scores": scores, "columns": COLUMNS | (columns or {})}
    return read_answers(str(folder / "p.npz"), ["no", "yes"], own)


@pytest.mark.parametrize("kind", [np.int64, np.float32, "U3", "S3"])
@pytest.mark.parametrize("key", ["seed", "seeds"])
def test_models_have_the_names_of_an_array_of_seeds(tmp_path, kind, key):
    values = np.array([7, 3]).astype(kind)
    found = read(tmp_path, ids=np.arange(2), logits=TWO, **{key: values})
    assert [name.removesuffix(".0") for name in found.models] == ["7", "7", "3", "3"]
    assert found.notes == ()


def test_seeds_and_draws_name_models_together_and_the_config_says_what_they_are_called(tmp_path):
    arrays = {
        "ids": np.arange(2),
        "logits": TWO,
        "run": np.array([1, 1]),
        "draws": np.array([4, 5]),
    }
    found = read(tmp_path, columns={"seed": "run"}, **arrays)
    assert found.models == ["1/4", "1/4", "1/5", "1/5"]


def test_a_single_model_may_have_a_name_too(tmp_path):
    found = read(tmp_path, ids=np.arange(2), logits=TWO[0], seed=np.array(9))
    assert found.models == ["9", "9"]


def test_as_many_seeds_as_models_are_expected(tmp_path):
    with pytest.raises(ValueError, match=r"seeds \(3,\); expected one value for each of 2 models"):
        read(tmp_path, ids=np.arange(2), logits=TWO, seeds=np.arange(3))


@pytest.mark.parametrize("names", [["yes", "no"], [b"yes", b"no"]])
def test_an_array_of_classes_names_the_columns(tmp_path, names):
    found = read(tmp_path, ids=np.arange(2), logits=TWO[0], classes=np.array(names))
    assert found.logits.tolist() == [[1, 0], [3, 2]]
    assert found.columns is None
    assert found.notes == ()


def test_an_array_of_other_classes_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"'classes' has no, maybe; expected each of the classes"):
        read(tmp_path, ids=np.arange(2), logits=TWO[0], classes=np.array(["no", "maybe"]))


def test_three_classes_in_any_order_get_their_own_columns(tmp_path):
    np.savez(
        tmp_path / "p.npz",
        ids=np.arange(1),
        logits=np.array([[1.0, 2.0, 3.0]]),
        classes=np.array(["c", "a", "b"]),
    )
    found = read_answers(str(tmp_path / "p.npz"), ["a", "b", "c"], SETTINGS)
    assert found.logits.tolist() == [[2, 3, 1]]


def test_other_arrays_are_named_in_a_note(tmp_path):
    arrays = {"labels": np.arange(2), "embeddings": np.zeros((2, 3))}
    (note,) = read(tmp_path, ids=np.arange(2), logits=TWO[0], **arrays).notes
    assert note.endswith(
        "p.npz: arrays that are not read: embeddings, labels (predictions.scores: logits)"
    )


def test_ids_may_be_bytes(tmp_path):
    assert read(tmp_path, ids=np.array([b"a", b"b"]), logits=TWO[0]).ids == ["a", "b"]
