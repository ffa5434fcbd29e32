"""Say in words, from the numbers, what a study found, what to believe of it and what to do next."""

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
    ends,
    interval,
    percent,
    signed,
)
from pielab.stats.power import seeds_needed
from pielab.vocabulary import FDR, FEWEST

MOST_SAID = 4  # cells that a sentence names
CHANGES = (0.5, 0.4, 0.3)  # shares of the models that turn on a text, to plan seeds for


def quoted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of cells.judged to quote: compressed versions, each with one baseline."""
    return table[table["headline"] & (table["sparsity"] > 0)]


def is_demonstration(table: pd.DataFrame) -> bool:
    """Return whether the study can judge no cell: too few seeds, or all cells have collapsed."""
    return bool(quoted(table)["sure"].isin([TOO_FEW, COLLAPSED]).all())


def finding(table: pd.DataFrame) -> str:
    """Return in one sentence what was found, for those who read no other."""
    own = quoted(table)
    if own.empty:
        return "No model was compressed, so there is nothing to find."
    total = count(len(own), "compressed version")
    if (own["sure"] == COLLAPSED).all():
        return f"A demonstration only: of {total} each has collapsed to (nearly) one answer."
    if is_demonstration(table):
        return (
            f"A demonstration only: with {_range(own['seeds'])} seeds no change can be told from "
            f"luck; {FEWEST} are the fewest with which one can."
        )
    sure, dense = (_of_kind(rows, SURE) for rows in (own, _against_dense(table)))
    beside = f" ({len(dense)} against dense models)" if _has_control(own) else ""
    if sure.empty:
        room = own.loc[~own["collapsed"], "excess_high"].max()
        return (
            f"Of {total} none surely changes more answers than other random seeds would{beside}; "
            f"the intervals leave room for up to {signed(room, ' %')} of the texts."
        )
    most = sure.loc[sure["excess"].idxmax()]
    return (
        f"Of {total}, {len(sure)} surely {_verb(sure)} more answers than other random seeds would"
        f"{beside}; most {where(most, table)}: {signed(most['excess'], ' %')} of the texts "
        f"(95 % interval {interval(most)}) and {signed(most['change'])} points of score."
    )


def believe(table: pd.DataFrame) -> list[str]:
    """Return what the numbers bear, a sentence each."""
    own = quoted(table)
    sure, less, few, dead = (_of_kind(own, word) for word in (SURE, NOT_MORE, TOO_FEW, COLLAPSED))
    said = [_sure_cell(row, table) for row in _most(sure)]
    if len(sure) > len(said):
        said.append(
            f"So, by less, {'does' if len(sure) - len(said) == 1 else 'do'} "
            f"{count(len(sure) - len(said), 'version')} more."
        )
    said += _open_cells(own[own["sure"].isin([UNKNOWN, PERHAPS])], table)
    if len(less):
        said.append(
            f"{count(len(less), 'version')} {_verb(less)} no more answers than other seeds would: "
            f"{_listed(less, table)}."
        )
    if len(few):
        said.append(
            f"Nothing yet of {count(len(few), 'version')}: with fewer than {FEWEST} seeds even "
            "models that differ in every vote could do so by chance."
        )
    if len(dead):
        said.append(
            f"{count(len(dead), 'version')} collapsed, no better than one constant answer "
            f"({_listed(dead, table)}): what changed there says to which class the models fell."
        )
    return [*said, *_longer(table)]


def _open_cells(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Return of how many cells nothing is sure, and how much may yet be in them."""
    if rows.empty:
        return []
    said = f"{count(len(rows), 'version')} cannot surely be told from luck"
    if rows["excess_high"].isna().all():
        return [f"{said}."]
    widest = rows.loc[rows["excess_high"].idxmax()]
    return [
        f"{said}. That is no proof that nothing changes: beyond what seeds do up to "
        f"{signed(widest['excess_high'], ' %')} of the texts ({where(widest, table)}) may change."
    ]


def _sure_cell(row: dict, table: pd.DataFrame) -> str:
    worst = ""
    if isinstance(row["class"], str) and row["class_q"] <= FDR:
        worst = f"; worst for {row['class']}, {ends(row)} %"
    return (
        f"{where(row, table)} changes {signed(row['excess'], ' %')} of the texts beyond what seeds "
        f"do ({interval(row)}): the majority's answer to {count(int(row['pies']), 'text')}, "
        f"{row['bad_flips']:,} for the worse, {row['good_flips']:,} for the better{worst}."
    )


