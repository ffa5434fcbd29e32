"""Put into words what a study found and what to believe."""

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
    percent,
    signed,
)
from pielab.stats.confidence import NO, PROBABLY, UNCLEAR, YES
from pielab.vocabulary import FDR, FEWEST_FOR_TEST

DRAWN = ("seed and draw", "draw")  # what models differ by where texts are drawn
RERUN = "rerun"
MOST_SAID = 4  # cells that a sentence names
STAYS = 0.01  # the most that a score falls of which a page says that it stays
# What a collapsed cell is: nothing says which of its groups is so, nor that it gives one answer
CONSTANT = "the baseline or the compressed models are no better than one constant answer"


def primary_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the primary rows of cells.judged: compressed versions, each with one baseline."""
    return table[table["primary"] & table["is_compressed"]]


def is_demonstration(table: pd.DataFrame) -> bool:
    """Return whether the study can judge no cell: too few seeds, or all cells have collapsed."""
    return bool(primary_rows(table)["sure"].isin([TOO_FEW, SINGLE, COLLAPSED]).all())


def finding(table: pd.DataFrame, measure: str = "score") -> dict:
    """Return what was found, for those who read nothing else: `headline`, and `more` sentences.

    `measure` is what the score of the datasets is called.
    """
    primary = primary_rows(table)
    if primary.empty:
        return _said("No model was compressed, so there is nothing to find.")
    total = len(primary)
    if (primary["sure"] == COLLAPSED).all():
        where_dead = (
            "" if total == 1 else f"in {'both' if total == 2 else f'all {total:,}'} comparisons "
        )
        return _said(f"A demonstration only: {where_dead}{CONSTANT}.")
    if primary["sure"].isin([SINGLE, COLLAPSED]).all():
        return _said(*single.two_models(of_kind(primary, SINGLE), measure))
    if is_demonstration(table):
        return _said(
            f"A demonstration only: with {_range(primary['seeds'])} seeds no change can be told "
            f"from what retraining changes; it takes at least {FEWEST_FOR_TEST}."
        )
    sure, likely = of_kind(primary, YES), of_kind(primary, PROBABLY)
    if sure.empty and likely.empty:
        room = primary.loc[~primary["collapsed"], "excess_high"].max()
        none = f"None of {total:,} compressed versions is"
        none = none if total > 1 else "The compressed version is not"
        return _said(
            f"{none} shown to change more answers than retraining would.",
            f"The 95 % intervals leave room for up to {percent(room)} of the texts.",
        )
    most = (likely if sure.empty else sure).sort_values("excess").iloc[-1]
    hidden = _hidden_by_score(sure[sure.index != most.name], table, measure)
    return _said(_how_many(sure, likely, total), *_largest(most, table, measure), *hidden)


def _said(headline: str, *more: str) -> dict:
    return {"headline": headline, "more": list(more)}


def _how_many(sure: pd.DataFrame, likely: pd.DataFrame, total: int) -> str:
    """Return how many versions change more answers than retraining, surely or probably."""
    if sure.empty:
        some = _of_all(len(likely), total)
        return f"{some} probably {_verb(likely)} more answers than retraining would."
    some = _of_all(len(sure), total)
    sentence = f"{some} {_verb(sure)} more answers than retraining would"
    if len(likely):
        sentence += f", and {len(likely)} more probably {'does' if len(likely) == 1 else 'do'}"
    return f"{sentence}."


def _of_all(number: int, total: int) -> str:
    """Return so many of all compressed versions, in words that begin a sentence."""
    if total == 1:
        return "The compressed version"
    if number == total:
        return f"{'Both' if total == 2 else f'All {total:,}'} compressed versions"
    return f"{number:,} of {total:,} compressed versions"


def _largest(row: pd.Series, table: pd.DataFrame, measure: str) -> list[str]:
    """Return what the version with the largest excess changes, in texts and in its score."""
    direction = "falls" if row["change"] < 0 else "rises"
    still_wrong = int(row["pies"] - row["negative_flips"] - row["positive_flips"])
    rest = f", {still_wrong:,} still wrong with another answer" if still_wrong else ""
    return [
        f"The largest change: {where(row, table)} changes the majority answer to "
        f"{row['pies']:,} of {row['examples']:,} texts ({row['negative_flips']:,} newly wrong, "
        f"{row['positive_flips']:,} newly right{rest}).",
        f"{percent(row['excess'])} of the texts change beyond what retraining changes (95 % "
        f"interval {100 * row['excess_low']:.1f} to {100 * row['excess_high']:.1f}), and {measure} "
        f"{direction} from {percent(row['score_baseline'])} to {percent(row['score_compressed'])}.",
    ]


def _hidden_by_score(sure: pd.DataFrame, table: pd.DataFrame, measure: str) -> list[str]:
    """Return which version changes answers although its score stays, if any surely does."""
    stays = sure[sure["change"] >= -STAYS]
    if stays.empty:
        return []
    row = stays.sort_values("excess").iloc[-1]
    return [
        f"{measure[0].upper()}{measure[1:]} can hide it: {where(row, table)} keeps its {measure} "
        f"({signed(row['change'])} points) and still changes {count(int(row['pies']), 'answer')}, "
        f"{row['negative_flips']:,} of them newly wrong."
    ]


def believe(table: pd.DataFrame) -> list[str]:
    """Return what the numbers bear, a sentence each."""
    primary = primary_rows(table)
    sure, less, few, dead = (of_kind(primary, word) for word in (YES, NO, TOO_FEW, COLLAPSED))
    sentences = [_sure_cell(row, table) for row in most_changed(sure)]
    if len(sure) > len(sentences):
        rest = len(sure) - len(sentences)
        sentences.append(
            f"{count(rest, 'more version')} {'does' if rest == 1 else 'do'} so, by less."
        )
    sentences += _open_cells(primary[primary["sure"].isin([UNCLEAR, PROBABLY])], table)
    if len(less):
        sentences.append(
            f"{count(len(less), 'version')} {_verb(less)} no more answers than retraining would: "
            f"{_listed(less, table)}."
        )
    if len(few):
        sentences.append(
            f"For {count(len(few), 'version')} nothing is known yet: with fewer than "
            f"{FEWEST_FOR_TEST} seeds chance alone could make any difference."
        )
    sentences += single.believe(of_kind(primary, SINGLE), has_draws(primary))
    if len(dead):
        sentences.append(
            f"For {count(len(dead), 'version')} {CONSTANT} ({_listed(dead, table)}), so the "
            "changed texts say nothing about compression."
        )
    return [*sentences, *_longer(table), *_draws(primary)]


def _draws(rows: pd.DataFrame) -> list[str]:
    """Return what intervals are over where methods draw calibration texts or run again."""
    sentences = []
    rows = rows[(rows["differ_by"] != "draw") | (rows["replicates"] > 1)]
    both, alone = (
        list(dict.fromkeys(rows.loc[rows["differ_by"] == differ_by, "method"]))
        for differ_by in DRAWN
    )
    if both:
        sentences.append(
            f"Models of {', '.join(both)} differ by seed and by draw of calibration texts; "
            "intervals are over seeds, each with all its draws."
        )
    if alone:
        sentences.append(
            f"Models of {', '.join(alone)} are one trained model, compressed with several draws of "
            "calibration texts: intervals are over draws, and say nothing of other seeds."
        )
    again = rows.loc[rows["differ_by"] == RERUN, "method"]
    if len(again):
        sentences.append(
            f"Models of {', '.join(dict.fromkeys(again))} differ by nothing but a rerun: intervals "
            "are over reruns, and say nothing of other seeds."
        )
    return sentences


def _open_cells(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Return which versions probably change more, and how much may yet be in unclear ones."""
    if rows.empty:
        return []
    likely, rest = of_kind(rows, PROBABLY), of_kind(rows, UNCLEAR)
    sentences = []
    if len(likely):
        sentences.append(
            f"{count(len(likely), 'version')} probably {_verb(likely)} more answers than "
            f"retraining would: {_listed(likely, table)}."
        )
    if len(rest):
        room = "" if rest["excess_high"].isna().all() else _room(rest, table)
        sentences.append(
            f"For {count(len(rest), 'version')} it is unclear whether more answers change than by "
            f"retraining{room}."
        )
    return sentences


