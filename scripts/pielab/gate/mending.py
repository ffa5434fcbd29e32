"""Name what would let a version pass that the gate stops: a remedy of the study, or a fallback."""

from collections.abc import Mapping, Sequence

import pandas as pd

from pielab.gate.verdicts import STOPS
from pielab.vocabulary import KEYS

REMEDY, FALLBACK = "remedy", "fallback"


def fallback_of(version: Mapping, tried: pd.DataFrame) -> dict | None:
    """Return the smallest share of texts that lets a stopped version pass, if any was found.

    Parameters
    ----------
    version : mapping
        As in gate.json.
    tried : DataFrame
        The rows of results/fallback/{dataset}/{model}.gate.csv.
    """
    same = (tried[list(KEYS)].astype(str) == [str(version[key]) for key in KEYS]).all(axis=1)
    if version["verdict"] not in STOPS or not same.any():
        return None
    row = tried[same].iloc[0]
    return {"share": float(row["share"]), "verdict": str(row["verdict"])}


def cheapest_remedy(version: Mapping, versions: Sequence[Mapping]) -> dict | None:
    """Return the cheapest of what lets a version pass that the gate stops; None if nothing does.

    Remedies in training come first, by how much they train: the model takes no more to store and
    to run than without them. For a fallback both models have to be kept.

    Parameters
    ----------
    version : mapping
        As in gate.json, with its `fallback`; versions with a remedy say of which method, `plain`,
        and what it costs.
    """
    if version["verdict"] not in STOPS:
        return None
    alike = ("dataset", "model", "level", "level_text", "baseline")
    mended = [
        one
        for one in versions
        if one.get("remedy", {}).get("plain") == version["method"]
        and all(one[key] == version[key] for key in alike)
        and one["verdict"] not in STOPS
    ]
    if mended:
        best = min(mended, key=lambda one: one["remedy"]["stages"])
        said = {"method": best["method"], "verdict": best["verdict"]}
        return {"kind": REMEDY, **said, **best["remedy"]}
    if fallback := version.get("fallback"):
        return {"kind": FALLBACK, "method": version["method"], "name": FALLBACK, **fallback}
    return None


def said_of(mended: Mapping, version: Mapping) -> str:
    """Return what lets a version pass, in words, and the verdict then."""
    if mended["kind"] == FALLBACK:
        return f"{sent(mended['share'], version)}, {mended['verdict']}"
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
    mended, fallback = version["mended_by"], version["fallback"]
    if not mended:
        return ""
    ways = [said_of(mended, version)]
    if fallback and mended["kind"] != FALLBACK:
        ways.append(said_of({"kind": FALLBACK, **fallback}, version))
    return f"Cheapest that passes: {'; or '.join(ways)}"
