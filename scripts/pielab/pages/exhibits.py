"""Show figures and tables on a page: captions, links to their files, and what columns hold."""

import base64
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import yaml
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from pielab import csv_tables
from pielab.measures import TABLES, columns_of
from pielab.pages.dark_mode import with_dark_mode

MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}
PREVIEW = 5  # rows of a table that the page shows
LARGER, TALLEST = 1.45, 900  # how much larger than in print a page shows a figure, at most so tall
PIXELS = 96 / 72  # of a point


def caption(text: str, config: dict) -> Markup:
    """Return a figure's caption as HTML: Jinja2, then reStructuredText, as Snakemake reads it.

    Raises
    ------
    ValueError
        If the reStructuredText is wrong; its message names the line.
    """
    environment = Environment(undefined=StrictUndefined)
    filled = environment.from_string(text).render(snakemake=SimpleNamespace(config=config))
    safe = {"raw_enabled": False, "file_insertion_enabled": False}
    quiet = {"report_level": 5, "halt_level": 2, "traceback": True, "_disable_config": True}
    try:
        parts = publish_parts(filled, writer="html5", settings_overrides=safe | quiet)
    except Exception as error:
        raise ValueError(f"caption {text[:40]!r}: {error}") from None
    return Markup(parts["body"])


def figure(path: str | Path, caption_path: str | Path, category: str, config: dict) -> dict:
    """Return a figure for the template: title, both parts of its caption, itself as a data URI.

    Raises
    ------
    ValueError
        If the caption is wrong; the message names its file.
    """
    path = Path(path)
    try:
        words = caption(Path(caption_path).read_text(encoding="utf-8"), config)
    except ValueError as error:
        raise ValueError(f"{caption_path}: {error}") from None
    see, how = see_and_how(words)
    content = path.read_bytes()
    if path.suffix == ".svg":
        content = with_dark_mode(content.decode("utf-8")).encode("utf-8")
    data = base64.b64encode(content).decode("ascii")
    return {
        "title": title(path),
        "name": path.stem,
        "category": category,
        "see": see,
        "how": how,
        "subject": first_sentence(words),
        "width": shown_width(content.decode("utf-8")) if path.suffix == ".svg" else None,
        "kind": path.suffix[1:],
        "uri": f"data:{MEDIA[path.suffix]};base64,{data}",
    }


def see_and_how(words: Markup) -> tuple[Markup, Markup]:
    """Return a caption's first paragraph, what to see, and the rest, how to read the figure."""
    first, end, rest = words.partition("</p>")
    return first + Markup(end), Markup(rest.strip())


def shown_width(svg: str) -> int | None:
    """Return how many pixels wide a page shows a figure, None if it states no size in points."""
    found = (
        re.search(r'<svg[^>]*?\bwidth="([\d.]+)pt"', svg),
        re.search(r'<svg[^>]*?\bheight="([\d.]+)pt"', svg),
    )
    if not all(found):
        return None
    width, height = (float(size[1]) * PIXELS for size in found if size)
    return round(width * max(1.0, min(LARGER, TALLEST / height)))


def first_sentence(words: Markup) -> str:
    """Return the first sentence of HTML, without its marks."""
    plain = unescape(re.sub(r"<[^>]+>", "", words))
    return re.split(r"(?<=\.)\s(?=[A-Z])", " ".join(plain.split()), maxsplit=1)[0]


def title(path: str | Path) -> str:
    """Return a file's name as words."""
    words = Path(path).stem.replace("_", " ")
    return re.sub(r"\bpie(s?)\b", r"PIE\1", words[0].upper() + words[1:], flags=re.IGNORECASE)


def read_columns(path: str | Path) -> dict[str, dict]:
    """Return what the tables hold, from resources/columns.yaml and the measures.

    Returns
    -------
    dict
        By the table's name: `about`, and `columns`, the unit and meaning of each by its name; of
        the tables in results/pies by the name `example_tables`.
    """
    with open(path, encoding="utf-8") as file:
        written = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # in C
    measured = {
        table: {name: column[:2] for name, column in columns_of(table).items()} for table in TABLES
    }
    of_csv = {
        name: table | {"columns": written["shared"] | table["columns"] | measured.get(name, {})}
        for name, table in written["tables"].items()
    }
    return of_csv | {
        "example_tables": written["example_tables"] | {"columns": measured["examples"]}
    }


def table(path: str | Path, href: str, described: dict[str, dict]) -> dict:
    """Return a table for the template: its name, address, first rows and what its columns hold.

    Parameters
    ----------
    described : dict
        From read_columns; a column that it does not know stands without words.
    """
    frame = csv_tables.read_csv(path)
    description = described.get(Path(path).stem, {"about": "", "columns": {}})
    rows = frame.head(PREVIEW).astype(object).to_numpy().tolist()
    return {
        "title": title(path),
        "name": Path(path).stem,
        "href": href,
        "about": description["about"],
        "rows": len(frame),
        "columns": {name: description["columns"].get(name, ["", ""]) for name in frame},
        "head": [[number(cell) for cell in row] for row in rows],
    }


def number(value: object) -> str:
    """Return a table's value for reading: four digits of a fraction, a dash for what is absent."""
    if pd.isna(value):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
