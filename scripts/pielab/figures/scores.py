"""Figures of scores, PIEs and agreement, of the test split."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.figures.marks import COLLAPSED, CONSTANT
from pielab.figures.panels import (
    DENSE,
    draw_baselines,
    draw_floors,
    draw_methods,
    grid,
    labelled,
    legend,
    levels_of,
    method_rows,
    pair_panels,
    pairs_of,
    rows_of,
)
from pielab.vocabulary import MODELS


def score_by_level(
    scores: pd.DataFrame, pies: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]
) -> Figure:
    """Draw the score against level, a panel for each dataset and model.

    Parameters
    ----------
    scores : DataFrame
        scores.csv: dataset, model, method, level, seed, score.
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
        panel.axhline(constant, label="best constant answer", **CONSTANT)
        panel.set_ylabel(f"{measures[pair[0]]} (test)")
    handles = labelled(panels.values())
    legend(figure, {DENSE: handles[DENSE]} | handles)
    return figure


def pie_share(pies: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw the share of examples that are PIEs against level, a panel for each pair.

    `pies` is pies.csv; a method without a level is a horizontal line, and so are noise floors.
    """
    columns = ["pie_share", "pie_share_low", "pie_share_high"]
    pies = pies.assign(**{name: 100 * pies[name] for name in columns})
    figure, panels = pair_panels(pies)
    for pair, panel in panels.items():
        rows = rows_of(pies, pair)
        draw_methods(panel, rows, "pie_share", colours, ("pie_share_low", "pie_share_high"))
        draw_floors(panel, rows, colours)
        panel.set_ylabel("PIEs (% of test examples)")
        panel.set_ylim(bottom=0)
    legend(figure, labelled(panels.values()))
    return figure


AGREEMENT = {  # a column: its label, factor, and the column that the baseline has beside it
    "churn_same_seed": ("Churn (% of predictions)", 100, "churn_baseline"),
    "probability_loyalty": ("Probability loyalty", 1, None),
    "kl_divergence": ("KL divergence (nats)", 1, None),
    "calibration_error_compressed": ("Calibration error (%)", 100, "calibration_error_baseline"),
}


def agreement(table: pd.DataFrame, colours: dict[str, tuple]) -> Figure:
    """Draw churn, loyalty, divergence and calibration against level, a row a pair."""
    pairs = pairs_of(table)
    figure, panels = grid(len(pairs), len(AGREEMENT), 1.9, 1.9, sharey="col")
    for row, pair in zip(panels, pairs, strict=True):
        rows = rows_of(table, pair)
        for panel, (column, (label, factor, beside)) in zip(row, AGREEMENT.items(), strict=True):
            draw_methods(panel, rows.assign(shown=factor * rows[column]), "shown", colours)
            if beside:
                levels = rows.assign(shown=factor * rows[beside])
                draw_baselines(panel, levels, "shown", colours, "{} (baseline)")
            panel.set_ylabel(label)
        row[0].set_ylabel(f"{', '.join(pair)}\n{AGREEMENT['churn_same_seed'][0]}")
        if "churn_draws" in rows:
            _draw_draws(row[0], rows, colours)
    legend(figure, labelled(panels.flat))
    return figure


def _draw_draws(panel: Axes, rows: pd.DataFrame, colours: dict[str, tuple]) -> None:
    """Mark by crosses how often two draws of calibration texts for one dense model disagree."""
    levels = levels_of(rows)
    for _, method, cells in method_rows(rows.dropna(subset="churn_draws"), colours):
        places = [levels.index(level) for level in cells["level"]]
        heights, label = 100 * cells["churn_draws"], f"{method} (two draws)"
        panel.plot(places, heights, ls="", marker="x", color=colours[method], label=label)
