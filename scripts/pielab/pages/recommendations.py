"""Recommend what to do next: another method, or more seeds and what they cost."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from pielab.pages.advice import (
    RERUN,
    against_dense,
    has_draws,
    most_changed,
    of_kind,
    primary_rows,
    where,
)
from pielab.pages.cells import SINGLE, TOO_FEW, cell_name, count, interval, percent, signed
from pielab.stats.confidence import YES
from pielab.stats.power import seeds_needed
from pielab.vocabulary import FEWEST_FOR_TEST, MODELS

CHANGES = (0.5, 0.4, 0.3)  # shares of the models that turn on a text, to plan seeds for


def next_steps(
    table: pd.DataFrame, trainings_a_seed: dict[str, int], blocked: Collection[tuple] = ()
) -> list[str]:
    """Return what to do, a sentence each: another method, and more seeds with their cost.

    Parameters
    ----------
    trainings_a_seed : dict
        Models that are trained for each seed, dense ones and controls too, by model.
    blocked : collection of tuple
        Versions that the gate blocks, by dataset, model, method and level: never recommended.
    """
    primary = primary_rows(table)
    working = primary[~primary["collapsed"]]
    if len(primary) and working.empty:
        return ["Compress less, or train longer: no version is better than a constant answer."]
    again = primary["differ_by"].str.startswith(RERUN)
    same = primary["churn_baseline"].fillna(0) == 0  # a rerun that changes nothing never will
    few = primary[primary["sure"].isin([TOO_FEW, SINGLE]) & ~(again & same)]
    if has_draws(primary):  # which versions of one model do not have
        few = few[few["sure"] != SINGLE]
    vary = working[(working["differ_by"] != "draw") & ~(again & same)[working.index]]
    steps = [_enough_to_judge(few, trainings_a_seed)]
    steps += [_instead(row, table, blocked) for row in most_changed(of_kind(primary, YES))]
    steps.append(_more_seeds(vary, trainings_a_seed))
    return [step for step in steps if step]


def _enough_to_judge(cells: pd.DataFrame, trainings_a_seed: dict[str, int]) -> str:
    """Return what it costs to judge cells of too few seeds at all, if there are any."""
    few = cells.drop_duplicates("model")
    if few.empty:
        return ""
    trainings = sum(
        (FEWEST_FOR_TEST - row["seeds"]) * trainings_a_seed.get(row["model"], 0)
        for row in few.to_dict("records")
    )
    cost = f" ({count(trainings, 'more training')}, and none again)" if trainings else ""
    kinds = _and_kinds(few["differ_by"])
    advice = f"ive {' and '.join(few['model'])} {FEWEST_FOR_TEST} {kinds} or more{cost}"
    if (few["sure"] == SINGLE).all():
        return f"To learn whether other {kinds} change answers too, g{advice}."
    return f"G{advice}: with fewer no test can separate a change from chance."


def _and_kinds(differ_by: pd.Series) -> str:
    """Return what models differ by, as a plural."""
    return " or ".join(dict.fromkeys(f"{kind.partition(' ')[0]}s" for kind in differ_by))


def _instead(row: dict, table: pd.DataFrame, blocked: Collection[tuple]) -> str:
    """Return a cell of the same model that surely changes less and costs less score, if any does.

    Both are compared with dense models; those that do not surely change more than seeds go
    first, then the smallest as stored.
    """
    dense = against_dense(table)
    pair = dense[(dense["dataset"] == row["dataset"]) & (dense["model"] == row["model"])]
    same = pair[(pair["method"] == row["method"]) & (pair["level"] == row["level"])]
    if same.empty:
        return ""
    better = pair[~pair["collapsed"] & (pair["excess_high"] < same["excess_low"].iloc[0])]
    better = better[better["score_compressed"] > row["score_compressed"]]
    may_ship = [
        name not in blocked for name in better[list(MODELS)].itertuples(index=False, name=None)
    ]
    better = better[np.array(may_ship, dtype=bool)]
    if better.empty:
        return ""
    ranked = better.assign(changes=better["sure"] == YES)
    best = ranked.sort_values(["changes", "size_share", "excess"]).iloc[0]
    name = cell_name(best)
    name += " (trained longer)" if best["against"].endswith("less long") else ""
    return (
        f"Instead of {where(row, table)} take {name}: compared with dense models, its extra "
        f"changes are {signed(best['excess'], ' %')} of the texts ({interval(best)}) and not "
        f"{signed(same['excess'].iloc[0], ' %')} ({interval(same.iloc[0])}), and its score is "
        f"{percent(best['score_compressed'])} and not {percent(row['score_compressed'])}."
    )


def _more_seeds(cells: pd.DataFrame, trainings_a_seed: dict[str, int]) -> str:
    """Return how many seeds would find more single texts that change, and what they cost."""
    if cells.empty:
        return ""
    for share in CHANGES:
        wanted, more, now = [], 0, 0
        for (model, seeds), rows in cells.groupby(["model", "seeds"], sort=False):
            right = min(0.95, max(share + 0.05, float(rows["score_baseline"].mean())))
            needed = seeds_needed(share, right, fewest=FEWEST_FOR_TEST) or 0
            if needed > seeds:
                kinds = _and_kinds(rows["differ_by"])
                wanted.append(f"{model} {needed} {kinds} instead of {seeds}")
                more += (needed - seeds) * trainings_a_seed.get(model, 0)
            now += seeds * trainings_a_seed.get(model, 0)
        if wanted:
            cost = (
                f"{count(more, 'more training')}, {more / now:.1f} times this study's"
                if now
                else ""
            )
            spent = f": {cost}. “make cost” gives the hours" if cost else ""
            return (
                f"To find four in five texts on which {100 * share:.0f} % of the models change "
                f"their answer, give {'; '.join(wanted)}{spent}."
            )
    return "More seeds would show little more about single texts."
