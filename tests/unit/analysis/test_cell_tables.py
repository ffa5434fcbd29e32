import numpy as np
import pandas as pd
import pytest

from pielab.analysis.cell_tables import adjust_cells, exceeds_noise_floor, mark


def test_a_cell_is_surely_above_seeds_if_both_test_and_interval_say_so():
    cells = pd.DataFrame(
        {"q": [0.01, 0.01, 0.2, 0.05, None], "excess_low": [3.0, -3.5, 3.0, 0.1, 1.0]}
    )
    assert list(exceeds_noise_floor(cells)) == [True, False, False, True, False]


def test_a_table_of_cells_is_marked_by_the_test_split():
    keys = {"dataset": "d", "model": "m", "method": "x", "baseline": "dense", "primary": True}
    keys |= {"is_compressed": True}
    cells = pd.DataFrame(
        [
            keys | {"level": level, "split": split, "collapsed": level == 99 and split == "test"}
            for level in (50.0, 99.0)
            for split in ("train", "test")
        ]
    )
    names = {
        name: value for name, value in keys.items() if name not in ("primary", "is_compressed")
    }
    table = pd.DataFrame([names | {"level": level, "value": 1} for level in (99.0, 50.0)])
    marked = mark(table, cells)
    assert list(marked)[5:] == ["is_compressed", "primary", "collapsed", "value"]
    assert marked["collapsed"].tolist() == [True, False]


def test_q_values_are_adjusted_over_the_cells_of_a_split_and_what_is_unknown_stays_so():
    cells = pd.DataFrame(
        {"split": ["a", "a", "a", "b"], "p": [0.01, 0.04, np.nan, 0.04], "end": [0] * 4}
    )
    table = adjust_cells(cells)
    assert list(table) == ["split", "p", "q", "end"]
    assert table["q"].fillna(-1).tolist() == pytest.approx([0.02, 0.04, -1, 0.04])
