from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from helpers.browser_page import Study
from helpers.report_page import write_report

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study"), {"films": 300, "news": 60, "pairs": 40})


@pytest.fixture(scope="session")
def report_path(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("results"))


# Ends with a file's tests: Playwright leaves an event loop running, in which Snakemake refuses
# to plan
@pytest.fixture(scope="module")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is absent: install Debian's package chromium")
    with sync_playwright() as driver:
        # Chromium refuses its sandbox to root, as which containers run
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open a file in a window; requests and console messages are gathered on the page."""
    contexts = []

    def open_page(path, width=1280, height=900, scheme="light", fragment=""):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.requested, page.said = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
