"""Judge whether any slice loses much more than the rest, which includes those not confirmed.

Derived in docs/explanation/statistics.md#slices.
"""

from collections.abc import Mapping

import pandas as pd

from pielab.gate.verdicts import (
    BLOCK,
    INCONCLUSIVE,
    NOTHING,
    PASS,
    Finding,
    Judged,
    Open,
    judge_all,
    nothing_known,
    worst,
)
from pielab.stats.distributions import normal_quantile
from pielab.stats.harm import Harm
from pielab.vocabulary import FDR

RULE = "worst_slice"
NONE = "no group of texts is large enough to be searched (slices.min_examples)"
OTHERS = "it is confirmed for these models, but other models may not do so (p_replicates = {p:.2g})"


def judge_slices(
    found: pd.DataFrame, bounds: pd.DataFrame, limits: Mapping[str, float], confidence: float
) -> Finding:
    """Return the finding on the slices of a comparison: those that lose more than the rest.

    Two sets of intervals, each with half of the error that is allowed: those of the few slices that
    stood out, over texts that had no part in the search, and those of all groups that were
    searched. A confirmed slice can block by the first. What passes has to pass by the second, so
    that a slice which could not have been found never passes. A confirmed slice that other models
    may not have (`p_replicates`) leaves the rule open.

    Parameters
    ----------
    found : DataFrame
        Its rows of slices.csv, whose intervals are of 95 % over texts.
    bounds : DataFrame
        From slices.limits.
    """
    nothing = nothing_known(RULE, limits, NONE)
    if bounds.empty:
        return nothing
    whole, due = _of_all(bounds, limits, confidence)
    known = nothing._replace(replicates=int(bounds["replicates"].iloc[0]))
    confirmed = found[found["confirmed"].astype(bool)].sort_values("excess", ascending=False)
    if confirmed.empty:
        return known._replace(
            verdict=whole.verdict,
            examples=due.examples,
            needs=whole.needs,
            note=_unconfirmed(len(found)),
            open=due,
        )
    names = confirmed["slice"].astype(str).tolist()
    by_chance = (confirmed["p_replicates"] > FDR).tolist()
    judged = [
        judge_all([_of_slice(row)], limits, confidence, 2 * len(found))
        for row in confirmed.to_dict("records")
    ]
    beyond = [at for at, loss in enumerate(judged) if loss.verdict == BLOCK]
    sure = [at for at in beyond if not by_chance[at]]
    verdict, at = whole.verdict, (sure or beyond or [0])[0]
    if sure:
        verdict = BLOCK
    elif verdict == BLOCK and due.where in {
        name for name, by in zip(names, by_chance, strict=True) if by
    }:
        verdict = INCONCLUSIVE
    elif beyond:
        verdict = worst([verdict, INCONCLUSIVE])
    shown = whole.verdict == verdict != PASS and due.where != names[at] and not sure
    lost, low, high = judged[at].points[0]
    return known._replace(
        verdict=verdict,
        where=names[at],
        lost=lost,
        low=low,
        high=high,
        examples=int(confirmed["tested"].iloc[at]),
        needs=whole.needs if verdict == INCONCLUSIVE else NOTHING,
        note=OTHERS.format(p=confirmed["p_replicates"].iloc[at]) if by_chance[at] else "",
        open=due if shown else None,
    )


def _unconfirmed(number: int) -> str:
    """Return in words that none of some slices is confirmed."""
    if number < 2:
        return "the slice that stood out is not confirmed" if number else "no slice stood out"
    return f"none of {number:,} slices that stood out is confirmed"


def _of_all(
    bounds: pd.DataFrame, limits: Mapping[str, float], confidence: float
) -> tuple[Judged, Open]:
    """Return the verdict of all slices, and the slice that it is due to."""
    rows = bounds.to_dict("records")
    harms = [Harm(**{name: row[name] for name in Harm._fields if name in row}) for row in rows]
    whole = judge_all(harms, limits, confidence, 2 * int(rows[0]["searched"]))
    row, needs = rows[whole.at], whole.needs
    if needs.examples:  # of those that count, whereas people count the group's
        needs = needs._replace(examples=round(needs.examples * row["texts"] / row["examples"]))
    return whole._replace(needs=needs), Open(
        str(row["slice"]), *whole.points[whole.at], int(row["texts"])
    )


def _of_slice(row: Mapping) -> Harm:
    error = float((row["high"] - row["low"]) / 2 / normal_quantile(0.975))
    return Harm(float(row["excess"]), error**2, 0.0, int(row["tested"]), 1)
