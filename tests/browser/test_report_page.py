import itertools
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from helpers.documents import ROOT
from pielab.pages.glossary import read_glossary


@pytest.fixture
def path(report_path):
    return report_path


def test_the_report_loads_nothing_but_itself_and_runs_no_script(visit, path):
    page = visit(path)
    requested = [url for url in page.requested if not url.startswith("data:")]
    assert requested == [path.as_uri()]
    assert page.said == []
    assert page.evaluate("window.pwned") is None


def test_the_first_screen_says_what_was_run_and_found_and_shows_the_picture_and_the_cells(
    visit, path
):
    page = visit(path, height=1000)
    for words in ("One classifier, bert", "changes more answers than retraining would"):
        assert page.get_by_text(words).first.bounding_box()["y"] < 300
    assert page.locator("#figure-overview img").bounding_box()["y"] < 800
    row = page.locator(".cells:not(.remedies):not(.every) tbody tr").last
    assert row.bounding_box()["y"] < 1000
    assert row.locator("th, td").all_inner_texts() == [
        *("imp-ft at 90 %", "dense", "70.0 % −10.0", "30", "19", "9", "2"),
        *("+4.0 % (+1.0 to +7.0)", "yes", "negative 87 → 18 % (150)", "BLOCK"),
    ]


def test_who_decides_finds_number_interval_and_texts_without_scrolling_twice(visit, path):
    page = visit(path, height=1000)
    for place in ("#believe", "#next", ".texts li"):
        assert page.locator(place).first.bounding_box()["y"] < 2000


def test_a_text_has_its_votes_before_and_after_and_leads_into_the_browser(visit, path):
    text = visit(path).locator(".texts li").first
    said = text.inner_text()
    assert (
        "newly wrong. True class positive. Before: positive 30; after: negative 28, positive 2. "
        "Due to compression: yes"
    ) in said
    link = text.locator("a").get_attribute("href")
    assert link.startswith("browser.html#show=pie&dataset=films&split=test&model=bert")
    assert link.endswith("text=films%2Ftest%2F3")


def test_what_the_first_screen_opens_can_be_opened_from_the_keyboard(visit, path):
    page = visit(path)
    for name in ("How to read the picture", "PIEs, and scores on them"):
        summary = page.locator("summary", has_text=name)
        summary.focus()
        page.keyboard.press("Enter")
        assert summary.locator("..").get_attribute("open") is not None
    page.get_by_role("link", name="What to do next").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_be_in_viewport()


def test_more_of_a_cell_says_ties_only_where_they_matter(visit, path):
    page = visit(path)
    page.get_by_text("PIEs, and scores on them").click()
    assert "30 (27 to 33)" in page.locator(".more tbody tr").inner_text()


def test_a_claim_that_holds_only_unmatched_says_so(visit, path):
    page = visit(path)
    _, *cells = page.locator(".claims td").all_inner_texts()
    assert [("only unmatched" in cell) for cell in cells] == [number == 3 for number in range(6)]
    page.get_by_text("Effects, intervals").click()
    expect(page.get_by_text("against matched texts inconclusive, 0.1")).to_be_visible()


def test_scores_are_tabulated_with_dense_under_no_sparsity(visit, path):
    page = visit(path)
    page.get_by_text("Scores of each method").click()
    table = page.locator(".scores")
    assert table.locator("tr").all_inner_texts() == [
        "Method\tnot compressed\t90 %",
        "dense\t71.2 (1.0)\t",
        "imp-ft\t\t71.2 (1.0)",
    ]
    assert table.locator("strong").count() == 0


def test_figures_have_their_captions_and_are_drawn(visit, path):
    page = visit(path)
    assert page.locator("img").first.evaluate("image => image.naturalWidth") == 900
    caption = page.locator("#figure-pie_share figcaption")
    expect(caption).to_contain_text("Share of PIEs. 30 seeds.")


def test_every_table_is_linked_and_previewed_with_its_text_as_text(visit, path):
    page = visit(path)
    links = page.locator(".table > a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    assert [(path.parent / link).is_file() for link in links] == [True] * 12
    page.locator("#table-examples summary").click()
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
    links = page.locator("#figure-pie_share .files a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    names = ["../figures/pie_share.svg", "../figures/pie_share.pdf", "../tables/pies.csv"]
    assert links == [*names, "#table-pies"]
    assert page.locator("#table-pies").count() == 1
    alternative = page.locator("#figure-pie_share img").get_attribute("alt")
    words = "Share of PIEs. 30 seeds. PIEs, least and most: films, bert: 10.0 %."
    assert alternative.startswith(words)
    assert "pies.csv" in alternative


def test_heads_of_tables_say_what_their_columns_hold_and_lead_to_it(visit, path):
    page = visit(path)
    page.locator("#table-pies summary").click()
    head = page.locator("#table-pies thead a", has_text="noise_floor").first
    assert "what other seeds alone would change (count)" in head.get_attribute("title")
    head.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#column-pies-noise_floor")).to_be_in_viewport()


def test_the_words_are_explained(visit, path):
    words = visit(path).locator("section:has(#words) dt").all_inner_texts()
    assert words == [word for word, _ in read_glossary(ROOT / "docs/reference/glossary.md")]
    assert {"PIE", "Negative flip, positive flip", "EL2N", "Noise floor"} <= set(words)


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_a_figure_is_no_white_card_in_the_dark(visit, path, scheme, is_dark):
    page = visit(path, scheme=scheme)
    place = page.locator("#figure-pie_share img").bounding_box()
    shot = Image.open(BytesIO(page.screenshot(full_page=True))).convert("L")
    middle = shot.getpixel((int(place["x"] + 300), int(place["y"] + 100)))
    assert (middle < 60) == is_dark


@pytest.mark.parametrize("width", [1280])
def test_no_table_of_the_first_screens_scrolls_sideways(visit, path, width):
    page = visit(path, width=width)
    for table in (".cells:not(.remedies)", ".claims"):
        over = "one => one.getBoundingClientRect().right"
        assert page.locator(table).evaluate(over) <= width


def test_nothing_is_cut_off_in_print(visit, path):
    page = visit(path, width=700)
    page.emulate_media(media="print")
    over = "all => all.map(one => one.getBoundingClientRect().right).filter(end => end > 701)"
    assert page.locator("table, img, p, pre").evaluate_all(over) == []


def test_the_first_screen_says_what_may_ship_and_leads_to_why(visit, path):
    page = visit(path)
    said = "BLOCK: films, bert with imp-ft at 90 % against dense loses more than the gate allows."
    assert page.locator(".verdict-line").inner_text().startswith(f"May it ship? {said} Why")
    gate = page.locator("section[aria-labelledby=gate]")
    assert gate.locator("li").all_inner_texts() == [
        "BLOCK films, bert with imp-ft at 90 % against dense: "
        "newly wrong answers, score, class hurt most"
    ]
    for link in gate.locator("a").all():
        assert (path.parent / link.get_attribute("href")).is_file()
