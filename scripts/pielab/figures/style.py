"""Figures: one colour a method everywhere, dense in black, sizes for print."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from pielab import files

LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue (ITU-R BT.709)


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
    undated: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    for path in paths:
        suffix = Path(path).suffix[1:]
        with files.replacing(path) as temporary:
            figure.savefig(temporary, dpi=dpi, metadata=undated.get(suffix))


def method_colours(methods: Sequence[str], palette: str) -> dict[str, tuple]:
    """Return each method's colour; the order of the methods in the config decides."""
    # One more than needed, since the ninth of `colorblind` is a yellow that no white paper shows
    colours = sns.color_palette(palette, len(methods) + 1)
    dark = [colour for colour in colours if np.dot(colour, LUMINANCE) < 0.8]
    return dict(zip(methods, dark if len(dark) >= len(methods) else colours, strict=False))
