import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from helpers.browser_clicks import open_row
from helpers.browser_page import CARDS


@pytest.fixture(scope="module")
def path(study):
    return study.write_browser()


@pytest.fixture
def page(visit, path):
    page = visit(path)
    ready(page)
    return page


def ready(page):
    page.locator("html[data-state=ready]").wait_for(state="attached")


def choose(page, name, value):
    page.locator(f"#{name}").select_option(value)
    ready(page)


def fill(page, name, value):
    page.locator(f"#{name}").fill(str(value))
    ready(page)


def shown(page):
    return int(page.locator("#count").text_content().split(" of ")[0].replace(",", ""))


def column(page, name):
    return page.locator(f".tabulator-row [tabulator-field={name}]").all_inner_texts()


def tokens(page):
    """Return the lengths of all texts of the list, in its order, drawn or not."""
    return page.evaluate(
        """() => Tabulator.findTable("#table")[0].getData("active").map((row) => row.tokens)"""
    )


def cells_of(study, split="test", **wanted):
    """Return the tables of the primary comparisons that work, or as is wanted."""
    wanted = {"primary": True, "collapsed": False} | wanted
    return [
        found
        for (index, part), found in study.found.items()
        if part == split
        and all(value in ("any", study.cells[index][key]) for key, value in wanted.items())
    ]


def address_of(cell):
    return "/".join(str(cell[key]) for key in ("dataset", "model", "method", "level", "baseline"))


def compare(page, study, *indexes):
    """Choose two cells of a study, by their places, and return their tables of the test split."""
    page.locator("#compare summary").click()
    for name, index in zip(("first", "second"), indexes, strict=True):
        choose(page, name, address_of(study.cells[index]))
    return [study.found[index, "test"] for index in indexes]


def pies_of(study, **wanted):
    pruned = [
        cells_of(study, dataset=dataset, **wanted)
        for dataset in dict.fromkeys(dataset for dataset, _ in study.groups)
    ]
    return sum(int(np.any([found["pie"] for found in own], axis=0).sum()) for own in pruned if own)


def test_the_page_loads_nothing_but_itself_and_reports_no_error(page, path):
    assert page.requested == [path.as_uri()]
    assert page.said == []


def test_it_opens_on_the_negative_flips_of_the_first_split_in_the_primary_comparisons_that_work(
    page, study
):
    assert page.locator("#show").input_value() == "negative"
    found = [cells_of(study, dataset=dataset, is_compressed=True) for dataset in CARDS]
    bad = [np.any([own["flip"] == "negative" for own in cells], axis=0).sum() for cells in found]
    assert shown(page) == sum(bad)
    assert page.locator("#left").inner_text() == "6 collapsed cells left out"


def test_a_study_without_negative_flips_opens_on_its_pies(visit, study, monkeypatch, tmp_path):
    good = {
        key: cell.replace({"flip": {"negative": "positive"}}) for key, cell in study.found.items()
    }
    monkeypatch.setattr(study, "found", good)
    monkeypatch.setattr(study, "folder", tmp_path)
    page = visit(study.write_browser())
    ready(page)
    assert page.locator("#show").input_value() == "pie"
    assert shown(page) == pies_of(study, is_compressed=True)


def test_the_surest_come_first_and_of_equals_those_that_flip_badly_in_most_cells(page):
    choose(page, "dataset", "films")
    rows = page.evaluate(
        """() => Tabulator.findTable("#table")[0].getData("active")
          .map((row) => [row.tier, row.bad - row.good])"""
    )
    assert rows == sorted(rows, reverse=True)
    assert rows[0][0] == 2
    assert page.locator("#sort").input_value() == "tier"
    expect(page.locator(".tabulator-col[tabulator-field=tier]")).to_be_visible()


def test_a_choice_of_baseline_shows_the_comparisons_with_it(page, study):
    choose(page, "show", "pie")
    choose(page, "baseline", "dense")
    assert shown(page) == pies_of(study, is_compressed=True, primary="any", baseline="dense")
    choose(page, "baseline", "control")
    assert shown(page) == pies_of(study, is_compressed=True, baseline="control")
    choose(page, "method", "mp-ai")
    assert shown(page) == 0  # it trains as long as the dense models