def _longer(table: pd.DataFrame) -> list[str]:
    """Return what longer training by itself changes, or that the study cannot tell."""
    controls = table[(table["sparsity"] == 0) & (table["sure"] == SURE)]
    said = [
        f"Longer training alone ({row['method']}) changes {signed(row['excess'], ' %')} of the "
        f"answers of {row['dataset']}, {row['model']} beyond seeds ({interval(row)}): against "
        "dense models that would pass for compression."
        for row in _most(controls)
    ]
    if quoted(table)["against"].str.endswith("less long").any():
        said.append(
            "There is no control: methods that train longer than the dense models are held against "
            "these, so that part of what they change may be longer training."
        )
    return said


def next_steps(table: pd.DataFrame, trainings_a_seed: dict[str, int]) -> list[str]:
    """Return what to do, a sentence each: another method, and more seeds with their cost.

    Parameters
    ----------
    trainings_a_seed : dict
        Models that are trained for each seed, dense ones and controls too, by model.
    """
    own = quoted(table)
    working = own[~own["collapsed"]]
    if len(own) and working.empty:
        return ["Compress less, or train longer: no version is better than a constant answer."]
    steps = [_enough_to_judge(_of_kind(own, TOO_FEW), trainings_a_seed)]
    steps += [_instead(row, table) for row in _most(_of_kind(own, SURE))]
    steps.append(_more_seeds(working, trainings_a_seed))
    return [step for step in steps if step]


def _enough_to_judge(cells: pd.DataFrame, trainings_a_seed: dict[str, int]) -> str:
    """Return what it costs to judge cells of too few seeds at all, if there are any."""
    few = cells.drop_duplicates("model")
    if few.empty:
        return ""
    trainings = sum(
        (FEWEST - row["seeds"]) * trainings_a_seed.get(row["model"], 0)
        for row in few.to_dict("records")
    )
    cost = f" ({trainings:,} more trainings, and none again)" if trainings else ""
    return (
        f"Give {' and '.join(few['model'])} {FEWEST} seeds or more{cost}: fewer can prove nothing."
    )


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
    name = cell_name(best["method"], best["sparsity"])
    name += " (trained longer)" if best["against"].endswith("less long") else ""
    return (
        f"Instead of {where(row, table)} take {name}: "
        f"against dense models it changes {signed(best['excess'], ' %')} of the texts beyond seeds "
        f"({interval(best)}), not {signed(same['excess'].iloc[0], ' %')} "
        f"({interval(same.iloc[0])}), at a score of {percent(best['score_compressed'])}, not "
        f"{percent(row['score_compressed'])}."
    )


def _more_seeds(cells: pd.DataFrame, trainings_a_seed: dict[str, int]) -> str:
    """Return how many seeds would make more single texts certain, and what they cost."""
    for share in CHANGES:
        wanted, more, now = [], 0, 0
        for (model, seeds), rows in cells.groupby(["model", "seeds"], sort=False):
            right = min(0.95, max(share + 0.05, float(rows["score_baseline"].mean())))
            needed = seeds_needed(share, right, fewest=FEWEST) or 0
            if needed > seeds:
                wanted.append(f"{model} {needed} seeds instead of {seeds}")
                more += (needed - seeds) * trainings_a_seed.get(model, 0)
            now += seeds * trainings_a_seed.get(model, 0)
        if wanted:
            cost = f"{more:,} more trainings, {more / now:.1f} times this study's" if now else ""
            return (
                f"To be certain of four in five single texts on which {100 * share:.0f} % of the "
                f"models turn (if one text in twenty does), give {'; '.join(wanted)}"
                f"{f': {cost}, and none again' if cost else ''}. “make cost” gives their hours."
            )
    return "More seeds would tell little more of single texts."


def where(row: dict | pd.Series, table: pd.DataFrame) -> str:
    """Return a cell's name, with its data set if the study has several."""
    dataset = f"{row['dataset']}, " if table["dataset"].nunique() > 1 else ""
    return f"{dataset}{row['model']} by {cell_name(row['method'], row['sparsity'])}"


def _of_kind(table: pd.DataFrame, word: str) -> pd.DataFrame:
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
    return "; ".join([*names, *([f"{rest} more"] if rest else [])])


def _verb(rows: pd.DataFrame) -> str:
    return "changes" if len(rows) == 1 else "change"


def _range(numbers: pd.Series) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"
