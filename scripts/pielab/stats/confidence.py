"""The scale of confidence that pages, the gate, the browser and advice share.

Derived in docs/explanation/statistics.md#notation.
"""

import math

from pielab.vocabulary import FDR, TIERS

YES, PROBABLY, UNCLEAR, NO = SCALE = ("yes", "probably", "unclear", "no")

MEANING = {
    YES: "the 95 % interval lies above the limit, and so says the test (q up to 0.05) where there "
    "is one. The limit is 0, or what the gate allows",
    PROBABLY: "the interval lies above the limit, and the test does not say so",
    UNCLEAR: "the limit lies within the interval, or there is no interval",
    NO: "the interval lies at or below the limit",
}
SHORTLY = {  # the same, for a table of versions
    YES: "the interval lies above 0, and the test agrees (q up to 0.05)",
    PROBABLY: "only the interval does",
    UNCLEAR: "the interval includes 0",
    NO: "it lies below 0",
}
OF_GATE = (
    "The gate asks whether more is lost than the limit “block”: BLOCK is yes, INCONCLUSIVE is "
    "unclear, WARN and PASS are no. PASS is no for the limit “warn” too"
)
MENDS = (
    "For a remedy, yes and probably mean that the rate of negative flips falls, no that less than "
    "a tenth of them is mended, and worse that their rate rises"
)
OF_TEXTS = (
    "For a single text there is a test and no interval: yes is q up to 0.05 (at most 5 % of such "
    "findings are false), probably is q up to 0.20, unclear is the rest, which cannot be told from "
    "what retraining changes. Tables call these tiers certain, likely and seed noise"
)
OF_TIER = dict(zip(TIERS, SCALE, strict=False))  # tables' word for a text, and the page's


def confidence(low: float, high: float, q: float | None = None, limit: float = 0) -> str:
    """Return how sure it is that something lies above a limit: one of SCALE.

    Parameters
    ----------
    low, high : float
        Ends of the interval; NaN: there is none.
    q : float or None
        Of the test, NaN if it could not be made; None if there is no test.
    """
    if math.isnan(low) or math.isnan(high):
        return UNCLEAR
    if low > limit:
        return YES if q is None or q <= FDR else PROBABLY
    return NO if high <= limit else UNCLEAR
