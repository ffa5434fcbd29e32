"""Time the PIE browser with 50,000 examples in a real Chromium: load, filter, sort, search.

Run as `python benchmarks/browser.py`; prints milliseconds, medians of five.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "scripts"), str(ROOT / "tests")]
from helpers.browser_page import Study  # noqa: E402

READY = "html[data-state=ready]"


def timed(page: Page, act: str) -> float:
    """Return the milliseconds until the table is drawn after the script `act`."""
    return page.evaluate(
        """async (act) => {
          const start = performance.now();
          act.split(";").forEach((one) => {
            const [id, value, kind] = one.split("=");
            document.getElementById(id).value = value;
            document.getElementById(id).dispatchEvent(new Event(kind, { bubbles: true }));
          });
          const busy = () => document.documentElement.dataset.state === "busy";
          while (busy()) await new Promise((resolve) => setTimeout(resolve, 1));
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          return performance.now() - start;
        }""",
        act,
    )


def main() -> None:
    """Build the page and time it."""
    folder = Path(tempfile.mkdtemp())
    start = time.perf_counter()
    path = Study(folder, {"films": 25_000}).write_browser()
    print(
        f"page: {path.stat().st_size / 2**20:.1f} MiB, made in {time.perf_counter() - start:.1f} s"
    )
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.locator(READY).wait_for(state="attached")
        print(f"load: {1000 * (time.perf_counter() - start):.0f}")
        print(f"show all: {timed(page, 'show==input;split==input'):.0f}")
        print(page.locator("#count").text_content())
        for name, there, back in (
            ("filter by flip", "show=bad=input", "show==input"),
            (
                "choose a cell (recount)",
                "method=mp-ai=input;level=99=input",
                "method==input;level==input",
            ),
            ("search (150 ms of waiting for more letters)", "search=heart=input", "search==input"),
            ("sort by number", "sort=tokens=change", "sort=rightAfter=change"),
            ("sort by text", "sort=text=change", "sort=tokens=change"),
        ):
            both = []
            for _ in range(5):
                both.append(timed(page, there))
                timed(page, back)
            print(f"{name}: {statistics.median(both):.0f}")
        chromium.close()


if __name__ == "__main__":
    main()
