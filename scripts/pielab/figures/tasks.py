"""Figure of how versions change by task, as the harness scores them."""

import pandas as pd
from matplotlib.figure import Figure

from pielab.figures.levels import level_name
from pielab.figures.panels import labelled, legend, pair_panels, rows_of
from pielab.figures.style import PIE_SHADE, PLAIN_SHADE
from pielab.vocabulary import FDR

MOST = {"group": 8, "task": 24}  # rows of a panel, of each kind: those that lose most
WIDTH, LINE = 6.6, 0.17  # inches, of a panel and of a row
GROUP, CHANGED, OTHER = "group of tasks", "task that changed (q up to 0.05)", "other task"
LOOKS = {GROUP: ("D", "black"), CHANGED: ("o", PIE_SHADE), OTHER: ("s", PLAIN_SHADE)}


def tasks(table: pd.DataFrame) -> Figure:
    """Draw the change of each task's score with its interval, a panel a dataset and model."""
    shown = table.dropna(subset=["change"]).reset_index(drop=True)
    shown["gain"] = shown["change"].where(shown["better"] != "lower", -shown["change"])
    shown["look"] = [_look(*pair) for pair in zip(shown["kind"], shown["q"], strict=True)]
    shown["words"] = _words(shown)
    if (shown.groupby(["dataset", "model"])["task"].nunique() == 1).all():
        shown["dataset"] = "all datasets"  # a dataset each
    shown = shown.sort_values(["kind", "gain"], kind="stable")
    place = shown.groupby(["dataset", "model", "kind"]).cumcount()
    shown = shown[place < shown["kind"].map(MOST)]
    sizes = shown.groupby(["dataset", "model"], sort=False).size()
    figure, panels = pair_panels(shown, WIDTH, [0.7 + LINE * n for n in sizes], in_a_row=1)
    for pair, panel in panels.items():
        rows = rows_of(shown, pair).reset_index(drop=True)
        for look, (marker, colour) in LOOKS.items():
            some = rows[rows["look"] == look]
            if len(some):
                ends = some["change_low"], some["change_high"]
                panel.hlines(some.index, *ends, color=colour, lw=1)
                panel.plot(some["change"], some.index, marker, color=colour, label=look)
        panel.axvline(0, color="0.5", lw=0.8)
        panel.set_yticks(range(len(rows)), rows["words"])
        panel.set_ylim(len(rows) - 0.5, -0.5)
        panel.set_xlabel("Change of the score")
        panel.grid(False, axis="y")
    legend(figure, labelled(panels.values()))
    return figure


def _look(kind: str, q: float) -> str:
    if kind == "group":
        return GROUP
    return CHANGED if q <= FDR else OTHER


def _words(rows: pd.DataFrame) -> list[str]:
    """Return each row's task, its metric unless that is acc, and its version if there are more."""
    several = len(rows[["method", "level"]].drop_duplicates()) > 1
    words = []
    for row in rows.itertuples():
        notes = [] if row.metric == "acc" else [str(row.metric)]
        notes += ["less is better"] * (row.better == "lower")
        notes += [row.method, level_name(row.level, row.method)] if several else []
        words.append(f"{row.task} ({', '.join(notes)})" if notes else str(row.task))
    return words
