"""Judge the paper's six claims, for one dataset and model at a time.

These rules were written before any result was looked at. Every effect is a mean over the pruned
cells of a pair (all methods and sparsities but the control), each cell counting once; cells without
PIEs have no effect and are left out. So are collapsed cells (measures.collapse), whose PIEs say to
which class they fell; the effect over all cells stands beside. So do effect and verdict by the same
rule if each example is a PIE by its probability (stats.pie_probability) and not by the vote; no
cell is without PIEs then. The 95 % interval is over examples and seeds: it says how the effect
would vary with other texts, and with the PIEs that other seeds would find (see effects.measure). A
claim is **reproduced** if the interval lies above the value of no effect and the estimate reaches
the least effect that matters; **not reproduced** if the interval lies below that least effect;
else, or with fewer than four seeds, **inconclusive**: more seeds or examples could tell. Where no
amount of this data could (balanced classes, one model, one sparsity, collapsed cells only) it
**cannot be tested here**.

=====  ==========================================================================  ====  =====
claim  effect                                                                      none  least
=====  ==========================================================================  ====  =====
1      fall of the score on PIEs minus its fall on all examples (test split); the     0   0.10
       score is the fraction of models that are right, with several labels the F1
       between an example's labels and all models' decisions
2      share of PIEs at a method's highest sparsity minus that at its lowest, mean    0   0.01
       over methods (test split); a pruned cell without PIEs: not reproduced
3      share of PIEs of encoders minus that of BiLSTMs on the dataset, over the       0   0.01
       cells that both have (test split); a study without both cannot test it, one
       with different numbers of seeds, on which the share depends, cannot tell
4      change of the share of PIEs per doubling of the frequency of an example's      -   0.25
       class in the training split, as a fraction of that share (test split); of
       several labels the rarest counts. Reproduced if the interval lies within
       -0.25 and 0.25; not if it excludes 0 and the estimate is beyond. Classes
       whose frequencies differ by a factor below 1.5 cannot test it
5      share of PIEs among the 10 % of the training examples that are most            1   1.50
       influential (EL2N, as published), divided by the share among all
6      Cliff's delta of PIEs against other examples (test split), the smaller of      0   0.147
       that of tokens and that of difficulty (Flesch reading ease, sign reversed);
       0.147 is the least that Romano et al. (2006) do not call negligible
=====  ==========================================================================  ====  =====

Examples on which the dense models are divided become PIEs more easily, and they are also longer
and more influential. So claims 5 and 6 are judged once more against matched examples: with as
large a vote margin of the dense models, and for difficulty as long; `matched_verdict` has the same
rule, and the note says if a claim holds only unmatched. That of claim 2 says how many cells have
more PIEs than the noise floor (permutation test, false discovery rate 5 % over all cells).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.claims import effects
from pielab.claims.evidence import Evidence
from pielab.stats.intervals import Interval
from pielab.vocabulary import (
    FEWEST_FOR_INTERVAL,
    INCONCLUSIVE,
    NEGLIGIBLE,
    NOT_REPRODUCED,
    ONLY_UNMATCHED,
    REPRODUCED,
    UNTESTABLE,
)

MARGIN = 0.25  # of claim 4, both ways
DRAWS_BY_PROBABILITY = 300  # of the bootstrap: a second opinion need not take as long as the first


class Claim(NamedTuple):
    """What the paper says, the effect that tells, its value if there is none, and the least."""

    claim: str
    effect: str  # its name
    none: float
    least: float
    of: Callable[[Evidence, Sequence[Evidence]], effects.Effect]


CLAIMS = {
    1: Claim(
        "the score falls hard on PIEs", "fall on PIEs - fall on all", 0, 0.10, effects.score_drop
    ),
    2: Claim(
        "PIEs grow with sparsity",
        "PIE share at highest - lowest sparsity",
        0,
        0.01,
        effects.pie_share_increase,
    ),
    3: Claim(
        "encoders are more prone than BiLSTMs",
        "PIE share, encoder - BiLSTM",
        0,
        0.01,
        effects.encoder_gap,
    ),
    4: Claim(
        "PIEs come regardless of class frequency",
        "relative change of PIE share per doubling",
        0,
        MARGIN,
        effects.class_slope,
    ),
    5: Claim(
        "PIEs are among the most influential",
        "PIE share, top 10 % / all",
        1,
        1.5,
        effects.enrichment,
    ),
    6: Claim(
        "PIEs are longer and harder to read",
        "Cliff's delta, tokens or difficulty",
        0,
        NEGLIGIBLE,
        effects.complexity,
    ),
}

MATCHED = {  # the claims that are judged against matched examples too
    5: partial(effects.enrichment, matched=True),
    6: partial(effects.complexity, matched=True),
}


def verdict(interval: Interval, none: float, least: float) -> str:
    """Return the verdict of an interval on a claim that an effect is large."""
    if interval.low > none and interval.estimate >= least:
        return REPRODUCED
    return NOT_REPRODUCED if interval.high < least else INCONCLUSIVE


def verdict_of_absence(interval: Interval, margin: float) -> str:
    """Return the verdict of an interval on a claim that an effect is small, either way."""
    if interval.low > -margin and interval.high < margin:
        return REPRODUCED
    beyond = abs(interval.estimate) >= margin
    excludes_zero = interval.low > 0 or interval.high < 0
    return NOT_REPRODUCED if beyond and excludes_zero else INCONCLUSIVE


def judge(evidence: Evidence, others: list[Evidence], rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a claim: `claim` (its number), `name`, `effect` and so on, and `verdict`.

    Parameters
    ----------
    others : list of Evidence
        The same dataset's other models.
    """
    rows = []
    for number, claim in CLAIMS.items():
        judged = _judge_claim(number, evidence, others, rng)
        of_all_cells = claim.of(evidence, others)
        rows.append(
            {"claim": number, "name": claim.claim, "effect_name": claim.effect}
            | judged
            | _judge_by_probability(number, evidence, others, rng.spawn(1)[0])
            | {
                "effect_of_all_cells": of_all_cells.statistic(np.ones(of_all_cells.n_examples)),
                "cells": len(evidence.cells),
                "collapsed_cells": int(evidence.collapsed.sum()),
                "rule": _rule(number),
            }
        )
    return pd.DataFrame(rows)


