"""What a reader does in the browser's page, again if the page missed it."""

from playwright.sync_api import TimeoutError


def open_row(page, number=0):
    """Click on a row until its text opens: a click while the table is drawn anew hits no row."""
    detail = page.locator("#detail h2")
    for _ in range(20):
        page.locator(".tabulator-row").nth(number).click()
        try:
            return detail.wait_for(timeout=1500)
        except TimeoutError:
            continue
    raise AssertionError("no click on a row opens its text")
