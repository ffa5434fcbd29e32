"""Figures: one colour a method everywhere, dense in black, sizes for print.

All colours of lines and markers stand out from white by a contrast of 3 or more (WCAG 2.2, 1.4.11).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from pielab import files
from pielab.figures import palettes, pdf_fonts
from pielab.figures.recording import Recording

LUMINANCE = (0.2126, 0.7152, 0.0722)  # of linear red, green and blue (ITU-R BT.709)
LEAST_CONTRAST = 3.0
LEAST_DISTANCE = 0.22  # between two colours, of red, green and blue from 0 to 1
PIE_SHADE = "#d55e00"  # of PIEs, where another group stands beside them
OTHER_SHADE = "0.75"
PLAIN_SHADE = "#0173b2"  # of what is neither a method nor a level

STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "svg.hashsalt": "pielab",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}


class Look(NamedTuple):
    """What figures have to know beside their tables."""

    colours: dict[str, tuple]  # of each method
    methods: list[str]  # in the config's order
    measures: dict[str, str]  # the name of each dataset's score
    palette: str
    drawn: Sequence[str] = ()  # measures of text complexity that have a panel


def look(settings: dict) -> Look:
    """Return how figures look by a job's settings."""
    colours = method_colours(settings["methods"], settings["palette"])
    chosen = {name: settings[name] for name in ("methods", "measures", "palette")}
    return Look(colours, **chosen, drawn=settings.get("drawn", ()))


@contextmanager
def style() -> Iterator[None]:
    """Draw within this context in the style of all figures, without a display."""
    mpl.use("Agg")
    with mpl.rc_context(STYLE):
        yield
    plt.close("all")


def save(figure: Figure, paths: Sequence[str], dpi: int) -> None:
    """Write a figure in the format of each path's suffix, byte-identical for the same content."""
    drawn = Recording(figure)
    undated: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    for path in paths:
        suffix = Path(path).suffix[1:]
        with (
            files.replacing(path) as temporary,
            pdf_fonts.cut_once() if suffix == "pdf" else nullcontext(),
        ):
            drawn.savefig(temporary, dpi=dpi, metadata=undated.get(suffix))


def contrast(colour: Any) -> float:
    """Return the contrast of a colour with white, from 1 to 21.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ LUMINANCE + 0.05))


def darkened(colour: Any, others: Sequence[tuple] = ()) -> tuple:
    """Return a colour as dark as white paper wants it, and darker where it is like another one."""
    rgb = np.array(to_rgb(colour))

    def is_like_another() -> bool:
        return any(np.linalg.norm(rgb - other) < LEAST_DISTANCE for other in others)

    while contrast(rgb) < LEAST_CONTRAST or (contrast(rgb) < 12 and is_like_another()):
        rgb = 0.97 * rgb
    return tuple(float(part) for part in rgb)


def method_colours(methods: Sequence[str], palette: str) -> dict[str, tuple]:
    """Return each method's colour; the order of the methods in the config decides."""
    chosen: dict[str, tuple] = {}
    for method, colour in zip(methods, palettes.color_palette(palette, len(methods)), strict=True):
        chosen[method] = darkened(colour, list(chosen.values()))
    return chosen


def level_colours(levels: Sequence[float]) -> dict[float, tuple]:
    """Return a colour for each level, darker the higher."""
    shades = palettes.color_palette("flare", len(levels))
    return {level: darkened(shade) for level, shade in zip(levels, shades, strict=True)}
