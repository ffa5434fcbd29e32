"""Figures of scores, PIEs, flips, overlaps and agreement, of the test split."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pielab.figures.marks import COLLAPSED, draw_hollow, titled
from pielab.figures.panels import (
    DENSE,
    draw_baselines,
    draw_methods,
    grid,
    label_levels,
    labelled,
    legend,
    levels_of,
    pair_panels,
    pairs_of,
    rows_of,
    stacked_pies,
)
from pielab.vocabulary import FLIPS, MODELS


def score_by_sparsity(
    scores: pd.DataFrame,
    pies: pd.DataFrame,
    measures: dict[str, str],
    colours: dict[str, tuple],
) -> Figure:
    """Draw the score against sparsity, a panel for each dataset and model.

    Parameters
    ----------
    scores : DataFrame
        scores.csv: dataset, model, method, sparsity (percent), seed, score.
    pies : DataFrame
        pies.csv, one row a cell: which have collapsed, and what a constant answer scores.
    measures : dict
        The name of the score of each dataset.
    """
    means = scores.groupby(list(MODELS), sort=False)["score"].agg(["mean", "std"])
    means = means.fillna(0).reset_index()
    means = means.assign(low=means["mean"] - means["std"], high=means["mean"] + means["std"])
    means = means.merge(pies[[*MODELS, COLLAPSED]], on=list(MODELS), how="left")
    means[COLLAPSED] = means[COLLAPSED].eq(True)  # the dense models are no cell
    figure, panels = pair_panels(means)
    for pair, panel in panels.items():
        shades = colours | {DENSE: (0.0, 0.0, 0.0)}
        draw_methods(panel, rows_of(means, pair), "mean", shades, ("low", "high"))
        constant = rows_of(pies, pair)["constant_score"].iloc[0]
        panel.axhline(constant, color="0.5", ls="-.", lw=0.8, label="best constant answer")
        panel.set_ylabel(f"{measures[pair[0]]} (test)")
    handles = labelled(panels.values())
    legend(figure, {DENSE: handles[DENSE]} | handles)
    return figure


def pie_share(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the share of examples that are PIEs against sparsity, a panel for each pair.

    `pies` is pies.csv; a method without a sparsity is a horizontal line.
    """
    columns = ["pie_share", "pie_share_low", "pie_share_high"]
    pies = pies.assign(**{name: 100 * pies[name] for name in columns})
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        draw_methods(
            panel, rows_of(pies, pair), "pie_share", colours, ("pie_share_low", "pie_share_high")
        )
        panel.set_ylabel("PIEs (% of test examples)")
        panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()))
    return figure


SCORES_ON_PIES = {  # a column: its label, whether it is of the baseline, and of all examples
    "score_baseline": ("baseline, all examples", True, True),
    "score_baseline_on_pies": ("baseline, PIEs", True, False),
    "score_compressed": ("method (its colour), all examples", False, True),
    "score_compressed_on_pies": ("method (its colour), PIEs", False, False),
}


def score_on_pies(
    pies: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw both sides' scores on all examples and on PIEs, a row a pair, a column a method."""
    levels, pairs = levels_of(pies), pairs_of(pies)
    methods = [method for method in colours if (pies["method"] == method).any()]
    size = 1.15 + 1.2 / len(methods), 1.6 + 0.2 / len(pairs)  # a few panels leave room for words
    figure, panels = grid(len(pairs), len(methods), *size, sharey="row")
    for row, pair in zip(panels, pairs, strict=True):
        cells = rows_of(pies, pair)
        for panel, method in zip(row, methods, strict=True):
            rows = cells[cells["method"] == method].sort_values("sparsity")
            is_control = (rows["sparsity"] == 0).all()
            places = [0 if is_control else levels.index(level) for level in rows["sparsity"]]
            collapsed = rows[COLLAPSED].to_numpy()
            for column, (_, of_baseline, _) in SCORES_ON_PIES.items():
                shade, look = "black" if of_baseline else colours[method], _line(column)
                panel.plot(places, rows[column], color=shade, **look)
                hollow = np.array(places)[collapsed], rows[column][collapsed]
                draw_hollow(panel, *hollow, look["marker"], shade)
            panel.set_title(titled(method, pies))
            label_levels(panel, levels)
            panel.set_xlim(-0.4, len(levels) - 0.6)
            if is_control:
                panel.set_xticks([0], ["0"])
                panel.set_xlim(-0.5, 0.5)
            panel.tick_params(labelbottom=True)
        row[0].set_ylabel(f"{', '.join(pair)}\n{measures[pair[0]]} (test)")
    handles: dict[str, Artist] = {
        label: Line2D([], [], color="black" if of_baseline else "0.6", **_line(column))
        for column, (label, of_baseline, _) in SCORES_ON_PIES.items()
    }
    legend(figure, handles | labelled(panels.flat))
    return figure


def _line(column: str) -> dict:
    """Return how a score is drawn: solid and round on all examples, dashed and square on PIEs."""
    return {"ls": "-", "marker": "o"} if SCORES_ON_PIES[column][2] else {"ls": "--", "marker": "s"}


FLIP_SHADES = {"good": 2, "both wrong": 7, "bad": 3}  # places in the palette, from the bottom up


def flips(pies: pd.DataFrame, methods: Sequence[str], palette: str) -> Figure:
    """Draw the kinds of flips as stacked shares of the test examples, those that there are."""
    colours = sns.color_palette(palette, 8)
    shades = {flip: colours[place] for flip, place in FLIP_SHADES.items()}
    drawn = {flip: FLIPS[flip] for flip in shades if pies[FLIPS[flip]].any()}
    return stacked_pies(pies, methods, drawn, shades)


AGREEMENT = {  # a column: its label, factor, and the column that the baseline has beside it
    "churn_same_seed": ("Churn (% of predictions)", 100, "churn_baseline"),
    "probability_loyalty": ("Probability loyalty", 1, None),
    "kl_divergence": ("KL divergence (nats)", 1, None),
    "calibration_error_compressed": ("Calibration error (%)", 100, "calibration_error_baseline"),
}


def agreement(table: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw churn, loyalty, divergence and calibration against sparsity, a row a pair."""
    pairs = pairs_of(table)
    figure, panels = grid(len(pairs), len(AGREEMENT), 1.9, 1.9)
    for row, pair in zip(panels, pairs, strict=True):
        rows = rows_of(table, pair)
        for panel, (column, (label, factor, beside)) in zip(row, AGREEMENT.items(), strict=True):
            draw_methods(panel, rows.assign(shown=factor * rows[column]), "shown", colours)
            if beside:
                levels = rows.assign(shown=factor * rows[beside])
                draw_baselines(panel, levels, "shown", colours, "{} (baseline)")
            panel.set_ylabel(label)
        row[0].set_ylabel(f"{', '.join(pair)}\n{AGREEMENT['churn_same_seed'][0]}")
    legend(figure, labelled(panels.flat))
    return figure