def judge_influence(evidence: Evidence, rng: np.random.Generator) -> dict:
    """Return claim 5's effect and verdict, alone and matched, by `evidence.influence`."""
    return {"effect_name": CLAIMS[5].effect} | _judge_claim(5, evidence, [], rng)


def _judge_by_probability(
    number: int, evidence: Evidence, others: list[Evidence], rng: np.random.Generator
) -> dict:
    """Return effect and verdict if each example is a PIE by its probability."""
    interval, outcome = effects.UNKNOWN, UNTESTABLE
    working = evidence.working()
    if len(working.cells):
        rivals = [other.working() for other in others]
        interval, measured = effects.measure(
            CLAIMS[number].of, working, rivals, rng, DRAWS_BY_PROBABILITY, by_probability=True
        )
        outcome = _verdict(number, interval, measured)
    names = ("effect", "low", "high", "verdict")
    return {
        f"{name}_by_probability": value
        for name, value in zip(names, (*interval, outcome), strict=True)
    }


def _judge_claim(
    number: int, evidence: Evidence, others: list[Evidence], rng: np.random.Generator
) -> dict:
    """Return the effect over cells that work, the verdict, and both against matched examples."""
    claim, effect = CLAIMS[number], CLAIMS[number].of
    working, rivals = evidence.working(), [other.working() for other in others]
    if not len(working.cells):
        return _row(effects.UNKNOWN, UNTESTABLE, note="all compressed cells have collapsed")
    interval, measured = effects.measure(effect, working, rivals, rng)
    outcome, note = _verdict(number, interval, measured), measured.note
    pie = working.train_pie if number == 5 else working.pie
    if np.isnan(interval.estimate) and number != 3 and not pie.any():
        note = "no compressed cell has PIEs"
    if number == 2 and not evidence.pie.any(axis=1).all():
        outcome, note = NOT_REPRODUCED, "a compressed cell has no PIEs"
    if outcome == INCONCLUSIVE and evidence.n_seeds < FEWEST_FOR_INTERVAL:
        note = f"fewer than {FEWEST_FOR_INTERVAL} seeds say nothing of how it varies; {note}"
    if number not in MATCHED:
        return _row(interval, outcome, note=note)
    against_matched = MATCHED[number]
    matched, _ = effects.measure(against_matched, working, rivals, rng)
    matched_said = verdict(matched, claim.none, claim.least)
    if outcome == REPRODUCED and matched_said != REPRODUCED:
        note = f"{ONLY_UNMATCHED}; {note}"
    return _row(interval, outcome, matched, matched_said, note)


def _verdict(number: int, interval: Interval, measured: effects.Effect) -> str:
    claim = CLAIMS[number]
    if not measured.testable:
        return UNTESTABLE
    if number == 4:
        return verdict_of_absence(interval, claim.least)
    return verdict(interval, claim.none, claim.least)


def _row(
    interval: Interval,
    outcome: str,
    matched: Interval = effects.UNKNOWN,
    matched_said: str | None = None,
    note: str = "",
) -> dict:
    return {
        **dict(zip(("effect", "low", "high"), interval, strict=True)),
        "verdict": outcome,
        **matched.columns("matched"),
        "matched_verdict": matched_said,
        "note": note,
    }


def _rule(number: int) -> str:
    claim = CLAIMS[number]
    if number == 4:
        return (
            f"reproduced if the interval lies within ±{MARGIN:g}; not reproduced if it excludes "
            f"0 and the effect is ±{MARGIN:g} or beyond; else inconclusive"
        )
    extra = " or a compressed cell has no PIEs" if number == 2 else ""
    return (
        f"reproduced if the interval lies above {claim.none:g} and the effect is "
        f"{claim.least:g} or more; not reproduced if the interval lies below {claim.least:g}"
        f"{extra}; else inconclusive"
    )
