"""Scores for reading: one column for what is not compressed, bold only for what surely leads."""

import pandas as pd

from pielab.pages.scores import display_rows


def row(method, sparsity, mean, std=0.01, seeds=9):
    cell = {"dataset": "d", "model": "m", "method": method, "level": sparsity}
    cell |= {"level_text": f"{sparsity:g} %", "is_compressed": sparsity > 0}
    return cell | {"mean": mean, "std": std, "seeds": seeds, "best": True}


def shown(*rows, collapsed=()):
    (pair,) = display_rows(pd.DataFrame(rows), set(collapsed))
    return {one["method"]: one["cells"] for one in pair["rows"]}, pair["levels"]


def test_what_is_not_compressed_stands_in_a_column_of_its_own():
    cells, levels = shown(row("dense", 0.0, 0.8), row("a", 90.0, 0.6), row("a", 50.0, 0.5))
    assert levels == ["50 %", "90 %"]
    assert [one["words"] for one in cells["dense"]] == ["80.0 (1.0)", "", ""]
    assert [one["words"] for one in cells["a"]] == ["", "50.0 (1.0)", "60.0 (1.0)"]


def test_a_method_is_bold_only_if_it_surely_leads_all_others_at_its_sparsity():
    rows = [row("a", 50.0, 0.80), row("b", 50.0, 0.70), row("c", 50.0, 0.72)]
    cells, _ = shown(row("dense", 0.0, 0.9), *rows)
    assert [cells[name][1]["best"] for name in "abc"] == [True, False, False]
    cells, _ = shown(*rows[:2], row("c", 50.0, 0.798))
    assert not any(one["best"] for own in cells.values() for one in own)


def test_one_method_alone_a_collapsed_one_and_one_seed_are_never_bold():
    cells, _ = shown(row("dense", 0.0, 0.9), row("a", 50.0, 0.8))
    assert not cells["a"][1]["best"]
    rows = [row("a", 50.0, 0.8), row("b", 50.0, 0.5)]
    cells, _ = shown(*rows, collapsed=[("d", "m", "a", 50.0)])
    assert not cells["a"][1]["best"]
    cells, _ = shown(*(one | {"std": float("nan"), "seeds": 1} for one in rows))
    assert not cells["a"][1]["best"]
