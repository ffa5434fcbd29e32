"""Panels by dataset and model, with one legend below them all."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

MARKERS = "osD^vP*Xdh"


PANEL = (3.1, 2.3)  # inches, width and height: one panel fills a column of a two-column paper


def _panels(table: pd.DataFrame) -> tuple[Figure, dict[tuple[str, str], Axes]]:
    """Return a figure with a row of panels a dataset and a column a model."""
    datasets, models = table["dataset"].unique(), table["model"].unique()
    size = (PANEL[0] * len(models), PANEL[1] * len(datasets) + 0.5)
    figure, grid = plt.subplots(
        *(len(datasets), len(models)), **dict(figsize=size, squeeze=False, layout="constrained")
    )
    panels = {}
    for row, dataset in zip(grid, datasets, strict=True):
        for axes, model in zip(row, models, strict=True):
            if ((table["dataset"] == dataset) & (table["model"] == model)).any():
                axes.set_title(f"{dataset}, {model}")
                panels[dataset, model] = axes
            else:
                axes.set_visible(False)
    return figure, panels


def _label_levels(axes: Axes, levels: list) -> None:
    axes.set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
    axes.set_xlabel("Sparsity (%)")


def _shared_legend(figure: Figure, order: list[str]) -> None:
    """Put one legend below the panels, each method once."""
    handles = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles[label] = handle
    names = [name for name in order if name in handles]
    columns = max(3, int(figure.get_figwidth()))  # entries of about an inch
    figure.legend(
        *([handles[name] for name in names], names),
        **dict(loc="outside lower center", ncols=min(columns, len(names)), frameon=False),
    )


def pairs_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the datasets and models of a table, in its order."""
    pairs = table[["dataset", "model"]].drop_duplicates()
    return list(pairs.itertuples(index=False, name=None))


def of_pair(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    """Return the pruned cells of a dataset and model."""
    dataset, model = pair
    return table[
        (table["dataset"] == dataset) & (table["model"] == model) & (table["sparsity"] > 0)
    ]


def grid(rows: int, columns: int, width: float, height: float, **options) -> tuple:
    """Return a figure and its axes (rows, columns), in panels of so many inches."""
    size = (width * columns + 0.3, height * rows + 0.5)
    figure, axes = plt.subplots(
        *(rows, columns), **dict(figsize=size, squeeze=False, layout="constrained") | options
    )
    for one in axes.flat:
        one.set_axisbelow(True)
    return figure, axes


def panels(
    table: pd.DataFrame, width: float = 3.3, height: float | Sequence[float] = PANEL[1]
) -> tuple:
    """Return a figure, and its titled panels by dataset and model, two in a row.

    Of a height for each pair the greater of a row counts.
    """
    pairs = pairs_of(table)
    each = np.broadcast_to(height, len(pairs))
    heights = [each[start : start + 2].max() for start in range(0, len(pairs), 2)]
    shape = (len(heights), min(2, len(pairs)))
    figure, axes = grid(*shape, width, np.mean(heights), height_ratios=heights)
    for one in axes.flat[len(pairs) :]:
        one.set_visible(False)
    used = dict(zip(pairs, axes.flat, strict=False))
    for pair, one in used.items():
        one.set_title(", ".join(pair))
    return figure, used


def level_colours(table: pd.DataFrame) -> dict[float, tuple]:
    """Return a colour for each sparsity, darker the higher."""
    levels = sorted(set(table["sparsity"]) - {0})
    return dict(zip(levels, sns.color_palette("flare", len(levels)), strict=True))


def label_levels(axes: Axes, levels: Sequence[float]) -> None:
    """Name the x-axis and its places, one for each sparsity."""
    axes.set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
    axes.set_xlabel("Sparsity (%)")


def labelled(axes: Iterable[Axes]) -> dict[str, Artist]:
    """Return what the axes have drawn by its label, each once."""
    found = {}
    for one in axes:
        handles, labels = one.get_legend_handles_labels()
        found |= dict(zip(labels, handles, strict=True))
    return found


def legend(figure: Figure, handles: dict[str, Artist], title: str | None = None) -> None:
    """Put one legend below all panels, in as many columns as fit."""
    width = 0.7 + 0.065 * max(map(len, handles))  # inches, at 8 points
    fitting = max(1, min(len(handles), int(figure.get_figwidth() / width)))
    place = dict(loc="outside lower center", ncols=fitting, frameon=False)
    figure.legend(handles.values(), handles, title=title, **place)


def stacked_pies(
    pies: pd.DataFrame, methods: Sequence[str], parts: dict[str, str], shades: dict
) -> Figure:
    """Draw parts of the PIEs as stacked shares of the test examples, a column a method.

    Parameters
    ----------
    parts : dict
        The label of each column that holds a count, from the bottom up; `shades` is its colour.
    """
    pairs, levels = pairs_of(pies), sorted(set(pies["sparsity"]) - {0})
    shown = [name for name in methods if (pies.query("sparsity > 0")["method"] == name).any()]
    figure, axes = grid(len(pairs), len(shown), 1.35, 1.8, sharey="row")
    for row, pair in zip(axes, pairs, strict=True):
        for one, method in zip(row, shown, strict=True):
            part = of_pair(pies, pair)
            part = part[part["method"] == method].sort_values("sparsity")
            ticks, base = [levels.index(level) for level in part["sparsity"]], 0
            for column, label in parts.items():
                share = (100 * part[column] / part["examples"]).to_numpy()
                one.bar(ticks, share, 0.7, bottom=base, color=shades[column], label=label)
                base = base + share
            one.set_title(method)
            label_levels(one, levels)
        row[0].set_ylabel(f"{', '.join(pair)}\nPIEs (% of test)")
    legend(figure, labelled(axes.flat))
    return figure
