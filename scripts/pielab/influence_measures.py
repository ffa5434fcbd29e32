"""What the config says of measures of influence: their names, words, and what they need kept."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pielab import registry

MEASURES = Path(__file__).parent / "influence"
PUBLISHED = "el2n"
NORMS, EPOCHS = "norms", "epochs"  # what training keeps only where a measure needs it


class InfluenceMeasure(NamedTuple):
    """What a module of influence/ declares.

    `words`: what figures and pages call it. `needs`: what training keeps for it beside the logits
    after the first epoch, `norms` of what the last layer reads or the logits after all `epochs`.
    """

    words: str = ""
    needs: str = ""


def names() -> list[str]:
    """Return the measures that a config can name, the published one first."""
    found = [stem.replace("_", "-") for stem in registry.module_names(MEASURES)]
    return sorted(found, key=lambda name: name != PUBLISHED)


@cache
def measure(name: str) -> InfluenceMeasure:
    """Return what a measure declares, without importing it."""
    path = MEASURES / f"{name.replace('-', '_')}.py"
    return InfluenceMeasure(**registry.constants(path, InfluenceMeasure._fields))  # type: ignore[arg-type]


def words(name: str) -> str:
    """Return what a measure is called; its name if it is not one of these."""
    return measure(name).words if name in names() else name


def kept(measures: Sequence[str]) -> list[str]:
    """Return what training keeps for these measures: norms, epochs, or nothing."""
    needed = {measure(name).needs for name in measures}
    return [need for need in (NORMS, EPOCHS) if need in needed]


def contradictions(study: dict) -> Iterator[str]:
    """Yield what no schema can check of the measures of a study."""
    known = names()
    for name in study["influence"]["measures"]:
        if name not in known:
            hint = registry.near(name, known)
            yield f"influence.measures: {name!r}; expected some of {', '.join(known)}{hint}"
        elif study["predictions"] and measure(name).needs:
            only = ", ".join(name for name in known if not measure(name).needs)
            yield (
                f"influence.measures: {name!r} needs what only training here keeps; expected "
                f"{only} where `predictions` are not made here"
            )
