"""Figure of the slices of test examples that lose more than average."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.levels import level_name
from pielab.figures.panels import labelled, legend, pair_panels, pairs_of, rows_of, without_panels
from pielab.figures.style import PIE_SHADE, PLAIN_SHADE
from pielab.slices.table import primary_slices, worst
from pielab.vocabulary import FDR

MOST = 8  # slices of a panel
WIDTH, LINE, GAP = 6.6, 0.12, 0.08  # inches, of a panel, a line of words and between slices
LETTERS = 64  # of a line of words
LOOKS = {  # what is known of a slice: its marker and colour
    "confirmed, and other models would do so too": ("o", PIE_SHADE),
    "confirmed for these models": ("s", PLAIN_SHADE),
    "not confirmed": ("D", "0.55"),
}


def slices(table: pd.DataFrame) -> Figure:
    """Draw the excess harm of the worst slices of each dataset and model, with intervals."""
    shown = primary_slices(table)
    if shown.empty:
        return without_panels("No group of texts stood out.")
    described = [_described(rows_of(shown, pair)) for pair in pairs_of(shown)]
    lines = [1 + of_pair["words"].str.count("\n").max() for of_pair in described]
    heights = [
        0.7 + len(of_pair) * (GAP + number * LINE)
        for of_pair, number in zip(described, lines, strict=True)
    ]
    figure, panels = pair_panels(shown, WIDTH, heights, in_a_row=1)
    for of_pair, panel in zip(described, panels.values(), strict=True):
        _draw(panel, of_pair)
    legend(figure, labelled(panels.values()))
    return figure


def _described(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the worst slices of a pair in percent, with their words and what is known of them."""
    slices = worst(rows, MOST)
    ends = {name: 100 * slices[name] for name in ("excess", "low", "high")}
    words = [
        _wrapped(row.slice, f"({row.method}, {level_name(row.level, row.method)})")
        for row in slices.itertuples()
    ]
    beyond, these, open_ = LOOKS
    kind = [
        (beyond if row.p_replicates <= FDR else these) if row.confirmed else open_
        for row in slices.itertuples()
    ]
    return slices.assign(**ends, words=words, kind=kind)


def _wrapped(slice_: str, version: str) -> str:
    """Return the words of a slice, and the version on a line of its own if one is too short."""
    together = f"{slice_} {version}"
    return together if len(together) <= LETTERS else f"{textwrap.fill(slice_, LETTERS)}\n{version}"


def _draw(panel: Axes, slices: pd.DataFrame) -> None:
    places = pd.Series(range(len(slices)), index=slices.index)
    for kind, (marker, colour) in LOOKS.items():
        rows = slices[slices["kind"] == kind]
        y = places[rows.index]
        panel.hlines(y, rows["low"], rows["high"], color=colour, lw=1)
        panel.plot(rows["excess"], y, marker, color=colour, label=kind)
    panel.axvline(0, color="0.5", lw=0.8)
    panel.set_yticks(places, slices["words"])
    panel.set_ylim(len(slices) - 0.5, -0.5)
    panel.set_xlabel("Harm beyond the rest (points of models that are right)")
    panel.grid(False, axis="y")
