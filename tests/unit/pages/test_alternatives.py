import pandas as pd

from helpers.result_tables import study
from pielab.analysis.cell_tables import with_levels
from pielab.figures.catalogue import FIGURES, Quantity
from pielab.pages.alternatives import extremes

CELLS = pd.DataFrame(
    {
        "dataset": "films",
        "model": ["bert", "bert", "bert", "bilstm"],
        "method": ["a", "b", "control", "a"],
        "level": [50.0, 99.0, 0.0, 50.0],
        "level_text": ["50 %", "99 %", "not compressed", "50 %"],
        "is_compressed": [True, True, False, True],
        "examples": 200,
        "pie_share": [0.05, 0.25, 0.9, 0.1],
        "negative_flips": [4, 20, 100, 8],
    }
)


def test_the_least_and_the_most_of_the_pruned_cells_are_said_with_their_cells():
    assert extremes("pie_share", {"pies": CELLS}) == (
        "PIEs, least and most: films, bert: 5.0 % (a at 50 %) to 25.0 % (b at 99 %); "
        "films, bilstm: 10.0 %."
    )


def test_counts_are_said_as_shares_of_the_examples():
    assert "2.0 % (a at 50 %) to 10.0 % (b at 99 %)" in extremes("flips", {"pies": CELLS})


def test_a_figure_without_its_table_or_without_values_says_nothing():
    assert extremes("pie_share", {}) == ""
    assert extremes("pie_share", {"pies": CELLS.assign(pie_share=float("nan"))}) == ""


def test_a_figure_that_shows_one_baseline_only_says_nothing_of_the_other():
    both = CELLS.assign(baseline="control", primary=True, excess=5)
    dense = both.assign(baseline="dense", primary=False, pie_share=0.6, excess=90)
    both = pd.concat([both, dense], ignore_index=True)
    assert "60" not in extremes("pie_share", {"pies": both})
    said = extremes("excess", {"pies": both})
    assert "2.5 % (a at 50 % against control) to 45.0 % (a at 50 % against dense)" in said


def test_a_set_s_overlap_with_itself_is_not_said():
    pair = {
        "dataset": "d",
        "model": "m",
        "level": 50,
        "level_text": "50 %",
        "is_compressed": True,
        "baseline": "dense",
    }
    names = ("a", "b")
    rows = [
        pair
        | {"method": one, "jaccard": 1.0 if one == other else 0.25, "other_method": other}
        | {f"other_{name}": pair[name] for name in ("model", "level", "baseline")}
        for one in names
        for other in names
    ]
    assert extremes("pie_overlap", {"pie_overlap": pd.DataFrame(rows)}).endswith("d, m: 0.25.")


def test_every_figure_is_said_in_words():
    _, tables = study("two pairs")
    tables = {name: with_levels(table, tables["pies"]) for name, table in tables.items()}
    assert all(extremes(name, tables) for name in FIGURES)


def test_a_quantity_is_said_by_the_words_of_its_entry():
    _, tables = study("two pairs")
    tables = {name: with_levels(table, tables["pies"]) for name, table in tables.items()}
    for name, entry in FIGURES.items():
        if isinstance(entry.says, Quantity):
            said = extremes(name, tables)
            assert said.startswith(f"{entry.says.words}, least and most: imdb, ")
