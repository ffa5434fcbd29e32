"""Generated answers on the browser's page: both texts, what differs marked, and nothing run."""

import pandas as pd
import pytest
from playwright.sync_api import expect

import build_browser
from helpers.browser_page import CARDS, HOSTILE, PAGE, Study
from pielab.pages import browser
from pielab.vocabulary import KEYS

ANSWERS = {0: ("So it is #### 4", "So it is #### 14"), 3: ("the same", "the same")}
ANSWERS |= {6: (HOSTILE, ""), 9: ("abcabc", "abcabcabc")}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    study = Study(folder, {"films": 5})
    cells = [cell for cell in study.cells if cell["model"] == "bert" and cell["primary"]][:1]
    index = study.cells.index(cells[0])
    rows = [(name, *texts) for name, texts in ANSWERS.items()]
    answers = pd.DataFrame(rows, columns=["example_id", "before", "after"])
    answers = answers.assign(**{name: cells[0][name] for name in KEYS})
    packed = browser.pack(
        {"films": CARDS["films"]},
        {key: rows for key, rows in study.groups.items() if key[1] == "test"},
        cells,
        lambda _, split, columns: study.read(index, split, columns),
        100,
        answers,
    )
    html = folder / "browser.html"
    build_browser.write_page(packed, PAGE, html)
    return html


def opened(visit, path, example):
    """Open the page on an example, whatever it shows first."""
    page = visit(path, fragment=f"#show=&text=films%2Ftest%2F{example}")
    page.locator("html[data-state=ready]").wait_for(state="attached")
    expect(page.locator("#detail h2")).to_have_text(f"films, test example {example}")
    return page


def test_both_answers_are_shown_with_what_differs_marked(visit, path):
    page = opened(visit, path, 0)
    answers = page.locator("#detail .answer")
    expect(answers).to_have_text(["So it is #### 4", "So it is #### 14"])
    expect(page.locator("#detail .answer ins")).to_have_text("1")
    expect(page.locator("#detail .answer del")).to_have_count(0)
    expect(page.locator("#detail")).to_contain_text("The first 14 characters are the same")


def test_an_answer_that_did_not_change_is_shown_once_and_none_is_no_answer(visit, path):
    expect(opened(visit, path, 3).locator("#detail .answer")).to_have_text(["the same"])
    expect(opened(visit, path, 12).locator("#detail .answer")).to_have_count(0)


def test_what_an_answer_repeats_is_marked_once(visit, path):
    page = opened(visit, path, 9)
    expect(page.locator("#detail .answer ins")).to_have_text("abc")


def test_an_empty_answer_is_named_and_a_hostile_one_is_text(visit, path):
    page = opened(visit, path, 6)
    expect(page.locator("#detail .answer").nth(1)).to_have_text("empty")
    assert page.evaluate("window.pwned") is None
    expect(page.locator("#detail .answer").nth(0)).to_have_text(HOSTILE)
    assert page.said == []
