import numpy as np
import pandas as pd

from pielab.pages import reasons


def table(texts=100, **columns):
    plain = {"example_id": np.arange(texts), "rare_words": np.linspace(0.1, 0.3, texts)}
    return pd.DataFrame(plain | columns)


def lines(factors, labels=None, training=None, doubted=None):
    complexity = pd.DataFrame({"tokens": np.full(len(factors), 20.0)})
    labels = labels or ["sport"] * len(factors)
    training = (
        pd.Series({7: "business", 8: "business", 9: "sport"}) if training is None else training
    )
    return reasons.of_texts(factors, complexity, labels, training, doubted or {})["why"].tolist()


def test_a_text_among_others_of_another_class_is_said_to_be():
    near = [[7, 8, 7], [7, 9, 8], [9, 9, 9], *[[9, 9, 9]] * 97]
    share = np.array([0.9, 0.6, 0.1, *[0.0] * 97])
    found = lines(table(nearest=near, neighbours_other_label=share, rare_words=0.2))
    assert found[0].startswith("nearest training texts are business")
    assert found[1].startswith("60 % of the nearest training texts have another label")
    assert "nearest" not in found[2]


def test_who_doubts_the_label_is_counted():
    shares = np.array([7 / 9, 4 / 9, *[0.0] * 98])
    found = lines(table(rare_words=0.2), doubted={"minilm": (shares, 9)})
    assert found[0] == "label doubted by 7 of 9 models (minilm)"
    assert found[1] == "not unusual in what is measured"


def test_the_most_unusual_factors_are_named():
    found = lines(table())
    assert found[-1] == "share of rare words: more than 99.9 % of texts"
    assert found[0] == "share of rare words: less than 99 % of texts"
    assert found[50] == "not unusual in what is measured"


def test_near_training_texts_are_told_by_their_rows_and_cut():
    training = pd.DataFrame({"text": ["a" * 300, "b", "c"], "text_pair": [None, "d", None]})
    labels = pd.Series(["x", "y", "z"], index=["p", "q", "r"])
    near = reasons.near_rows(table(2, nearest=[["q", "p"], ["p"]]), labels)
    assert near == [[1, 0], [0]]
    assert reasons.training_texts([1, 0, 0], training, labels) == {
        "0": ["x", "a" * 200 + "…"],
        "1": ["y", "b | d"],
    }


def test_without_embeddings_nothing_is_near():
    assert reasons.near_rows(table(2), pd.Series(dtype=object)) == [[], []]


def test_factors_are_beside_their_medians_by_group():
    tables = {"a/test": table(3), "b/test": table(3, numbers=[1.0, 2.0, np.nan])}
    found = reasons.described(tables)
    assert [one["name"] for one in found] == ["share of rare words", "numbers"]
    assert found[1] == {"column": "factor_numbers", "name": "numbers", "medians": {"b/test": 1.5}}
    shown = reasons.columns(tables["b/test"].assign(why="x", numbers=[1.23456, 2, np.nan]))
    assert shown["factor_numbers"].iloc[0] == 1.23
    assert "example_id" not in shown
