"""All factors of a split's texts that no model of the study is asked for."""

import numpy as np
import pandas as pd
import pytest

from pielab import files
from pielab.causes.texts import class_frequency, measure_splits, read_embeddings
from pielab.data.labels import texts_digest


def frame(texts, start, **labels):
    ids = [start + number for number in range(len(texts))]
    return pd.DataFrame({"example_id": ids, "text": texts, "text_pair": None} | labels)


def arrays(train, test):
    found = {"train": np.eye(4, dtype=np.float16)[train], "test": np.eye(4)[test]}
    return found | {"train_fragmented": np.zeros(len(train)), "test_fragmented": np.ones(len(test))}


@pytest.fixture
def frames():
    train = frame(["a b", "a", "never", "b 1"], 10, label=[0, 0, 0, 1])
    return {"train": train, "test": frame(["a", "new"], 90, label=[0, 1])}


def test_every_text_has_its_factors_and_the_ids_of_its_nearest_training_texts(frames):
    found = measure_splits(frames, 2, arrays([0, 0, 1, 2], [0, 2]))["test"]
    assert found["example_id"].tolist() == [90, 91]
    assert found["class_frequency"].tolist() == [3, 1]
    assert found["fragmented"].tolist() == [1, 1]
    assert [list(own) for own in found["nearest"]] == [[10, 11, 12], [13, 10, 11]]
    assert found["neighbours_other_label"].tolist() == [0.25, 0.75]


def test_without_embeddings_only_words_and_classes_tell(frames):
    found = measure_splits(frames, 2, None)
    assert "nearest" not in found["train"]
    assert found["train"]["negations"].tolist() == [0, 0, 100, 0]
    assert found["train"]["numbers"].tolist() == [0, 0, 0, 50]


def test_several_labels_and_no_training_texts_are_possible():
    labels = pd.Series([[0, 1], []])
    train, test = frame(["a", "b"], 0, labels=labels), frame(["a", "b"], 5, labels=labels)
    found = measure_splits({"train": train, "test": test}, 2, arrays([0, 1], [0, 1]))
    assert found["train"]["label_doubt"].isna().all()
    assert found["test"]["typicality"].isna().tolist() == [False, True]
    alone = measure_splits({"train": train.iloc[:0], "test": test}, 2, None)["test"]
    assert alone["class_frequency"].isna().all()
    assert alone["rare_words"].isna().all()


def test_of_several_labels_the_rarest_counts():
    training = np.array([[1, 0], [1, 1], [1, 0]], dtype=np.uint8)
    own = np.array([[1, 1], [1, 0], [0, 0]], dtype=np.uint8)
    found = class_frequency(own, training, 2)
    assert found[:2].tolist() == [1, 3]
    assert np.isnan(found[2])


def test_embeddings_of_other_texts_are_rejected(frames, tmp_path):
    path, own = tmp_path / "embeddings.safetensors", arrays([0, 0, 1, 2], [0, 2])
    files.write_arrays(path, own, {name: texts_digest(frame) for name, frame in frames.items()})
    assert read_embeddings(str(path), frames)["train"].tolist() == own["train"].tolist()
    for name, other in (("text", "another"), ("example_id", 7), ("text_pair", "and more")):
        changed = frames["test"].copy()
        changed.loc[1, name] = other
        with pytest.raises(ValueError, match=r"embeddings\.safetensors: embeddings of test texts"):
            read_embeddings(str(path), frames | {"test": changed})
    files.write_arrays(path, own)
    with pytest.raises(ValueError, match=r"train texts None; expected [0-9a-f]{8}"):
        read_embeddings(str(path), frames)
