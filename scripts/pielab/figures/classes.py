"""Figures of classes: their scores, and their PIEs against their frequency.

Means over methods are over pruned cells: the control, whose sparsity is 0, is left out.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pielab.figures.panels import labelled, legend, level_colours, of_pair, pairs_of, panels

MOST_NAMED = 8  # classes whose names or numbers still fit into a panel


def class_score(classes: pd.DataFrame, several: dict[str, bool]) -> Figure:
    """Draw each class's score against sparsity as a heat map, frequent classes at the top.

    Parameters
    ----------
    classes : DataFrame
        classes.csv.
    several : dict
        Whether the dataset has several labels an example.
    """
    numbers = [of_pair(classes, pair)["class"].nunique() for pair in pairs_of(classes)]
    figure, axes = panels(classes, 3.6, np.clip(0.7 + 0.13 * np.array(numbers), 1.5, 12))
    for pair, one in axes.items():
        part = of_pair(classes, pair).sort_values("train_examples", ascending=False, kind="stable")
        keys = dict(index="class", columns="sparsity", sort=False)
        pruned = part.pivot_table(values="score_pruned", **keys, dropna=False).sort_index(axis=1)
        dense = part.groupby("class", sort=False)["score_dense"].mean()
        scores = np.column_stack([dense, pruned.loc[dense.index]])
        shown = one.pcolormesh(scores, vmin=0, vmax=1, cmap="viridis")
        one.invert_yaxis()
        counts = part.groupby("class", sort=False)["train_examples"].first()
        names = [f"{name} ({count:,})" for name, count in counts.items()]
        size = min(7, 650 / len(names))  # points
        one.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=size)
        levels = ["dense", *(f"{level:g}" for level in pruned.columns)]
        one.set_xticks(np.arange(len(levels)) + 0.5, levels)
        one.grid(False)
        one.set_xlabel("Sparsity (%)")
        name = "F1 of the class" if several[pair[0]] else "Accuracy on the class"
        figure.colorbar(shown, ax=one, label=name)
        if len(names) <= MOST_NAMED:
            for (row, column), score in np.ndenumerate(scores):
                shade = "black" if score > 0.6 else "white"
                where = (column + 0.5, row + 0.5)
                place = dict(ha="center", va="center", fontsize=6)
                one.annotate(f"{score:.2f}", where, color=shade, **place)
    return figure


def class_pie_rate(classes: pd.DataFrame) -> Figure:
    """Draw the share of PIEs of each class against its frequency, a colour a sparsity."""
    colours = level_colours(classes)
    figure, axes = panels(classes)
    for pair, one in axes.items():
        keys = ["train_examples", "class", "sparsity"]
        means = of_pair(classes, pair).groupby(keys)["pie_rate"].mean().unstack("sparsity")
        frequency, names = (means.index.get_level_values(key) for key in keys[:2])
        few = len(means) <= MOST_NAMED
        for level, rates in means.items():
            places = range(len(means)) if few else frequency
            one.scatter(places, 100 * rates, s=16, color=colours[level], label=f"{level:g}")
        if few:
            labels = [f"{name}\n({count:,})" for name, count in zip(names, frequency, strict=True)]
            one.set_xticks(range(len(means)), labels)
            one.margins(x=0.3)
        else:
            one.set_xscale("log")
        one.set(xlabel="Training examples of the class", ylabel="PIEs (% of its test examples)")
        one.set_ylim(bottom=0)
    legend(figure, labelled(axes.values()), "Sparsity (%)")
    return figure


def class_distribution(classes: pd.DataFrame) -> Figure:
    """Draw each class's share of the PIEs against its share of all examples, a dot a sparsity.

    Of several labels the shares are of all labels.
    """
    colours = level_colours(classes)
    figure, axes = panels(classes)
    for pair, one in axes.items():
        keys = ["class", "sparsity"]
        own = of_pair(classes, pair)
        means = own.groupby(keys)[["example_share", "class_share_of_pies"]].mean() * 100
        for level, rows in means.groupby("sparsity"):
            one.scatter(*rows.to_numpy().T, s=16, color=colours[level], label=f"{level:g}")
        ends = [means.min().min(), means.max().max()]
        one.plot(ends, ends, "--", color="0.5", lw=0.8, label="same share")
        one.set(xlabel="Class among all test examples (%)", ylabel="Class among PIEs (%)")
    legend(figure, labelled(axes.values()), "Sparsity (%)")
    return figure
