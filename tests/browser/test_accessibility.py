"""Both pages by axe-core: nothing serious or critical, in any light and on any screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from helpers.browser_clicks import open_row

GRAVE = {"serious", "critical"}
ONLY_FAULTS = {"resultTypes": ["violations"]}  # to name each element that has none takes seconds
every_screen = pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)


def grave(page):
    """Return what axe-core finds grave: rule, and the elements that break it."""
    found = Axe().run(page, options=ONLY_FAULTS).response["violations"]
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:4])
        for one in found
        if one["impact"] in GRAVE
    ]


def open_details(page):
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


@every_screen
def test_the_report_has_no_grave_fault(visit, report_path, width, scheme):
    page = visit(report_path, width=width, scheme=scheme)
    open_details(page)
    assert grave(page) == []


@every_screen
def test_the_browser_has_no_grave_fault(visit, study, width, scheme):
    page = visit(study.write_browser(), width=width, scheme=scheme)
    page.locator("html[data-state=ready]").wait_for(state="attached")
    open_details(page)
    open_row(page)
    page.wait_for_timeout(300)
    assert grave(page) == []
