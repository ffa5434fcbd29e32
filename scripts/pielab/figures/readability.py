"""Figures of text complexity.

Means over methods are over pruned cells that work, of the collapsed ones where none does; the
control, which is not compressed, is left out.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.marks import COLLAPSED, HATCH, draw_hollow, name_hatched, working
from pielab.figures.panels import (
    PANEL,
    draw_methods,
    grid,
    label_levels,
    labelled,
    legend,
    levels_of,
    pair_panels,
    pairs_of,
    pruned_rows_of,
)
from pielab.figures.style import OTHER_SHADE, PIE_SHADE
from pielab.vocabulary import COMPLEXITY, NEGLIGIBLE


def complexity_of_pies(complexity: pd.DataFrame, drawn: Sequence[str]) -> Figure:
    """Draw the distributions of measures for PIEs and other test examples, by level.

    A box's quantiles are means over methods.
    """
    pairs, levels = pairs_of(complexity), levels_of(complexity)
    figure, panels = grid(len(pairs), len(drawn), 0.7 + 0.4 * len(levels), PANEL[1])
    for row, pair in zip(panels, pairs, strict=True):
        part = working(pruned_rows_of(complexity, pair))
        for panel, measure in zip(row, drawn, strict=True):
            means = part[part["measure"] == measure].groupby("level").mean(numeric_only=True)
            for shift, group, colour in ((-0.2, "pies", PIE_SHADE), (0.2, "others", OTHER_SHADE)):
                _draw_boxes(panel, means, levels, group, shift, colour)
            if means[COLLAPSED].any():
                name_hatched(panel)
            panel.set_title(measure.replace("_", " "))
            panel.set_xlim(-0.6, len(levels) - 0.4)
            label_levels(panel, levels)
        row[0].set_ylabel(", ".join(pair))
    patches = [plt.Rectangle((0, 0), 1, 1, facecolor=colour) for colour in (PIE_SHADE, OTHER_SHADE)]
    drawn_groups = dict(zip(["PIEs", "other examples"], patches, strict=True))
    legend(figure, drawn_groups | labelled(panels.flat))
    return figure


def _draw_boxes(
    axes: Axes, means: pd.DataFrame, levels: list[float], group: str, shift: float, colour: str
) -> None:
    names = {"whislo": "p05", "q1": "p25", "med": "median", "q3": "p75", "whishi": "p95"}
    columns = {key: f"{name}_{group}" for key, name in names.items()}
    groups = means[[*columns.values(), COLLAPSED]].dropna()
    boxes = [{key: row[name] for key, name in columns.items()} for _, row in groups.iterrows()]
    drawn = axes.bxp(
        boxes,
        positions=[levels.index(level) + shift for level in groups.index],
        widths=0.35,
        showfliers=False,
        patch_artist=True,
        manage_ticks=False,
        boxprops={"facecolor": colour, "lw": 0.6},
        medianprops={"color": "black"},
    )
    for box, collapsed in zip(drawn["boxes"], groups[COLLAPSED], strict=True):
        box.set(hatch=HATCH["hatch"] if collapsed else "")


def tokens_of_pies(complexity: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the mean tokens of PIEs against level: by method, over methods, and of all.

    Intervals are those over the PIEs.
    """
    tokens = complexity[complexity["measure"] == "tokens"]
    levels = levels_of(tokens)
    figure, panels = pair_panels(tokens)
    for pair, panel in panels.items():
        part = pruned_rows_of(tokens, pair).sort_values("level")
        draw_methods(panel, part, "mean_pies", colours, ("mean_pies_low", "mean_pies_high"))
        means = working(part).groupby("level")["mean_pies"].mean().reindex(levels)
        panel.plot(range(len(levels)), means, color="black", lw=2.2, label="mean over methods")
        panel.axhline(part["mean_all"].iloc[0], color="black", ls="--", label="all examples")
        panel.set_ylabel("Tokens (mean of PIEs)")
        panel.set_ylim(bottom=0)
        label_levels(panel, levels)
    legend(figure, labelled(panels.values()))
    return figure


EFFECTS = {  # a column: its label, colour and marker
    "cliffs_delta": ("against all other examples (mean over cells)", "0.4", "o"),
    "matched": ("against matched examples (mean over cells)", PIE_SHADE, "s"),
}


def complexity_effects(complexity: pd.DataFrame) -> Figure:
    """Draw the effects of PIEs' text complexity, against all others and against matched ones.

    Points are means over the pruned cells of a pair that work, over all if none does. Lines go
    from the smallest to the largest of these cells.
    """
    compared = complexity[complexity["measure"].isin(COMPLEXITY)]
    figure, panels = pair_panels(compared, height=0.7 + 0.22 * len(COMPLEXITY))
    places = pd.Series(range(len(COMPLEXITY)), index=COMPLEXITY)
    for pair, panel in panels.items():
        rows = working(pruned_rows_of(compared, pair), ("dataset", "model", "measure"))
        cells = rows.groupby("measure")
        panel.axvspan(-NEGLIGIBLE, NEGLIGIBLE, color="0.93", lw=0, label="negligible effect")
        panel.plot([], [], color="0.4", lw=1, label="from the smallest to the largest cell")
        panel.axvline(0, color="0.5", lw=0.8)
        for shift, column in zip((-0.17, 0.17), EFFECTS, strict=True):
            label, colour, marker = EFFECTS[column]
            spread = cells[column].agg(["mean", "min", "max"]).reindex(COMPLEXITY)
            y = places + shift
            panel.hlines(y, spread["min"], spread["max"], color=colour, lw=1)
            panel.plot(spread["mean"], y, marker, color=colour, label=label)
            if rows[COLLAPSED].any():
                draw_hollow(panel, spread["mean"], y, marker, colour)
        panel.set_yticks(places, [name.replace("_", " ") for name in COMPLEXITY])
        panel.invert_yaxis()
        panel.set_xlabel("Cliff's delta (right: PIEs have more)")
        panel.grid(False, axis="y")
    legend(figure, labelled(panels.values()))
    return figure
