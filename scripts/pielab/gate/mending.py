"""Name what would let a version pass that the gate stops: a remedy of the study.

That is another training, layers that are kept dense, or a fallback.
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from pielab.gate.verdicts import STOPS
from pielab.vocabulary import FALLBACK, KEYS, LAYERS

REMEDY = "remedy"


def fallback_of(version: Mapping, tried: pd.DataFrame) -> dict | None:
    """Return the smallest share of texts that lets a stopped version pass, if any was found.

    Parameters
    ----------
    version : mapping
        As in gate.json.
    tried : DataFrame
        The rows of results/gate/{dataset}/{model}.tried.csv.
    """
    row = _row(version, tried, FALLBACK)
    return row if row is None else {"share": float(row["share"]), "verdict": str(row["verdict"])}


def kept_layers_of(version: Mapping, tried: pd.DataFrame) -> dict | None:
    """Return the fewest layers that let a stopped version pass if they are dense, if any do.

    The parameters are those of fallback_of.
    """
    row = _row(version, tried, LAYERS)
    if row is None:
        return None
    found = {"layers": str(row["layers"]).split("+"), "more_bytes": int(row["more_bytes"])}
    return found | {"verdict": str(row["verdict"])}


def _row(version: Mapping, tried: pd.DataFrame, kind: str) -> pd.Series | None:
    of_kind = tried[tried["kind"] == kind]
    same = (of_kind[list(KEYS)].astype(str) == [str(version[key]) for key in KEYS]).all(axis=1)
    return of_kind[same].iloc[0] if version["verdict"] in STOPS and same.any() else None


def cheapest_remedy(version: Mapping, versions: Sequence[Mapping]) -> dict | None:
    """Return the cheapest of what lets a version pass that the gate stops; None if nothing does.

    Remedies in training come first, by how much they train: the model takes no more to store and
    to run than without them. Then come layers that are kept dense, which make the model larger, and
    last a fallback, for which both models have to be kept.

    Parameters
    ----------
    version : mapping
        As in gate.json, with its `kept_layers` and `fallback`; versions with a remedy say of which
        method, `plain`, and what it costs.
    """
    if version["verdict"] not in STOPS:
        return None
    alike = ("dataset", "model", "level", "level_text", "baseline")
    mended = [
        candidate
        for candidate in versions
        if candidate.get("remedy", {}).get("plain") == version["method"]
        and all(candidate[key] == version[key] for key in alike)
        and candidate["verdict"] not in STOPS
    ]
    if mended:
        best = min(mended, key=lambda candidate: candidate["remedy"]["stages"])
        found = {"method": best["method"], "verdict": best["verdict"]}
        return {"kind": REMEDY, **found, **best["remedy"]}
    return next(untrained(version), None)


def untrained(version: Mapping) -> Iterator[dict]:
    """Yield what lets a version pass and trains nothing, the cheapest first."""
    for kind, known in ((LAYERS, version.get("kept_layers")), (FALLBACK, version.get("fallback"))):
        if known:
            name = "kept dense" if kind == LAYERS else FALLBACK
            yield {"kind": kind, "method": version["method"], "name": name, **known}


def said_of(mended: Mapping, version: Mapping) -> str:
    """Return what lets a version pass, in words, and the verdict then."""
    if mended["kind"] == FALLBACK:
        return f"{sent(mended['share'], version)}, {mended['verdict']}"
    if mended["kind"] == LAYERS:
        more = f"{mended['more_bytes'] / 1e6:.2g} MB more"
        return f"{', '.join(mended['layers'])} kept dense ({more}), {mended['verdict']}"
    return f"{mended['method']} ({mended['name']}), {mended['verdict']}"


def sent(share: float, version: Mapping) -> str:
    """Return which texts go to which model."""
    return f"the {100 * share:.0f} % least sure texts sent to the {version['baseline']} model"


def passes_with(version: Mapping) -> str:
    """Return with what a stopped version passes, the cheapest first; nothing if with nothing.

    Parameters
    ----------
    version : mapping
        As in gate.json.
    """
    mended = version["mended_by"]
    if not mended:
        return ""
    others = [way for way in untrained(version) if way["kind"] != mended["kind"]]
    ways = [said_of(way, version) for way in (mended, *others)]
    return f"Cheapest that passes: {'; or '.join(ways)}"