def _room(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    widest = rows.loc[rows["excess_high"].idxmax()]
    return f": up to {signed(widest['excess_high'], ' %')} of the texts ({where(widest, table)})"


def _sure_cell(row: dict, table: pd.DataFrame) -> str:
    worst = ""
    if isinstance(row["class"], str) and row["class_q"] <= FDR:
        worst = f"; the class hurt most is {row['class']}, {ends(row)} %"
    return (
        f"{where(row, table)}: {signed(row['excess'], ' %')} of the texts change beyond what "
        f"retraining changes (95 % interval {interval(row)}); of {count(int(row['pies']), 'text')} "
        f"with another majority answer {row['negative_flips']:,} are newly wrong and "
        f"{row['positive_flips']:,} newly right{worst}."
    )


def _longer(table: pd.DataFrame) -> list[str]:
    """Return what longer training by itself changes, or that this study does not show it."""
    controls = table[~table["is_compressed"] & (table["sure"] == YES)]
    sentences = [
        f"Longer training without compression ({row['method']}) changes "
        f"{signed(row['excess'], ' %')} of the answers for {row['dataset']}, {row['model']} beyond "
        f"what retraining changes ({interval(row)})."
        for row in most_changed(controls)
    ]
    if primary_rows(table)["against"].str.endswith("less long").any():
        sentences.append(
            "The study has no control: some methods train longer than the dense models that they "
            "are compared with, so longer training may cause a part of their changes."
        )
    return sentences


def where(row: dict | pd.Series, table: pd.DataFrame) -> str:
    """Return a cell's name, with its dataset if the study has several."""
    dataset = f"{row['dataset']}, " if table["dataset"].nunique() > 1 else ""
    return f"{dataset}{row['model']} with {cell_name(row)}"


def of_kind(table: pd.DataFrame, word: str) -> pd.DataFrame:
    """Return the rows for which the first screen shows this."""
    return table[table["sure"] == word]


def has_draws(table: pd.DataFrame) -> bool:
    """Return whether models of some version are draws of calibration texts."""
    return bool(((table["differ_by"] == "draw") & (table["replicates"] > 1)).any())


def most_changed(rows: pd.DataFrame) -> list[dict]:
    return rows.sort_values("excess", ascending=False).head(MOST_SAID).to_dict("records")


def against_dense(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["baseline"] == "dense") & table["is_compressed"]]


def _listed(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    names = [where(row, table) for row in rows.head(MOST_SAID).to_dict("records")]
    rest = len(rows) - len(names)
    return "; ".join([*names, *([f"{rest} more"] if rest else [])])


def _verb(rows: pd.DataFrame) -> str:
    return "changes" if len(rows) == 1 else "change"


def _range(numbers: pd.Series) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"
