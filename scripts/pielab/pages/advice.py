"""Say in words, from the numbers, what a study found and what to believe of it."""

import pandas as pd

from pielab.pages import single
from pielab.pages.cells import (
    COLLAPSED,
    SINGLE,
    TOO_FEW,
    cell_name,
    count,
    ends,
    interval,
    signed,
)
from pielab.stats.confidence import NO, PROBABLY, UNCLEAR, YES
from pielab.vocabulary import FDR, FEWEST_FOR_TEST

MEMBERS = ("seed and draw", "draw")  # what models differ by where texts are drawn
RERUN = "rerun"
MOST_SAID = 4  # cells that a sentence names


def primary_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the primary rows of cells.judged: compressed versions, each with one baseline."""
    return table[table["primary"] & table["is_compressed"]]


def is_demonstration(table: pd.DataFrame) -> bool:
    """Return whether the study can judge no cell: too few seeds, or all cells have collapsed."""
    return bool(primary_rows(table)["sure"].isin([TOO_FEW, SINGLE, COLLAPSED]).all())


def finding(table: pd.DataFrame) -> str:
    """Return in one sentence what was found, for those who read no other."""
    own = primary_rows(table)
    if own.empty:
        return "No model was compressed, so there is nothing to find."
    total = count(len(own), "compressed version")
    if (own["sure"] == COLLAPSED).all():
        return f"A demonstration only: of {total} each has collapsed to (nearly) one answer."
    if own["sure"].isin([SINGLE, COLLAPSED]).all():
        return single.two_models(of_kind(own, SINGLE))
    if is_demonstration(table):
        return (
            f"A demonstration only: with {_range(own['seeds'])} seeds no change can be told from "
            f"luck; {FEWEST_FOR_TEST} are the fewest with which one can."
        )
    sure, dense = (of_kind(rows, YES) for rows in (own, against_dense(table)))
    beside = f" ({len(dense)} against dense models)" if _has_control(own) else ""
    if sure.empty:
        room = own.loc[~own["collapsed"], "excess_high"].max()
        return (
            f"Of {total} none is shown to change more answers than other random seeds would"
            f"{beside}; the intervals leave room for up to {signed(room, ' %')} of the texts."
        )
    most = sure.loc[sure["excess"].idxmax()]
    return (
        f"Of {total}, {len(sure)} {_verb(sure)} more answers than other random seeds would"
        f"{beside}; most {where(most, table)}: {signed(most['excess'], ' %')} of the texts "
        f"(95 % interval {interval(most)}) and {signed(most['change'])} points of score."
    )


def believe(table: pd.DataFrame) -> list[str]:
    """Return what the numbers bear, a sentence each."""
    own = primary_rows(table)
    sure, less, few, dead = (of_kind(own, word) for word in (YES, NO, TOO_FEW, COLLAPSED))
    said = [_sure_cell(row, table) for row in most_changed(sure)]
    if len(sure) > len(said):
        said.append(
            f"So, by less, {'does' if len(sure) - len(said) == 1 else 'do'} "
            f"{count(len(sure) - len(said), 'version')} more."
        )
    said += _open_cells(own[own["sure"].isin([UNCLEAR, PROBABLY])], table)
    if len(less):
        said.append(
            f"{count(len(less), 'version')} {_verb(less)} no more answers than other seeds would: "
            f"{_listed(less, table)}."
        )
    if len(few):
        said.append(
            f"Nothing yet of {count(len(few), 'version')}: with fewer than {FEWEST_FOR_TEST} seeds "
            "even models that differ in every vote could do so by chance."
        )
    said += single.believe(of_kind(own, SINGLE))
    if len(dead):
        said.append(
            f"{count(len(dead), 'version')} collapsed, no better than one constant answer "
            f"({_listed(dead, table)}): what changed there says to which class the models fell."
        )
    return [*said, *_longer(table), *_draws(own)]


def _draws(own: pd.DataFrame) -> list[str]:
    """Return whose luck is meant where methods draw calibration texts."""
    said = []
    both, alone = (list(dict.fromkeys(own.loc[own["members"] == one, "method"])) for one in MEMBERS)
    if both:
        said.append(
            f"Models of {', '.join(both)} differ by seed and by draw of calibration texts: all "
            "vote, but luck is that of seeds, each with all its draws."
        )
    if alone:
        said.append(
            f"Models of {', '.join(alone)} are one trained model, compressed with several draws of "
            "calibration texts: luck is that of draws, and says nothing of other seeds."
        )
    again = own.loc[own["members"] == RERUN, "method"]
    if len(again):
        said.append(
            f"Models of {', '.join(dict.fromkeys(again))} differ by nothing but a rerun: luck is "
            "that of reruns, and says nothing of other seeds."
        )
    return said


def _open_cells(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Return of how many cells nothing is sure, and how much may yet be in them."""
    if rows.empty:
        return []
    likely = of_kind(rows, PROBABLY)
    parts = [
        f"{count(len(likely), 'version')} probably {_verb(likely)} more answers than luck does"
    ]
    parts = parts if len(likely) else []
    if len(rows) > len(likely):
        versions = count(len(rows) - len(likely), "version")
        parts.append(f"for {versions} it is unclear whether more answers change than by luck")
    said = "; ".join(parts)
    said = said[0].upper() + said[1:]
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
        f"{row['negative_flips']:,} for the worse, {row['positive_flips']:,} for the better{worst}."
    )


def _longer(table: pd.DataFrame) -> list[str]:
    """Return what longer training by itself changes, or that the study cannot tell."""
    controls = table[~table["is_compressed"] & (table["sure"] == YES)]
    said = [
        f"Longer training alone ({row['method']}) changes {signed(row['excess'], ' %')} of the "
        f"answers of {row['dataset']}, {row['model']} beyond seeds ({interval(row)}): against "
        "dense models that would pass for compression."
        for row in most_changed(controls)
    ]
    if primary_rows(table)["against"].str.endswith("less long").any():
        said.append(
            "There is no control: methods that train longer than the dense models are held against "
            "these, so that part of what they change may be longer training."
        )
    return said


def where(row: dict | pd.Series, table: pd.DataFrame) -> str:
    """Return a cell's name, with its data set if the study has several."""
    dataset = f"{row['dataset']}, " if table["dataset"].nunique() > 1 else ""
    return f"{dataset}{row['model']} by {cell_name(row)}"


def of_kind(table: pd.DataFrame, word: str) -> pd.DataFrame:
    """Return the rows of which the first screen says this."""
    return table[table["sure"] == word]


def most_changed(rows: pd.DataFrame) -> list[dict]:
    return rows.sort_values("excess", ascending=False).head(MOST_SAID).to_dict("records")


def against_dense(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["baseline"] == "dense") & table["is_compressed"]]


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
