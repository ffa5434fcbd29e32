"""Mean scores, and their distance from the published ones."""

import numpy as np
import pandas as pd

from pielab.analysis import effectiveness

UNITS = {"imp-ft": "percent", "rp-ai": "percent", "mp-ai": "percent", "int8": "bits"}
COLUMNS = ["dataset", "model", "method", "level", "seed", "score"]


def scores(*cells):
    rows = [(*cell, seed, one) for *cell, values in cells for seed, one in enumerate(values)]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_mean_std_and_best_of_each_sparsity():
    table = effectiveness.effectiveness_table(
        scores(
            ("imdb", "bert", "dense", 0, [0.9, 0.8]),
            ("imdb", "bert", "imp-ft", 50, [0.7, 0.7]),
            ("imdb", "bert", "rp-ai", 50, [0.6, 0.7]),
            ("imdb", "bert", "rp-ai", 90, [0.5]),
        ),
        UNITS,
    )
    np.testing.assert_allclose(table["mean"], [0.85, 0.7, 0.65, 0.5])
    np.testing.assert_allclose(table["std"], [0.1 / 2**0.5, 0, 0.1 / 2**0.5, np.nan])
    assert list(table["seeds"]) == [2, 2, 2, 1]
    assert list(table["best"]) == [False, True, False, True]


def test_eight_bits_and_eight_percent_are_not_one_level():
    table = effectiveness.effectiveness_table(
        scores(
            ("imdb", "bert", "int8", 8, [0.7]),
            ("imdb", "bert", "imp-ft", 8, [0.8]),
            ("imdb", "bert", "rp-ai", 8, [0.6]),
        ),
        UNITS,
    )
    assert list(table["best"]) == [True, True, False]


def test_difference_is_in_published_deviations_and_absent_cells_are_said_to_be_absent():
    ours = effectiveness.effectiveness_table(
        scores(
            ("imdb", "bert", "dense", 0, [0.9, 0.8]),
            ("imdb", "bert", "mp-ai", 50, [0.6, 0.6]),
            ("films", "bert", "dense", 0, [0.9]),
        ),
        UNITS,
    )
    published = pd.DataFrame(
        [
            ("imdb", "bert", "dense", 0, 0.87, 0.01),
            ("imdb", "bert", "mp-ai", 50, 0.5, 0),
            ("imdb", "bert", "mp-ai", 99, 0.5, 0.1),
        ],
        columns=["dataset", "model", "method", "level", "mean", "std"],
    )
    table = effectiveness.compare_with_paper(ours, published, {"imdb": "imdb"})
    found = table.set_index(["dataset", "method", "level"])
    dense = found.loc[("imdb", "dense", 0)]
    np.testing.assert_allclose([dense["difference"], dense["difference_in_std"]], [-0.02, -2])
    equal = found.loc[("imdb", "mp-ai", 50)]
    np.testing.assert_allclose(equal["difference"], 0.1)
    assert np.isnan(equal["difference_in_std"])
    assert found["found"].to_dict() == {
        ("films", "dense", 0): "absent from the paper",
        ("imdb", "mp-ai", 99): "absent here",
        ("imdb", "dense", 0): "both",
        ("imdb", "mp-ai", 50): "both",
    }


def test_a_name_that_the_paper_has_too_is_no_match_but_what_the_config_says_is():
    cells = [(name, "bert", "dense", 0, [0.9]) for name in ("reuters", "mine", "mine2")]
    ours = effectiveness.effectiveness_table(scores(*cells), UNITS)
    published = pd.DataFrame(
        [("reuters", "bert", "dense", 0, 0.8, 0.1), ("imdb", "bert", "dense", 0, 0.7, 0.1)],
        columns=["dataset", "model", "method", "level", "mean", "std"],
    )
    names = {"mine": "reuters", "mine2": "reuters"}
    table = effectiveness.compare_with_paper(ours, published, names)
    assert list(table["dataset"]) == ["reuters", "imdb", "mine", "mine2"]
    assert list(table["found"]) == ["absent from the paper", "absent here", "both", "both"]
    np.testing.assert_allclose(table["difference"], [np.nan, np.nan, 0.1, 0.1])
    assert "published_as" not in table


def test_without_a_dataset_of_the_paper_nothing_is_compared():
    ours = effectiveness.effectiveness_table(scores(("imdb", "bert", "dense", 0, [0.9])), UNITS)
    published = ours.assign(std=0.1)[["dataset", "model", "method", "level", "mean", "std"]]
    table = effectiveness.compare_with_paper(ours, published, {})
    assert sorted(table["found"]) == ["absent from the paper", "absent here"]
    assert table["difference"].isna().all()
