"""Figures: one colour a method everywhere, dense in black, sizes for print."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab import files

MARKERS = "osD^vP*Xdh"
PANEL = (3.1, 2.3)  # inches, width and height: one panel fills a column of a two-column paper
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


def score_by_sparsity(
    scores: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw the score against sparsity, a panel for each dataset and model.

    Parameters
    ----------
    scores : DataFrame
        scores.csv: dataset, model, method, sparsity (percent), seed, score.
    measures : dict
        The name of the score of each dataset.
    """
    levels = sorted(set(scores["sparsity"]) - {0})
    stats = scores.groupby(["dataset", "model", "method", "sparsity"], sort=False)["score"]
    stats = stats.agg(["mean", "std"]).fillna(0).reset_index()
    figure, panels = _panels(stats)
    for (dataset, model), axes in panels.items():
        part = stats[(stats["dataset"] == dataset) & (stats["model"] == model)]
        for method, rows in part.groupby("method"):
            colour = colours.get(method, "black")
            if (rows["sparsity"] == 0).all():
                _draw_level(axes, rows.iloc[0], method, colour, len(levels))
            else:
                _draw_line(axes, rows, method, colour, levels, list(colours).index(method))
        _label_levels(axes, levels)
        axes.set_ylabel(f"{measures[dataset]} (test)")
    _shared_legend(figure, ["dense", *colours])
    return figure


def pie_share(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the share of examples that are PIEs against sparsity, a panel for each pair.

    `pies` is pies.csv; a method without a sparsity is a horizontal line.
    """
    levels = sorted(set(pies["sparsity"]) - {0})
    pies = pies.assign(mean=100 * pies["pie_share"], std=0.0)
    figure, panels = _panels(pies)
    for (dataset, model), axes in panels.items():
        part = pies[(pies["dataset"] == dataset) & (pies["model"] == model)]
        for method, rows in part.groupby("method"):
            if (rows["sparsity"] == 0).all():
                _draw_level(axes, rows.iloc[0], method, colours[method], len(levels))
            else:
                _draw_line(axes, rows, method, colours[method], levels, list(colours).index(method))
        _label_levels(axes, levels)
        axes.set_ylabel("PIEs (% of test examples)")
        axes.set_ylim(bottom=0)
    _shared_legend(figure, list(colours))
    return figure


def score_on_pies(
    pies: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw dense and pruned score on all examples and on PIEs, a row a pair, a column a method."""
    levels = sorted(set(pies["sparsity"]) - {0})
    pairs = list(pies[["dataset", "model"]].drop_duplicates().itertuples(index=False, name=None))
    cells = pies.sort_values("sparsity").groupby(["dataset", "model", "method"])
    methods = [method for method in colours if (pies["method"] == method).any()]
    size = (1.5 + 1.15 * len(methods), 0.7 + 1.6 * len(pairs))
    figure, grid = plt.subplots(
        *(len(pairs), len(methods)),
        **dict(figsize=size, sharey="row", squeeze=False, layout="constrained"),
    )
    kinds = [("score_dense", "black", "-"), ("score_dense_on_pies", "black", "--")]
    for row, (dataset, model) in zip(grid, pairs, strict=True):
        for axes, method in zip(row, methods, strict=True):
            colour = colours[method]
            part = cells.get_group((dataset, model, method))
            unpruned = (part["sparsity"] == 0).all()
            ticks = [0] if unpruned else [levels.index(level) for level in part["sparsity"]]
            lines = [*kinds, ("score_pruned", colour, "-"), ("score_pruned_on_pies", colour, "--")]
            for column, shade, dash in lines:
                filled = shade if dash == "-" else "white"
                axes.plot(ticks, part[column], dash, color=shade, marker="o", mfc=filled)
            axes.set_title(method)
            _label_levels(axes, levels)
            axes.set_xlim(-0.4, len(levels) - 0.6)
            if unpruned:
                axes.set_xticks([0], ["0"])
                axes.set_xlim(-0.5, 0.5)
            axes.tick_params(labelbottom=True)
        row[0].set_ylabel(f"{dataset}, {model}\n{measures[dataset]} (test)")
    handles = [
        mpl.lines.Line2D([], [], color=shade, ls=dash, marker="o", label=label, mfc=fill)
        for shade, dash, fill, label in (
            ("black", "-", "black", "dense, all examples"),
            ("black", "--", "white", "dense, PIEs"),
            ("0.6", "-", "0.6", "pruned (method's colour), all examples"),
            ("0.6", "--", "white", "pruned (method's colour), PIEs"),
        )
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


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


def _draw_line(
    axes: Axes, rows: pd.DataFrame, method: str, colour: tuple, levels: list, index: int
) -> None:
    rows = rows.sort_values("sparsity")
    ticks = [levels.index(level) for level in rows["sparsity"]]
    marker = MARKERS[index % len(MARKERS)]
    axes.plot(ticks, rows["mean"], color=colour, marker=marker, label=method)
    low, high = rows["mean"] - rows["std"], rows["mean"] + rows["std"]
    axes.fill_between(ticks, low, high, color=colour, alpha=0.15, lw=0)


def _draw_level(axes: Axes, row: pd.Series, method: str, colour: tuple, width: int) -> None:
    """Draw what has no sparsity: dense dashed, control dotted."""
    ends = np.array([-0.15, width - 0.85])
    dash = "--" if method == "dense" else ":"
    axes.plot(ends, [row["mean"]] * 2, ls=dash, lw=1.6, color=colour, label=method)
    low, high = row["mean"] - row["std"], row["mean"] + row["std"]
    axes.fill_between(ends, low, high, color=colour, alpha=0.1, lw=0)


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
