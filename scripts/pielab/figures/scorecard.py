"""Figure of the scorecard: each claim's effects against what they would have to be."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pielab.claims import adjusted
from pielab.claims.scorecard import CLAIMS, MARGIN
from pielab.figures.panels import grid, legend, pairs_of
from pielab.figures.style import PIE_SHADE, PLAIN_SHADE
from pielab.vocabulary import INCONCLUSIVE, NOT_REPRODUCED, ONLY_UNMATCHED, REPRODUCED, UNTESTABLE

LOOKS: dict[str, dict[str, Any]] = {  # of verdicts
    REPRODUCED: {"marker": "o", "color": PLAIN_SHADE},
    f"{REPRODUCED}, {ONLY_UNMATCHED}": {"marker": "o", "color": PLAIN_SHADE, "mfc": "white"},
    NOT_REPRODUCED: {"marker": "s", "color": PIE_SHADE},
    INCONCLUSIVE: {"marker": "D", "color": "0.45", "mfc": "white"},
    UNTESTABLE: {"marker": "x", "color": "0.45"},
}
MATCHED = "against matched examples"
MATCHED_LOOK: dict[str, Any] = {"marker": ".", "color": "0.55", "lw": 0.8}
ADJUSTED = "adjusted odds × {:.2f} ({:.2f} to {:.2f})"
ODDS_LOOK: dict[str, Any] = {
    **{"ha": "right", "va": "center", "fontsize": 6},
    "bbox": {"fc": "white", "ec": "none", "pad": 0.4},
}
IN_A_ROW = 3
LETTERS = 38  # in a line of a panel


def scorecard(claims: pd.DataFrame) -> Figure:
    """Draw the effect of each claim with its interval, a panel a claim, a line a pair.

    Beside them what the effect is if there is none, and the threshold of the verdict.
    """
    only = claims["note"].astype(str).str.startswith(ONLY_UNMATCHED)
    verdicts = claims["verdict"].mask(only, claims["verdict"] + f", {ONLY_UNMATCHED}")
    claims = claims.assign(verdict=verdicts)
    pairs, numbers = pairs_of(claims), sorted(claims["claim"].unique())
    rows = -(-len(numbers) // IN_A_ROW)
    figure, panels = grid(rows, IN_A_ROW, 2.4, 0.8 + 0.36 * len(pairs), sharey=True)
    for panel in panels.flat[len(numbers) :]:
        panel.set_visible(False)
    for number, panel in zip(numbers, panels.flat, strict=False):
        of_claim = claims[claims["claim"] == number]
        if of_claim["effect"].notna().any():
            _draw_thresholds(panel, number)
        else:
            panel.set_xticks([])
        for row in of_claim.to_dict("records"):
            _draw_effect(panel, pairs.index((row["dataset"], row["model"])), row)
        name, effect = of_claim[["name", "effect_name"]].iloc[0]
        panel.set_title(textwrap.fill(f"{number}. {name}", LETTERS))
        panel.set_xlabel(textwrap.fill(effect, LETTERS))
        panel.set_yticks(range(len(pairs)), [", ".join(pair) for pair in pairs])
        panel.set_ylim(len(pairs) - 0.4, -0.6)
        panel.grid(False, axis="y")
    legend(figure, _handles(claims))
    return figure


def _draw_thresholds(panel: Axes, number: int) -> None:
    claim = CLAIMS[number]
    none, least = (0, (-MARGIN, MARGIN)) if number == 4 else (claim.none, (claim.least,))
    panel.axvline(none, color="0.5", lw=0.8)
    for place in least:
        panel.axvline(place, color="black", lw=0.8, ls="--")


def _draw_effect(panel: Axes, place: int, row: dict[str, Any]) -> None:
    """Draw an effect with its interval; or say why there is none.

    Below it that against matched examples, above it the odds with other factors held fixed: these
    have a scale of their own, so they are written.
    """
    if np.isnan(row["effect"]):
        reason = "" if pd.isna(row["note"]) else f": {row['note']}"
        words = textwrap.fill(row["verdict"] + reason, LETTERS)
        where = panel.get_yaxis_transform()
        panel.text(0.5, place, words, transform=where, ha="center", va="center", fontsize=6.5)
        return
    look = LOOKS[row["verdict"]]
    panel.hlines(place, row["low"], row["high"], color=look["color"], lw=1.2)
    panel.plot([row["effect"]], [place], **look)
    panel.hlines(place + 0.25, row["matched_low"], row["matched_high"], color="0.55", lw=0.8)
    panel.plot([row["matched"]], [place + 0.25], **MATCHED_LOOK)
    if np.isfinite(row["adjusted"]):
        odds = ADJUSTED.format(*(row[name] for name in adjusted.COLUMNS[:3]))
        where = panel.get_yaxis_transform()
        panel.text(0.98, place - 0.3, odds, transform=where, **ODDS_LOOK)


def _handles(claims: pd.DataFrame) -> dict[str, Any]:
    """Return what the legend has: the verdicts that there are, and the lines."""
    shown = claims[claims["effect"].notna()]
    handles = {
        verdict: Line2D([], [], lw=1.2, **look)
        for verdict, look in LOOKS.items()
        if (shown["verdict"] == verdict).any()
    }
    if shown["matched"].notna().any():
        handles[MATCHED] = Line2D([], [], **MATCHED_LOOK)
    if shown.empty:
        return {}
    handles["no effect"] = Line2D([], [], color="0.5", lw=0.8)
    handles["threshold of the verdict"] = Line2D([], [], color="black", lw=0.8, ls="--")
    return handles
