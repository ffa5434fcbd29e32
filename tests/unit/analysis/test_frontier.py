import numpy as np
import pandas as pd
import pytest

from pielab.analysis import frontier

KEYS = {"dataset": "d", "model": "m", "level": 50.0, "baseline": "dense"}


def cells(*methods):
    return [KEYS | {"method": name, "bytes": 30, "dense_bytes": 120} for name in methods]


def pies(*methods):
    taken = dict.fromkeys(frontier.TAKEN, 1.0) | {"score_compressed": 0.7, "score_baseline": 0.8}
    rows = [KEYS | taken | {"method": name, "split": s} for name in methods
            for s in ("train", "test")]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_negative_flip_is_a_methods_own_if_no_other_has_it_and_shared_if_all_have():
    flips = [np.array(own, dtype=bool) for own in ([1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 1])]
    table = frontier.frontier(cells("a", "b", "c"), flips, pies("a", "b", "c"))
    assert table["own_negative_flips"].tolist() == [1, 0, 1]
    assert table["shared_negative_flips"].tolist() == [1, 1, 1]


def test_levels_of_one_method_are_one_method():
    two = [*cells("a"), cells("a")[0] | {"level": 90.0}, *cells("b")]
    flips = [np.array(own, dtype=bool) for own in ([1, 1, 0], [0, 1, 1], [0, 0, 1])]
    both = pd.concat([pies("a", "b"), pies("a").assign(level=90.0)])
    table = frontier.frontier(two, flips, both)
    assert table["own_negative_flips"].tolist() == [2, 1, 0]
    assert table["shared_negative_flips"].tolist() == [0, 1, 1]


def test_size_and_score_are_relative_to_the_dense_models():
    table = frontier.frontier(cells("a"), [np.zeros(3, dtype=bool)], pies("a"))
    assert table["size_share"].tolist() == [0.25]
    assert table["score_change"].tolist() == [pytest.approx(-0.1)]
    assert table[["own_negative_flips", "shared_negative_flips"]].isna().all(axis=None)


def test_a_study_without_a_comparison_with_dense_models_has_an_empty_table():
    table = frontier.frontier([], [], pies("a"))
    assert table.empty
    assert {"size_share", "own_negative_flips"} <= set(table)


def test_sizes_of_models_that_are_elsewhere_are_not_known():
    unknown = [cells("a")[0] | {"bytes": np.nan, "dense_bytes": np.nan}]
    table = frontier.frontier(unknown, [np.zeros(3, dtype=bool)], pies("a"))
    assert table["size_share"].isna().all()
    assert table["score_change"].tolist() == [pytest.approx(-0.1)]
