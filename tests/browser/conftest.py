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


# Ends with this folder's tests: Playwright leaves an event loop running, in which Snakemake
# refuses to plan
@pytest.fixture(scope="package")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is absent: install Debian's package chromium")
    with sync_playwright() as driver:
        # Chromium refuses its sandbox to root, as which containers run
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def window(chromium):
    return open_window(chromium.new_context())


def open_window(context):
    """Open a window in which requests and what the console says are gathered."""
    page = context.new_page()
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    return page


@pytest.fixture
def visit(window):
    """Load a page anew, in the one window of all tests: a new one takes as long as a page.

    Who visits a second page at a time gets a second window.
    """
    visited = []

    def open_page(path, width=1280, height=900, scheme="light", fragment=""):
        page = open_window(window.context) if visited else window
        visited.append(page)
        page.requested, page.said = [], []
        page.goto("about:blank")  # else another fragment alone would load nothing
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, media="screen")
        page.requested, page.said = [], []
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for page in visited[1:]:
        page.close()