def test_collapsed_cells_are_counted_if_asked_for_or_if_none_else_is_chosen(page, study):
    choose(page, "show", "pie")
    page.locator("summary").first.click()
    choose(page, "collapsed", "all")
    assert shown(page) == pies_of(study, is_compressed=True, collapsed="any")
    assert page.locator("#left").inner_text() == "6 collapsed cells counted"
    choose(page, "collapsed", "")
    choose(page, "model", "bilstm")
    choose(page, "level", "99")
    assert shown(page) == pies_of(study, model="bilstm", level=99, collapsed=True)
    page.locator(".tabulator-row").first.click()
    assert "collapsed" in page.locator("#detail .marks").first.inner_text()


def test_a_cell_says_against_what_it_is_compared_and_shows_that_baseline_s_votes(page, study):
    choose(page, "dataset", "films")
    choose(page, "show", "")
    choose(page, "model", "bert")
    choose(page, "method", "imp-ft")
    choose(page, "level", "90")
    fill(page, "search", "needle")
    for baseline in ("control", "dense"):
        choose(page, "baseline", baseline)
        page.locator(".tabulator-row").click()
        detail = page.locator("#detail")
        assert f"bert, imp-ft 90 %, against {baseline}" in detail.inner_text()
        assert f"Before ({baseline})" in detail.locator(".votes").inner_text()
        wanted = {"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90}
        (cell,) = cells_of(study, **wanted, baseline=baseline, primary="any")
        bars = detail.locator(".votes .bar.before b").all_inner_texts()
        assert bars == [f"{100 * votes / 5:.0f} %" for votes in cell["baseline_votes"][1]]
        label = study.groups["films", "test"]["labels"][1][0]
        sides = [cell[f"{side}_votes"][1][label] for side in ("baseline", "compressed")]
        mark = detail.locator(f"[title='imp-ft 90 %, against {baseline}'] small").nth(2)  # of bert
        assert mark.inner_text() == " → ".join(f"{100 * votes / 5:.0f}" for votes in sides) + " %"


def test_a_control_is_never_called_compressed(page):
    choose(page, "show", "pie")
    choose(page, "method", "control")
    page.locator(".tabulator-row").first.click()
    said = page.locator("#detail, .tabulator-header").all_inner_texts()
    assert "compressed" not in " ".join(said).lower().replace("not compressed", "")
    assert "pruned" not in " ".join(said).lower()


TWO = (1, 5)  # films, bilstm: imp-ft at 50 % against control, and at 99 % (collapsed) against it


def test_two_cells_tell_in_which_a_text_flips(page, study):
    choose(page, "show", "pie")
    first, second = (table["pie"] for table in compare(page, study, *TWO))
    kept = {"": first | second, "both": first & second}
    kept |= {"first": first & ~second, "second": ~first & second}
    for where, texts in kept.items():
        choose(page, "where", where)
        assert shown(page) == texts.sum() > 0, where


def test_texts_that_flip_unlike_in_two_cells_can_be_kept(page, study):
    choose(page, "show", "")
    first, second = compare(page, study, *TWO)
    choose(page, "where", "unlike")
    assert shown(page) == (first["flip"].fillna("") != second["flip"].fillna("")).sum()


def test_the_detail_has_both_cells_flips_and_votes_side_by_side(page, study):
    choose(page, "show", "")
    tables = compare(page, study, *TWO)
    fill(page, "search", "needle")
    page.locator(".tabulator-row").click()
    chart = page.locator(".votes.two")
    heads = chart.locator("thead th").all_inner_texts()[1:]
    assert heads == [
        "First: bilstm, imp-ft 50 %, against control",
        "Second: bilstm, imp-ft 99 %, against control",
    ]
    for side, kind in (("baseline", "before"), ("compressed", "after")):
        shares = np.stack([table[f"{side}_votes"][1] for table in tables], axis=1).ravel() / 5
        said = chart.locator(f".bar.{kind} b").all_inner_texts()
        assert said == [f"{100 * share:.0f} %" for share in shares]
    words = [table["flip"][1] if table["pie"][1] else "–" for table in tables]
    said = chart.locator(".flip").all_inner_texts()
    assert said == [word.removeprefix("both ") for word in words]


def test_a_link_and_the_csv_keep_the_two_cells(page, study, visit, path, tmp_path):
    choose(page, "show", "pie")
    first, second = compare(page, study, *TWO)
    choose(page, "where", "both")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as csv").click()
    download.value.save_as(tmp_path / "pies.csv")
    saved = pd.read_csv(tmp_path / "pies.csv").set_index("example_id")
    for name, table in (("first", first), ("second", second)):
        flips = table.set_index("example_id").loc[saved.index, "flip"].str.removeprefix("both ")
        assert saved[f"flip_in_{name}"].tolist() == flips.tolist()
    page.wait_for_timeout(300)
    other = visit(path, fragment=page.evaluate("location.hash"))
    ready(other)
    assert shown(other) == len(saved)
    expect(other.locator("#first")).to_be_visible()


def test_two_cells_can_be_chosen_from_the_keyboard(page, study):
    summary = page.locator("#compare summary")
    summary.focus()
    page.keyboard.press("Enter")
    for index, name in enumerate(("first", "second")):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == name
        for _ in range(index + 1):
            page.keyboard.press("ArrowDown")
        ready(page)
    assert page.locator("#first").input_value() == address_of(study.cells[0])
    assert page.locator("#second").input_value() == address_of(study.cells[1])


def test_two_cells_of_other_data_sets_share_no_text(page, study):
    compare(page, study, 0, len(study.cells) - 1)
    assert shown(page) == 0
    assert page.said == []


def test_a_long_class_is_whole(page):
    clamp = page.locator(".tabulator-row [tabulator-field=label] .clamp").first
    fits = """one => {
      one.textContent = "entertainment";
      return one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight;
    }"""
    assert clamp.evaluate(fits)


def test_all_texts_of_all_splits_can_be_shown(page, study):
    choose(page, "show", "")
    choose(page, "split", "")
    assert shown(page) == sum(map(len, study.groups.values()))


def test_pies_can_be_limited_to_those_that_are_sure_in_a_chosen_cell(page, study):
    choose(page, "show", "pie")
    choose(page, "model", "bert")
    choose(page, "method", "mp-ai")
    choose(page, "level", "99")
    for value, tiers in (("1", ["likely", "certain"]), ("2", ["certain"])):
        choose(page, "sure", value)
        cells = cells_of(study, model="bert", method="mp-ai", level=99)
        assert shown(page) == sum((own["pie"] & own["tier"].isin(tiers)).sum() for own in cells)
    page.locator(".tabulator-row").first.click()
    assert "yes" in page.locator("#detail .marks").first.inner_text()


def test_model_method_and_sparsity_choose_the_cells_that_count(page, study):
    choose(page, "show", "pie")
    choose(page, "model", "bert")
    choose(page, "method", "mp-ai")
    assert shown(page) == pies_of(study, model="bert", method="mp-ai")
    choose(page, "level", "99")
    assert shown(page) == pies_of(study, model="bert", method="mp-ai", level=99)
    assert set(column(page, "pie")) == {"1 of 1"}
    choose(page, "method", "control")
    assert shown(page) == pies_of(study, model="bert", method="control")


def test_a_flip_direction_keeps_the_texts_that_flip_so_somewhere(page, study):
    choose(page, "dataset", "films")
    own = cells_of(study, dataset="films", is_compressed=True)
    for flip in ("positive", "negative", "both wrong"):
        choose(page, "show", flip.removeprefix("both "))
        expected = np.any([found["flip"] == flip for found in own], axis=0).sum()
        assert shown(page) == expected, flip


def test_a_class_keeps_the_texts_that_have_it_among_their_labels(page, study):
    choose(page, "show", "")
    choose(page, "dataset", "news")
    choose(page, "class", "news/2")
    labels = study.groups["news", "test"]["labels"]
    assert shown(page) == labels.map(lambda own: 2 in own).sum()


def test_ranges_of_length_readability_bins_and_votes_keep_what_lies_within(page, study):
    rows = study.groups["films", "train"]
    choose(page, "show", "")
    choose(page, "dataset", "films")
    choose(page, "split", "train")
    page.locator("summary").first.click()
    fill(page, "tokens-low", 20)
    fill(page, "tokens-high", 30)
    kept = rows["tokens"].between(20, 30)
    assert shown(page) == kept.sum()
    fill(page, "ease-high", 60)
    kept &= rows["ease"] <= 60
    assert shown(page) == kept.sum()
    fill(page, "bin-low", 11)
    kept &= rows["bin"] >= 11
    assert shown(page) == kept.sum()
    choose(page, "model", "bert")
    fill(page, "rightBefore-low", 80)
    cells = cells_of(study, "train", dataset="films", model="bert", is_compressed=True)
    votes = np.mean([np.stack(cell["baseline_votes"]) for cell in cells], axis=0)
    right = votes[np.arange(len(rows)), rows["labels"].str[0].astype(int)] / 5
    assert shown(page) == (kept & (right >= 0.8 - 1e-9)).sum()


def test_texts_are_filtered_and_sorted_by_probability_and_shift(page, study):
    choose(page, "dataset", "films")
    choose(page, "model", "bert")
    choose(page, "method", "mp-ai")
    choose(page, "level", "90")
    choose(page, "show", "")
    (found,) = cells_of(
        study, dataset="films", model="bert", method="mp-ai", level=90, is_compressed=True
    )
    assert shown(page) == len(found)
    page.locator("summary").first.click()
    fill(page, "probability-low", 50)
    assert shown(page) == (found["pie_probability"] >= 0.5).sum()
    fill(page, "shift-high", -0.5)
    kept = found[(found["pie_probability"] >= 0.5) & (found["shift"] <= -0.5)]
    assert shown(page) == len(kept)
    page.locator("#sort").select_option("shift")
    rows = page.evaluate(
        """() => Tabulator.findTable("#table")[0].getData("active").map((row) => row.shift)"""
    )
    assert sorted(rows) == pytest.approx(sorted(kept["shift"]))
    assert rows in (sorted(rows), sorted(rows, reverse=True))


def test_the_detail_says_the_probability_and_the_shift(page):
    text = page.locator("#detail").inner_text()
    assert re.search(r"PIE probability\s+\d+ %", text)
    assert re.search(r"Shift\s+[+−]\d+\.\d log odds", text)


def test_search_finds_words_in_any_case_and_reset_takes_everything_back(page):
    before = shown(page)
    choose(page, "show", "")
    fill(page, "search", "NEEDLE")
    assert shown(page) == 3
    assert all(text.startswith("needle") for text in column(page, "text"))
    page.get_by_text("Reset filters").click()
    page.wait_for_timeout(50)
    ready(page)
    assert shown(page) == before


def test_search_takes_words_in_any_order_and_phrases_and_marks_them(page, study):
    texts = study.groups["films", "test"]["text"].str.lower()
    choose(page, "show", "")
    choose(page, "dataset", "films")
    fill(page, "search", "heart  Film")
    both = texts.str.contains("heart") & texts.str.contains("film")
    assert shown(page) == both.sum() > 0
    hits = page.locator(".tabulator-row mark").all_inner_texts()
    assert {hit.lower() for hit in hits} == {"heart", "film"}
    fill(page, "search", '"film heart"')
    assert shown(page) == texts.str.contains("film heart").sum()
    page.locator(".tabulator-row").first.click()
    expect(page.locator("#detail mark").first).to_have_text("film heart")
    fill(page, "search", "(.*")
    assert shown(page) == 0
    assert page.said == []


def test_a_link_and_a_reload_keep_filters_sort_and_text(page, visit, path):
    choose(page, "show", "")
    choose(page, "dataset", "news")
    choose(page, "class", "news/2")
    page.locator("summary").first.click()
    fill(page, "tokens-low", 20)
    choose(page, "sort", "tokens")
    page.locator(".tabulator-row").nth(2).click()
    page.wait_for_timeout(400)
    before = shown(page), page.locator("#detail h2").inner_text(), tokens(page)
    page.reload()
    ready(page)
    other = visit(path, fragment=page.evaluate("location.hash"))
    ready(other)
    for opened in (page, other):
        assert opened.locator("#class").input_value() == "news/2"
        assert opened.locator("#sort").input_value() == "tokens"
        after = shown(opened), opened.locator("#detail h2").inner_text(), tokens(opened)
        assert after == before


def test_back_undoes_a_filter_and_returns_from_the_report_to_the_same_state(page):
    first = shown(page)
    choose(page, "show", "pie")
    second = shown(page)
    page.wait_for_timeout(400)
    page.goto("about:blank")
    page.go_back()
    ready(page)
    assert (page.locator("#show").input_value(), shown(page)) == ("pie", second)
    page.go_back()
    expect(page.locator("#show")).to_have_value("negative")
    ready(page)
    assert shown(page) == first != second


def test_an_address_that_says_nonsense_opens_the_page_as_it_is(visit, path):
    page = visit(path, fragment="#show=nothing&dataset=none&sort=x.y&text=a/b/c&tokens-low=many")
    ready(page)
    assert page.locator("#show").input_value() == "negative"
    assert shown(page) > 0
    assert page.said == []


def test_the_texts_that_are_shown_can_be_saved_as_csv_in_their_order(page, study, tmp_path):
    choose(page, "show", "")
    choose(page, "dataset", "pairs")
    choose(page, "sort", "tokens")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as csv").click()
    download.value.save_as(tmp_path / "pies.csv")
    saved = pd.read_csv(tmp_path / "pies.csv")
    rows = study.groups["pairs", "test"].set_index("example_id").loc[saved["example_id"]]
    assert len(saved) == shown(page) == 40
    assert saved["text"].tolist() == rows["text"].tolist()
    assert saved["text_pair"].tolist() == rows["text_pair"].tolist()
    assert saved["tokens"].is_monotonic_decreasing
    assert saved["pie_in"].equals(saved[["positive", "negative", "both_wrong"]].sum(axis=1))
    assert page.evaluate("quoted('=1+1')") == "'=1+1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_arrow_of_the_sort_stands_out_from_its_ground(visit, path, scheme):
    page = visit(path, scheme=scheme)
    ready(page)
    arrow = page.locator(".tabulator-col[tabulator-field=tier] .tabulator-arrow")
    colours = arrow.evaluate(
        """one => [getComputedStyle(one).borderTopColor,
          getComputedStyle(one.closest(".tabulator-col")).backgroundColor]"""
    )
    light, dark = sorted(sum(map(int, re.findall(r"\d+", one)[:3])) for one in colours)
    assert dark - light > 300


def test_bars_keep_their_colours_in_print(page):
    fill = page.locator(".bar > span").first
    assert fill.evaluate("one => getComputedStyle(one).printColorAdjust") == "exact"


def test_no_match_says_so(page):
    fill(page, "search", "nothing like this")
    assert shown(page) == 0
    assert page.get_by_text("No text fits these filters.").is_visible()


def test_a_column_head_sorts_both_ways_and_unknown_values_stay_last(page):
    page.set_viewport_size({"width": 1800, "height": 900})  # room for every column
    choose(page, "dataset", "films")
    head = page.locator(".tabulator-col[tabulator-field=tokens]")
    for descending in (True, False):
        head.click()
        tokens = list(map(int, column(page, "tokens")))
        assert tokens == sorted(tokens, reverse=descending)
    choose(page, "dataset", "news")
    choose(page, "sort", "rightBefore")
    values = column(page, "rightBefore")
    assert values[0] != "–"


def test_every_column_can_be_sorted_from_the_keyboard_too(page):
    keys = page.locator("#sort option").evaluate_all("all => all.map(one => one.value)")
    for key in keys:
        choose(page, "sort", key)
        head = page.locator(f".tabulator-col[tabulator-field={key}]")
        before = head.get_attribute("aria-sort")
        page.locator("#direction").press("Enter")
        assert {before, head.get_attribute("aria-sort")} == {"ascending", "descending"}


def test_the_detail_shows_text_label_votes_and_every_cell_of_the_chosen_text(page, study):
    choose(page, "dataset", "films")
    choose(page, "show", "")
    choose(page, "model", "bert")
    fill(page, "search", "needle")
    page.locator(".tabulator-row").click()
    detail = page.locator("#detail")
    rows, row = study.groups["films", "test"], 1
    assert detail.locator("blockquote").inner_text() == rows.loc[row, "text"]
    cells = cells_of(study, dataset="films", model="bert", is_compressed=True)
    before = np.mean([cell["baseline_votes"][row] for cell in cells], axis=0) / 5
    bars = detail.locator(".votes .bar.before b").all_inner_texts()
    assert bars == [f"{int(100 * share + 0.5)} %" for share in before]
    cells = _in_order_of_marks(study, dataset="films", model="bert")
    marks = detail.locator(".marks").nth(1).locator(".flip").all_inner_texts()
    flips = [found["flip"][row] for found in cells]
    assert marks == [
        {"both wrong": "wrong"}.get(flip, flip) if found["pie"][row] else "–"
        for flip, found in zip(flips, cells, strict=True)
    ]


def _in_order_of_marks(study, **wanted):
    """Return the tables of a model's cells as its table has them: a row a method and baseline."""
    names = [
        ("imp-ft", "dense"),
        ("imp-ft", "control"),
        ("mp-ai", "dense"),
        ("control", "dense"),
    ]
    return [
        cell
        for method, baseline in names
        for cell in cells_of(study, **wanted, method=method, baseline=baseline, primary="any")
    ]


def test_arrow_keys_walk_through_the_texts(page):
    title = page.locator("#detail h2")
    first = title.inner_text()
    page.locator(".tabulator-row").first.focus()
    page.keyboard.press("ArrowDown")
    expect(title).not_to_have_text(first)
    page.keyboard.press("ArrowUp")
    expect(title).to_have_text(first)


def test_a_script_in_a_text_or_a_class_is_shown_and_not_run(page):
    choose(page, "show", "")
    fill(page, "search", "pwned")
    assert "</script><script>window.pwned = 1" in column(page, "text")[0]
    page.locator(".tabulator-row").first.click()
    assert "<script>window.pwned = 1" in page.locator("#detail blockquote").first.inner_text()
    page.locator("#search").fill("")
    choose(page, "dataset", "pairs")
    assert "<b>no</b>" in page.locator("#detail").inner_text() + "".join(column(page, "label"))
    assert page.evaluate("window.pwned") is None
    assert page.said == []


def test_no_script_but_the_pages_own_could_run(page):
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.text = "window.pwned = 1";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in said for said in page.said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_layout_fits_the_window(visit, path, width, scheme):
    page = visit(path, width=width, scheme=scheme)
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator("summary").first.click()
    open_row(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    flips = page.locator("#detail .scroll").first
    assert flips.evaluate("one => one.scrollWidth <= one.clientWidth")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(map(int, ground.removeprefix("rgb(").removesuffix(")").split(",")))
    assert (lightness > 384) == (scheme == "light")


def test_a_page_that_leaves_examples_out_says_so(visit, study):
    page = visit(study.write_browser(limit=100))
    ready(page)
    assert "100 of 800 examples" in page.locator(".notice").first.inner_text()
    choose(page, "show", "")
    choose(page, "split", "")
    assert shown(page) == 100
