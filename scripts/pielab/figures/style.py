"""Figures: one colour a method everywhere, dense in black, sizes for print."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from pielab import files

LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue (ITU-R BT.709)


STYLE = {
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


@contextmanager
def style() -> Iterator[None]:
    """Draw within this context in the style of all figures, without a display."""
    mpl.use("Agg")
    with mpl.rc_context(STYLE):
        yield
    plt.close("all")


def save(figure: Figure, paths: Sequence[str], dpi: int) -> None:
    """Write a figure in the format of each path's suffix, byte-identical for the same content."""
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    for path in paths:
        suffix = Path(path).suffix[1:]
        with files.replacing(path) as temporary:
            figure.savefig(temporary, dpi=dpi, metadata=undated.get(suffix))


def method_colours(methods: Sequence[str], palette: str) -> dict[str, tuple]:
    """Return each method's colour; the order of the methods in the config decides."""
    # One more than needed, since the ninth of `colorblind` is a yellow that no white paper shows
    known = sns.color_palette(palette, len(methods) + 1)
    dark = [colour for colour in known if np.dot(colour, LUMINANCE) < 0.8]
    chosen = dark if len(dark) >= len(methods) else known
    return dict(zip(methods, chosen, strict=False))
