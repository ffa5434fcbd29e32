"""Show which slices of the texts compression hurts more than the rest, with some of their texts."""

from collections.abc import Sequence

import pandas as pd

from pielab.pages.advice import where
from pielab.pages.cells import count, signed
from pielab.pages.texts import address, text_words
from pielab.slices.table import primary_slices, worst
from pielab.vocabulary import FDR, FEWEST_FOR_TEST, KEYS

MOST = 10
CONFIRMED, MAYBE = "confirmed", "not confirmed: may be chance"


def worst_slices(
    slices: pd.DataFrame, texts: pd.DataFrame, table: pd.DataFrame, splits: Sequence[str]
) -> dict:
    """Return the worst slices of the primary comparisons, in words, for the template.

    Parameters
    ----------
    slices, texts : DataFrame
        slices.csv and slice_texts.csv.
    table : DataFrame
        From cells.judged.
    splits : sequence of str
        Those whose texts the browser holds; without test nothing is linked.

    Returns
    -------
    dict
        `finding`, a sentence, and `slices`: of each the words of the page, and `texts`.
    """
    described = table[[*KEYS, "level_text", "differ_by", "sure"]]
    shown = worst(slices, MOST).merge(described, on=list(KEYS), how="left")
    by_slice = dict(list(texts.groupby([*KEYS, "slice"], sort=False)))
    rows = []
    for row in shown.to_dict("records"):
        of_slice = by_slice.get(tuple(row[name] for name in (*KEYS, "slice")), texts.iloc[:0])
        words = [text_words(text, row, "test" in splits) for text in of_slice.to_dict("records")]
        href = address(row) if "test" in splits else ""
        rows.append(_words(row) | {"name": where(row, table), "texts": words, "href": href})
    return {"finding": most_harmed(primary_slices(slices)), "slices": rows}


def most_harmed(slices: pd.DataFrame) -> str:
    """Return in a sentence or two whether any slice of the primary comparisons is confirmed."""
    if slices.empty:
        return (
            "No slice stood out: in the half of the texts that was searched, no slice that is "
            "large enough was hurt more than the rest."
        )
    stood_out = f"Of {count(len(slices), 'slice')} that stood out in one half of the texts"
    if not slices["confirmed"].any():
        return (
            f"{stood_out} none is confirmed by the other half. That does not prove that all are "
            "hurt alike: four of five such studies find a slice that is hurt by "
            f"{_range(slices['detectable'])} points more than the rest, depending on its size."
        )
    kept = slices[slices["confirmed"]]
    others = f"{(kept['p_replicates'] <= FDR).sum()} of these for other models of this kind, too"
    if kept["p_replicates"].isna().all():
        others = "for these models; nothing is known about others with fewer than "
        others += f"{FEWEST_FOR_TEST} models on each side"
    return (
        f"{stood_out}, {len(kept)} {'is' if len(kept) == 1 else 'are'} confirmed by the other half "
        f"(at most 5 % of such findings are false), {others}."
    )


def _range(shares: pd.Series) -> str:
    low, high = (f"{100 * share:.1f}" for share in (shares.min(), shares.max()))
    return low if low == high else f"{low} to {high}"


def _words(row: dict) -> dict:
    """Return what the page shows of a slice."""
    return {
        "slice": row["slice"],
        "examples": f"{row['examples']:,}",
        "negative": f"{row['negative_flips']:,}",
        "tested": f"{row['tested']:,}",
        "harm": _harm(row["harm"]),
        "average": _harm(row["average"]),
        "excess": signed(row["excess"]),
        "interval": f"{signed(row['low'])} to {signed(row['high'])}",
        "confirmed": bool(row["confirmed"]),
        "sure": CONFIRMED if row["confirmed"] else MAYBE,
        "others": _of_others(row),
    }


def _harm(share: float) -> str:
    return f"{100 * abs(share):.1f} points {'more' if share < 0 else 'less'} often"


def _of_others(row: dict) -> str:
    """Return whether other models than these would hurt the slice."""
    replicates = (
        f"other {row['differ_by'].split()[0]}s"  # with seeds and draws, seeds are the replicates
    )
    if pd.isna(row["p_replicates"]):
        return f"what {replicates} would do is not known, with fewer than {FEWEST_FOR_TEST}"
    return f"{replicates} {'would do so too' if row['p_replicates'] <= FDR else 'may not do so'}"
