"""Say in words, from the numbers, what a study found, what to believe of it and what to do next."""

from collections.abc import Sequence

import pandas as pd

from pielab.pages.cells import (
    COLLAPSED,
    NOT_MORE,
    PERHAPS,
    SURE,
    TOO_FEW,
    UNKNOWN,
    cell_name,
    count,
    interval,
    percent,
    signed,
)
from pielab.stats.power import MOST_SEEDS, seeds_needed
from pielab.vocabulary import FDR, FEWEST

MOST_SAID = 4  # cells that a sentence names
CHANGES = (0.5, 0.4, 0.3)  # shares of the models that compression turns on a text, to plan seeds for


def quoted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of cells.judged to quote: compressed cells, each with one baseline."""
    return table[table["headline"] & (table["sparsity"] > 0)]


def is_demonstration(table: pd.DataFrame) -> bool:
    """Return whether the study can judge no cell: too few seeds, or all cells have collapsed."""
    return bool(quoted(table)["sure"].isin([TOO_FEW, COLLAPSED]).all())


def finding(table: pd.DataFrame) -> str:
    """Return in one sentence what was found, for those who read no other."""
    own = quoted(table)
    if own.empty:
        return "No model was compressed, so there is nothing to find."
    total = count(len(own), "compressed cell")
    if (own["sure"] == COLLAPSED).all():
        return f"All {total} have collapsed to (nearly) one answer: nothing can be said of texts."
    if is_demonstration(table):
        return (
            f"A demonstration: with {_range(own['seeds'])} seeds no change can be told from luck; "
            f"{FEWEST} are the fewest with which one can."
        )
    sure, dense = (of_kind(rows, SURE) for rows in (own, _against_dense(table)))
    beside = f" ({len(dense)} against dense models)" if _has_control(own) else ""
    if sure.empty:
        room = own.loc[~own["collapsed"], "excess_high"].max()
        return (
            f"In none of {total} does compression surely change more answers than other seeds "
            f"would{beside}; the intervals leave room for up to {signed(room, ' %')} of the texts."
        )
    most = sure.loc[sure["excess"].idxmax()]
    return (
        f"In {len(sure)} of {total} compression surely changes more answers than other seeds would"
        f"{beside}, most by {where(most, table)}: {signed(most['excess'], ' %')} of the texts (95 % "
        f"interval {interval(most)}), and the score changes by {signed(most['change'])} points."
    )


def believe(table: pd.DataFrame) -> list[str]:
    """Return what the numbers bear, a sentence each."""
    own = quoted(table)
    said = [_sure_cell(row, table) for row in _most(of_kind(own, SURE))]
    left = len(of_kind(own, SURE)) - len(said)
    said += [f"{count(left, 'more cell')} surely change more answers, too."] if left > 0 else []
    open_ones = own[own["sure"].isin([UNKNOWN, PERHAPS])]
    if len(open_ones):
        widest = open_ones.loc[open_ones["excess_high"].idxmax()]
        said.append(
            f"{count(len(open_ones), 'cell')} cannot be told from luck. That is no proof that nothing "
            f"changes: up to {signed(widest['excess_high'], ' %')} of the texts ({where(widest, table)}) "
            "may change beyond what seeds do."
        )
    less = of_kind(own, NOT_MORE)
    if len(less):
        said.append(
            f"{count(len(less), 'cell')} {_verb(less)} no more answers than other seeds would: "
            f"{_listed(less, table)}."
        )
    few = of_kind(own, TOO_FEW)
    if len(few):
        said.append(
            f"Nothing yet about {count(len(few), 'cell')}: with fewer than {FEWEST} seeds even models "
            "that differ in every vote could do so by chance."
        )
    dead = of_kind(own, COLLAPSED)
    if len(dead):
        said.append(
            f"{count(len(dead), 'cell')} collapsed, that is no better than one constant answer "
            f"({_listed(dead, table)}): what changed there says to which class the models fell."
        )
    return [*said, *_longer(table)]


def _sure_cell(row: dict, table: pd.DataFrame) -> str:
    pies = count(int(row["pies"]), "text")
    flips = f"{row['bad_flips']:,} for the worse, {row['good_flips']:,} for the better"
    worst = ""
    if isinstance(row["class"], str) and row["class_q"] <= FDR:
        before, after = (f"{100 * row[f'class_{side}']:.0f}" for side in ("before", "after"))
        worst = f"; worst for {row['class']}, from {before} to {after} %"
    return (
        f"{where(row, table)} changes {signed(row['excess'], ' %')} of the texts beyond what seeds do "
        f"({interval(row)}): the majority's answer to {pies}, {flips}{worst}."
    )


def _longer(table: pd.DataFrame) -> list[str]:
    """Return what longer training by itself changes, or that the study cannot tell."""
    controls = table[(table["sparsity"] == 0) & ~table["collapsed"]]
    said = [
        f"Longer training alone ({row['method']}) changes the score of {row['dataset']}, "
        f"{row['model']} by {signed(row['change'])} points and {signed(row['excess'], ' %')} of the "
        f"answers beyond seeds ({interval(row)}); against dense that would pass for pruning."
        for row in controls.to_dict("records")
        if row["seeds"] >= FEWEST and (row["excess_low"] > 0 or row["excess_high"] < 0)
    ]
    unmatched = quoted(table)["against"].str.endswith("trained less")
    if unmatched.any():
        said.append(
            "There is no control: methods that train longer than dense models are compared with these, "
            "so that part of what they change may be longer training and no pruning."
        )
    return said[:MOST_SAID]


def next_steps(table: pd.DataFrame, trainings_a_seed: dict[str, int]) -> list[str]:
    """Return what to do, a sentence each: another method, and more seeds with their cost.

    Parameters
    ----------
    trainings_a_seed : dict
        Models that are trained for each seed, dense ones and controls too, by model.
    """
    own = quoted(table)
    steps = [step for row in _most(of_kind(own, SURE)) if (step := _instead(row, table))]
    working = own[~own["collapsed"]]
    if len(own) and working.empty:
        return ["Compress less, or train longer: no cell is better than a constant answer."]
    for (model, seeds), rows in working.groupby(["model", "seeds"], sort=False):
        steps.append(_more_seeds(model, int(seeds), rows, trainings_a_seed.get(model, 0)))
    return [step for step in steps if step]


def _instead(row: dict, table: pd.DataFrame) -> str:
    """Return a cell of the same model that surely changes less and costs less score, if any does.

    Both are held against dense models; the one that leaves the most weights out goes first.
    """
    dense = _against_dense(table)
    pair = dense[(dense["dataset"] == row["dataset"]) & (dense["model"] == row["model"])]
    same = pair[(pair["method"] == row["method"]) & (pair["sparsity"] == row["sparsity"])]
    if same.empty:
        return ""
    others = pair[~pair["collapsed"] & (pair["excess_high"] < same["excess_low"].iloc[0])]
    others = others[others["score_compressed"] > row["score_compressed"]]
    if others.empty:
        return ""
    best = others.sort_values(["sparsity", "excess"], ascending=[False, True]).iloc[0]
    return (
        f"Instead of {where(row, table)} take {cell_name(best['method'], best['sparsity'])}: against "
        f"dense models it changes {signed(best['excess'], ' %')} of the texts beyond seeds "
        f"({interval(best)}) and not {signed(same['excess'].iloc[0], ' %')} "
        f"({interval(same.iloc[0])}), at a score of {percent(best['score_compressed'])} and not "
        f"{percent(row['score_compressed'])}."
    )


def _more_seeds(model: str, seeds: int, cells: pd.DataFrame, trainings: int) -> str:
    """Return how many seeds would tell more of single texts, and what they cost."""
    right = min(0.95, max(0.55, float(cells["score_baseline"].mean())))
    for share in CHANGES:
        needed = seeds_needed(share, right, fewest=FEWEST)
        if needed is None:
            break
        if needed > seeds:
            more = needed - seeds
            cost = f" ({more * trainings:,} more trainings" if trainings else " ("
            cost += f"{', ' if trainings else ''}{more / seeds:.1f} times what this study trained)"
            return (
                f"To be sure of single texts on which {100 * share:.0f} % of the models turn, give "
                f"{model} {needed} seeds instead of {seeds}{cost}: four of five such texts are then "
                "certain, if compression turns one text in twenty. No model is trained again."
            )
    return f"More than {min(seeds, MOST_SEEDS)} seeds of {model} would tell little more."


def where(row: dict | pd.Series, table: pd.DataFrame) -> str:
    """Return a cell's name, with its data set if the study has several."""
    names = [row["dataset"]] if table["dataset"].nunique() > 1 else []
    return ", ".join([*names, row["model"], cell_name(row["method"], row["sparsity"])])


def of_kind(table: pd.DataFrame, word: str) -> pd.DataFrame:
    """Return the rows of which the first screen says this."""
    return table[table["sure"] == word]


def _most(rows: pd.DataFrame) -> list[dict]:
    return rows.sort_values("excess", ascending=False).head(MOST_SAID).to_dict("records")


def _against_dense(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["baseline"] == "dense") & (table["sparsity"] > 0)]


def _has_control(own: pd.DataFrame) -> bool:
    return bool((own["baseline"] != "dense").any())


def _listed(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    names = [where(row, table) for row in rows.head(MOST_SAID).to_dict("records")]
    rest = len(rows) - len(names)
    return "; ".join([*names, *([f"and {rest} more"] if rest else [])])


def _verb(rows: Sequence | pd.DataFrame) -> str:
    return "changes" if len(rows) == 1 else "change"


def _range(numbers: pd.Series) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"
