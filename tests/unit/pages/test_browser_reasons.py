"""What the browser's page holds of why a text is unusual, from files of a made-up study."""

import json

import pandas as pd
import pytest

import build_browser
from pielab import files
from pielab.pages import browser

CLASSES = {"films": ["bad", "good"]}


@pytest.fixture
def given(tmp_path):
    def write(name, table):
        files.write_frame(tmp_path / f"{name}.parquet", pd.DataFrame(table))
        return tmp_path / f"{name}.parquet"

    texts = {"example_id": [3, 5], "text": ["one", "two"], "text_pair": None, "label": [0, 1]}
    training = {"example_id": [7, 8, 9], "text": ["x", "y", "z"], "text_pair": None}
    factors = {"example_id": [3, 5], "rare_words": [0.1, 0.3], "nearest": [[9, 7], [9, 9]]}
    measures = {"example_id": [3, 5], "tokens": [1, 1], "flesch_reading_ease": [60.0, 70.0]}
    key = ("films", "test")
    return build_browser.Given(
        data={key: write("data", texts)},
        complexity={key: write("complexity", measures)},
        factors={key: write("factors", factors)},
        influence={},
        doubts={("films", "bert"): write("doubts", {"doubted": [0.0, 1.0]})},
        training={"films": write("train", training | {"label": [0, 0, 1]})},
        seeds={("films", "bert"): 9},
    )


def test_a_text_has_its_line_its_factors_and_its_nearest_training_texts(given):
    groups, told = build_browser.read_groups(given, CLASSES)
    rows = groups["films", "test"]
    assert rows["near"].tolist() == [[2, 0], [2, 2]]
    assert "label doubted by 9 of 9 models (bert)" in rows["why"].iloc[1]
    assert "doubted" not in rows["why"].iloc[0]
    assert rows["factor_rare_words"].tolist() == [0.1, 0.3]
    (rare,) = (one for one in told["factors"] if one["column"] == "factor_rare_words")
    assert rare["medians"] == {"films/test": 0.2}


def test_the_page_holds_only_the_training_texts_that_are_near_a_text_on_it(given):
    groups, told = build_browser.read_groups(given, CLASSES)
    card = {"classes": CLASSES["films"], "task": "single-label"}
    packed = browser.pack({"films": card}, groups, [], lambda *_: None, limit=1)
    assert packed["examples"]["near"] == [[2, 0]]
    full = build_browser.with_training(packed, told["training"])
    assert full["training"] == {"films": {"0": ["bad", "x"], "2": ["good", "z"]}}
    json.dumps(full, allow_nan=False)
