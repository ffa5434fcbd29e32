import itertools
import json

import pandas as pd
import pytest
from playwright.sync_api import expect

import build_report
from helpers.browser_page import CARDS, HOSTILE, TEMPLATES
from helpers.described_columns import DESCRIPTIONS
from pielab.claims import scorecard

VERDICTS = ["reproduced", "not reproduced", "inconclusive"]
CAPTION = "Share of PIEs.\n{{ snakemake.config['models']['bert']['seeds'] }} seeds.\n"
FIGURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='200'><text y='50'>a</text></svg>"
)
SURE = {
    **{"split": "test", "pies_lowest": 30, "pies_highest": 33, "pies_exclude": 27, "q": 0.01},
    **{"half_pies": 36, "noise_floor": 24, "excess": 12, "excess_low": 3, "excess_high": 21},
    **{"certain": 6, "likely": 9, "expected_pies": 33.0, "shifted": 60},
    **{"baseline": "dense", "headline": True, "collapsed": False},
}
PIES = SURE | {
    **{"dataset": "films", "model": "bert", "method": "imp-ft", "sparsity": 90, "seeds": 30},
    **{
        "examples": 300,
        "pies": 30,
        "pie_share": 0.1,
        "score_baseline": 0.8,
        "score_compressed": 0.7,
    },
    **{"score_baseline_on_pies": 0.6, "score_compressed_on_pies": 0.4},
    **{"score_baseline_on_random": 0.8, "score_compressed_on_random": 0.7},
}
SCORE = {
    **{"dataset": "films", "model": "bert", "method": "imp-ft", "sparsity": 90, "seeds": 30},
    **{"mean": 0.71234, "std": 0.01, "best": True},
}
CLAIM = {
    **{"dataset": "films", "model": "bert", "effect_name": "a - b", "rule": "reproduced if so"},
    **{"effect": 0.31, "low": 0.2, "high": 0.4, "note": ""},
    **{"comparison": "headline", "effect_by_probability": 0.29},
    **{"low_by_probability": 0.2, "high_by_probability": 0.4},
    **{"verdict_by_probability": "reproduced"},
    **{"matched": 0.1, "matched_low": 0, "matched_high": 0.2, "matched_verdict": None},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    for name in ("report", "tables", "figures"):
        (folder / name).mkdir()
    claims = [
        CLAIM | {"claim": number + 1, "name": f"claim {number}", "verdict": VERDICTS[number % 3]}
        for number in range(6)
    ]
    claims[3] |= {"matched_verdict": "inconclusive", "note": f"{scorecard.ONLY_UNMATCHED}; more"}
    texts = pd.DataFrame(
        {"text": [HOSTILE]} | {f"column_{number}": [number] for number in range(30)}
    )
    scores = pd.DataFrame([SCORE | {"method": "dense", "sparsity": 0, "best": False}, SCORE])
    tables = {"scorecard": pd.DataFrame(claims), "pies": pd.DataFrame([PIES])}
    tables |= {"effectiveness": scores, "examples": texts}
    for name, table in tables.items():
        table.to_csv(folder / f"tables/{name}.csv", index=False)
    counts = {"train": {"examples": 300}, "test": {"examples": 300}}
    (folder / "card.json").write_text(json.dumps(CARDS["films"] | {"counts": counts}))
    (folder / "figures/pie_share.svg").write_text(FIGURE)
    (folder / "pie_share.rst").write_text(CAPTION)
    study = {
        "models": {"bert": {"seeds": 3}},
        "training": {"films": {"bert": {}}},
        "methods": {"imp-ft": {}},
        "sparsities": [90],
        "figures": {"formats": ["svg", "pdf"]},
    }
    found = {
        "cards": {"films": folder / "card.json"},
        "figures": [folder / "figures/pie_share.svg"],
        "captions": [folder / "pie_share.rst"],
        "tables": [folder / f"tables/{name}.csv" for name in tables],
        "scorecard": folder / "tables/scorecard.csv",
        "pies": folder / "tables/pies.csv",
        "effectiveness": folder / "tables/effectiveness.csv",
    }
    names = {"template": "index.html.j2", "common_style": "common.css", "style": "index.css"}
    page = {name: TEMPLATES / file for name, file in names.items()} | {"columns": DESCRIPTIONS}
    html = folder / "report/index.html"
    settings = {
        "study": study,
        "methods": {"pruning": ["imp-ft"], "controls": []},
        "categories": ["PIEs"],
    }
    build_report.main(settings, found, page, html)
    return html


def test_the_report_loads_nothing_but_itself_and_runs_no_script(visit, path):
    page = visit(path)
    requested = [url for url in page.requested if not url.startswith("data:")]
    assert requested == [path.as_uri()]
    assert page.said == []
    assert page.evaluate("window.pwned") is None


def test_the_first_screen_says_what_was_run_and_what_was_found(visit, path):
    page = visit(path, height=800)
    for name in ("What was run", "What was found"):
        assert page.get_by_role("heading", name=name).bounding_box()["y"] < 800
    assert page.get_by_text("Of 6 tests, 2 reproduced the claim").bounding_box()["y"] < 800
    expect(page.locator(".verdict")).to_have_text(VERDICTS * 2)


def test_pies_stand_beside_what_luck_alone_makes_of_them(visit, path):
    page = visit(path)
    row = page.get_by_role("region", name="Pruning or luck").locator("tbody tr")
    assert row.locator("td").all_inner_texts() == [
        *("dense models", "12.0 %\n15 of 30 seeds", "8.0 %", "4.0 %", "–"),
        *("6, 9 of 30\nsum of 1 cell", "11.0 %", "20.0 %"),
        "pruning adds PIEs in 1 of 1 combinations of method and sparsity",
    ]
    page.get_by_text("How ties between votes count").click()
    expect(
        page.get_by_text("films, bert, against dense models: 10.0 %, 11.0 %, 9.0 %")
    ).to_be_visible()


def test_a_claim_that_holds_only_unmatched_says_so(visit, path):
    page = visit(path)
    cells = page.locator(".claims td").all_inner_texts()
    assert [("only unmatched" in cell) for cell in cells] == [number == 3 for number in range(6)]
    page.get_by_text("Effects, intervals").click()
    expect(page.get_by_text("against matched texts inconclusive, 0.1")).to_be_visible()


def test_scores_are_tabulated_with_the_best_in_bold(visit, path):
    page = visit(path)
    page.get_by_text("Scores of each method").click()
    table = page.locator(".scores")
    assert table.locator("tbody tr").all_inner_texts() == [
        "dense\t71.2 (1.0)",
        "imp-ft\t71.2 (1.0)",
    ]
    expect(table.locator("strong")).to_have_text("71.2 (1.0)")


def test_figures_have_their_captions_and_are_drawn(visit, path):
    page = visit(path)
    assert page.locator("img").evaluate("image => image.naturalWidth") == 900
    expect(page.locator("figcaption")).to_contain_text("Share of PIEs. 3 seeds.")


def test_every_table_is_linked_and_previewed_with_its_text_as_text(visit, path):
    page = visit(path)
    links = page.locator(".table > a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    assert [(path.parent / link).is_file() for link in links] == [True] * 4
    page.get_by_text("First rows").last.click()
    assert "<script>window.pwned = 1" in page.locator("#table-examples").inner_text()


def test_headings_descend_one_level_at_a_time_and_headers_say_their_scope(visit, path):
    page = visit(path)
    names = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => one.tagName)")
    levels = [int(name[1]) for name in names]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.locator("th:not([scope])").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_layout_fits_the_window_with_everything_open(visit, path, width, scheme):
    page = visit(path, width=width, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_each_figure_links_to_its_files_and_tables_and_says_in_words_what_it_is(visit, path):
    page = visit(path)
    links = page.locator(".files a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    names = ["../figures/pie_share.svg", "../figures/pie_share.pdf", "../tables/pies.csv"]
    assert links == [*names, "#table-pies"]
    assert page.locator("#table-pies").count() == 1
    alternative = page.locator("figure img").get_attribute("alt")
    words = "Share of PIEs. 3 seeds. PIEs, least and most: films, bert: 10.0 %."
    assert alternative.startswith(words)
    assert "pies.csv" in alternative


def test_heads_of_tables_say_what_their_columns_hold_and_lead_to_it(visit, path):
    page = visit(path)
    page.locator("#table-pies summary").click()
    head = page.locator("#table-pies thead a", has_text="noise_floor").first
    assert "what seeds alone make (count)" in head.get_attribute("title")
    head.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#column-pies-noise_floor")).to_be_in_viewport()


def test_the_words_are_explained(visit, path):
    words = visit(path).locator("section:has(#words) dt").all_inner_texts()
    assert {"PIE", "Good flip, bad flip, both wrong", "EL2N", "Noise floor"} <= set(words)


def test_a_figure_is_no_white_card_in_the_dark(visit, path):
    for scheme, filtered in (("light", False), ("dark", True)):
        style = "image => getComputedStyle(image).filter"
        found = visit(path, scheme=scheme).locator("figure img").evaluate(style)
        assert (found != "none") == filtered


def test_nothing_is_cut_off_in_print(visit, path):
    page = visit(path, width=700)
    page.emulate_media(media="print")
    over = "all => all.map(one => one.getBoundingClientRect().right).filter(end => end > 701)"
    assert page.locator("table, img, p, pre").evaluate_all(over) == []
