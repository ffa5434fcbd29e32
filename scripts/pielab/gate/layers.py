"""Look for the fewest layers that let a version pass, if they are kept dense."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pielab.analysis.untrained_remedies import KeptLayers, with_kept
from pielab.gate.fallback import verdict_of
from pielab.gate.verdicts import STOPS
from pielab.pies.cell import Cell


class Passing(NamedTuple):
    """Layers with which a version passes: names joined by +, what they cost, and the verdict."""

    layers: str
    more_bytes: int
    verdict: str


def fewest_passing(
    cell: Cell,
    kept: KeptLayers,
    names: Sequence[str],
    rules: Mapping[str, Mapping | None],
    confidence: float,
) -> Passing | None:
    """Return the fewest layers of those that were kept dense with which the version passes.

    The most layers are judged first, and the first set that does not pass ends the search, as with
    fallbacks (fallback.smallest_passing). The texts that judge did not choose the layers. Slices
    are not judged.
    """
    found = None
    tried = list(zip(kept.layers, kept.more_bytes, with_kept(cell, kept), strict=True))
    for layers, more_bytes, mended in sorted(tried, key=lambda kept: -kept[0].count("+")):
        verdict = verdict_of(mended, names, rules, confidence)
        if verdict in STOPS:
            break
        found = Passing(layers, more_bytes, verdict)
    return found
