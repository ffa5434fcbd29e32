"""Show what mends compressed models: which other training or choice of texts, at what cost."""

from collections.abc import Collection

import pandas as pd

from pielab.pages.advice import where
from pielab.pages.cells import cell_name, percent, signed
from pielab.stats.confidence import PROBABLY, YES
from pielab.vocabulary import FALLBACK, LAYERS, MODELS

MOST_SAID = 4  # versions that a list names
MOST_FALLBACKS = 8  # that the page's table shows
BY_CONSTRUCTION = (
    "A model that imitates its dense model has fewer negative flips against it by construction: "
    "look at its score, its worst class and its flips against dense models of other seeds, too."
)


def rows_of_page(remedies: pd.DataFrame) -> list[dict]:
    """Return what the page's table shows of each remedy, the primary baseline's rows first.

    Of fallbacks, which each version has, those of the versions with the most negative flips.

    Parameters
    ----------
    remedies : DataFrame
        remedies.csv.
    """
    if remedies.empty:  # as of predictions that are labels only
        return []
    sent = remedies["kind"] == FALLBACK
    works = remedies[sent & remedies["primary"] & ~remedies["collapsed"]]
    most = works.sort_values("nfr_plain", ascending=False, kind="stable").head(MOST_FALLBACKS)
    shown = pd.concat([remedies[~sent], most])
    ordered = shown.sort_values(
        ["dataset", "model", "plain", "level", "primary", "nfr_change"],
        ascending=[True, True, True, True, False, True],
        kind="stable",
    )
    return [_shown(row) for row in ordered.to_dict("records")]


def _shown(row: dict) -> dict:
    named = row | {"is_compressed": True}
    return {
        "whose": f"{row['dataset']}, {row['model']}",
        "name": cell_name(named),
        "plain": row["plain"],
        "remedy": row["remedy"],
        "against": row["baseline"],
        "primary": bool(row["primary"]),
        "verdict": row["verdict"],
        "nfr": f"{percent(row['nfr_plain'])} → {percent(row['nfr'])}",
        "nfr_change": _change(row, "nfr"),
        "majority": f"{row['negative_flips_plain']:,} → {row['negative_flips']:,}",
        "other": _change(row, "other_nfr"),
        "excess": _change(row, "excess"),
        "score": _change(row, "score"),
        "worst": f"{row['worst_class']} {_change(row, 'worst_class')}",
        "size": f"{row['size_share_plain']:.2f} → {row['size_share']:.2f}"
        if pd.notna(row["size_share"])
        else "–",
        "cost": cost(row),
        "lost": "" if pd.isna(row["lost"]) else row["lost"],
    }


def cost(row: dict) -> str:
    """Return what a remedy costs beside its size, in words."""
    if row["kind"] == FALLBACK:
        return f"no training; both models answer {100 * row['sent']:.0f} % of the texts"
    if row["kind"] == LAYERS:
        return "no training"
    stages, plain, further = (int(row[key]) for key in ("stages", "stages_plain", "further_models"))
    training = "as much training" if stages == plain else f"{stages} stages instead of {plain}"
    models = f", with {further} further model{'' if further == 1 else 's'}" if further else ""
    return f"{training}{models}"


def _change(row: dict, name: str) -> str:
    """Return a change in points with its interval."""
    low, high = (row[f"{name}_change_{end}"] for end in ("low", "high"))
    ends = "" if pd.isna(low) else f" ({signed(low)} to {signed(high)})"
    return f"{signed(row[f'{name}_change'])}{ends}"


def remedy_steps(
    remedies: pd.DataFrame | None, table: pd.DataFrame, blocked: Collection[tuple] = ()
) -> list[str]:
    """Return which remedy to take, a sentence for each version that one mends.

    The one that leaves the fewest negative flips of those that mend and make nothing worse; the
    versions with the most negative flips first.

    Parameters
    ----------
    table : DataFrame
        cells.judged.
    blocked : collection of tuple
        Versions that the gate blocks, by the columns of MODELS.
    """
    if remedies is None or remedies.empty:
        return []
    works = remedies[remedies["primary"] & ~remedies["collapsed"]]
    works = works[works["kind"] != FALLBACK]  # which pages.fallback advises
    good = works[works["verdict"].isin([YES, PROBABLY]) & works["lost"].isna()]
    groups = good.sort_values("nfr").groupby(["dataset", "model", "plain", "level"], sort=False)
    best = groups.head(1).sort_values("nfr_plain", ascending=False)
    sentences = [_take(row, table, blocked) for row in best.head(MOST_SAID).to_dict("records")]
    return [*sentences, BY_CONSTRUCTION] if sentences else []


def _take(row: dict, table: pd.DataFrame, blocked: Collection[tuple]) -> str:
    named = row | {"is_compressed": True}
    stopped = tuple(row[name] for name in MODELS) in blocked
    whose = where(named | {"method": row["plain"]}, table)
    advice = f"Train {whose} by {row['remedy']} ({row['method']})"
    if row["kind"] == LAYERS:
        advice = f"{whose}, {row['remedy']}"
    return (
        f"{advice}: single models' negative flips fall from {percent(row['nfr_plain'])} "
        f"to {percent(row['nfr'])} of the texts (change {_change(row, 'nfr')} points), the score "
        f"changes by {_change(row, 'score')} points, for {cost(row)}."
        + (" The gate still blocks it." if stopped else "")
    )
