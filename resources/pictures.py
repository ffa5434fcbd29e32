r"""Make the pictures of README and docs again, from the results of the shipped studies.

    snakemake --cores all
    snakemake --cores all --configfile config/thirty_seeds.yaml --directory results/thirty_seeds \
        --config "figures={formats: [png]}"
    python resources/pictures.py

Needs what the tests need: Chromium at /usr/bin/chromium and the packages of envs/tests.lock.
"""

import argparse
import html
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
TERMINAL = (
    "<style>body {{ margin: 0; background: #14171b; color: #e8eaed; display: inline-block }} "
    "pre {{ margin: 0; padding: 1rem 1.2rem; font: 14px/1.4 'DejaVu Sans Mono', monospace }}"
    "</style><pre>{}</pre>"
)
FIGURES = {  # of the study of 30 seeds: where each goes, and the width of a page in pixels
    "overview": ("thirty_seeds/overview.png", 1600),
    "score_on_pies": ("thirty_seeds/score_on_pies.png", 1600),
    "few_seeds": ("thirty_seeds/few_seeds.png", 1600),
    "slices": ("pictures/forest.png", 1400),
    "fallback": ("pictures/fallback.png", 1400),
}
COLOURS = 128  # of a picture: flat shades, so that files stay small


def save(content: bytes, path: Path, width: int | None = None) -> None:
    """Write a picture, no wider than `width`, in few colours."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    if width and image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.LANCZOS)
    path.parent.mkdir(exist_ok=True)
    # This method keeps colours that few pixels have, such as that of a verdict
    flat = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    flat.save(path, optimize=True)
    print(f"{path}: {image.width} x {image.height}, {path.stat().st_size // 1024} kB")


def photograph(page: Page, results: Path) -> None:
    """Save the report's first screen, the browser and the gate's screen of the default study."""
    page.set_viewport_size({"width": 1280, "height": 980})
    page.goto((results / "report/index.html").absolute().as_uri())
    save(page.screenshot(), HERE / "pictures/report.png")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto((results / "report/browser.html").absolute().as_uri())
    page.wait_for_timeout(1500)
    save(page.screenshot(), HERE / "pictures/browser.png")
    screen = (results / "gate/gate.txt").read_text(encoding="utf-8")
    page.set_content(TERMINAL.format(html.escape(f"$ snakemake --cores all gate\n\n{screen}")))
    save(page.locator("body").screenshot(), HERE / "pictures/gate.png")


def main() -> None:
    """Make all pictures whose results are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--default", type=Path, default=Path("results"))
    parser.add_argument("--thirty", type=Path, default=Path("results/thirty_seeds/results"))
    chosen = parser.parse_args()
    for name, (target, width) in FIGURES.items():
        figure = chosen.thirty / f"figures/{name}.png"
        if figure.is_file():
            save(figure.read_bytes(), HERE / target, width)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        photograph(browser.new_page(), chosen.default)
        browser.close()


if __name__ == "__main__":
    main()
