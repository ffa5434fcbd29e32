from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.described_columns import DESCRIPTIONS, mismatches
from pielab.pages import exhibits

CAPTIONS = Path(__file__).parents[3] / "workflow/report"
CONFIG = {"models": {"bert": {"seeds": 3}}}
KNOWN = yaml.safe_load(DESCRIPTIONS.read_text())
DESCRIBED = exhibits.read_columns(DESCRIPTIONS)


def test_a_caption_is_filled_and_becomes_html():
    text = 'Scores of ``control``. {{ snakemake.config["models"]["bert"]["seeds"] }} seeds.'
    words = exhibits.caption(text, CONFIG)
    assert "<p>Scores of " in words
    assert "control</span>" in words
    assert "3 seeds." in words


@pytest.mark.parametrize("text", [".. raw:: html\n\n   <script>1</script>", ".. nothing:: x"])
def test_a_caption_that_is_wrong_or_brings_html_of_its_own_is_refused(text):
    with pytest.raises(ValueError, match="caption"):
        exhibits.caption(text, CONFIG)


def test_a_figure_comes_with_its_caption_and_as_a_data_uri(tmp_path):
    (tmp_path / "pie_share.svg").write_text("<svg/>")
    (tmp_path / "pie_share.rst").write_text(
        "Share of ``a & b`` (Who et al. 2021),\nby sparsity: all.\n\nMore of it."
    )
    shown = exhibits.figure(tmp_path / "pie_share.svg", tmp_path / "pie_share.rst", "PIEs", CONFIG)
    assert shown["uri"] == "data:image/svg+xml;base64,PHN2Zy8+"
    assert shown["title"] == "PIE share"
    assert "More of it." in shown["how"]
    assert "More" not in shown["see"]
    assert shown["width"] is None
    assert shown["subject"] == "Share of a & b (Who et al. 2021), by sparsity: all."


@pytest.mark.parametrize(
    ("size", "width"),
    [((300, 150), 580), ((300, 600), 450), ((300, 3000), 400)],  # larger, by height, as in print
)
def test_a_page_shows_a_figure_larger_than_print_unless_it_is_too_tall(size, width):
    svg = '<?xml version="1.0"?><svg width="{}pt" height="{}pt" x="1">'.format(*size)
    assert exhibits.shown_width(svg) == width


@pytest.mark.parametrize("path", sorted(CAPTIONS.glob("*.rst")), ids=lambda path: path.stem)
def test_a_caption_has_a_sentence_on_what_to_see_and_is_short(path):
    if path.stem == "workflow":
        return
    see, *how = path.read_text(encoding="utf-8").split("\n\n")
    assert len(see.split()) <= 25
    assert see.strip().endswith(".")
    assert see.count(". ") == 0
    assert len(" ".join(how).split()) <= 125


def test_a_preview_has_the_first_rows_with_rounded_numbers_and_says_what_columns_hold(tmp_path):
    frame = pd.DataFrame({"model": ["bert"] * 7, "score": [0.123456789] + [None] * 6, "n": 1200})
    frame.to_csv(tmp_path / "scores.csv", index=False)
    shown = exhibits.table(tmp_path / "scores.csv", "../tables/scores.csv", DESCRIBED)
    assert shown["rows"] == 7
    assert shown["head"] == [["bert", "0.1235", "1200"]] + [["bert", "–", "1200"]] * 4
    assert shown["columns"] == {
        "model": KNOWN["shared"]["model"],
        "score": ("score", "score of the model on the test split"),
        "n": ["", ""],
    }
    assert shown["about"].startswith("A row for each model")


def test_every_description_has_a_unit_that_is_explained_and_a_meaning():
    groups = [table["columns"] for table in DESCRIBED.values()]
    for name, (unit, meaning) in (item for group in groups for item in group.items()):
        assert unit in KNOWN["units"], name
        assert len(meaning) > 4, name


def test_a_column_that_nobody_described_is_named_with_what_to_write_where(tmp_path):
    (tmp_path / "tables").mkdir()
    pd.DataFrame({"dataset": ["d"], "new": [1]}).to_csv(tmp_path / "tables/scores.csv", index=False)
    said = mismatches(tmp_path)
    place = "resources/columns.yaml, under `tables: scores: columns`"
    assert f'{place}: write `new: [unit, "meaning"]`' in said
    assert f"{place}: remove `score`, no table has it" in said
    assert "resources/columns.yaml: remove `tables: pies`" in said
