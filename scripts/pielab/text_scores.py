"""What training texts are weighed or chosen by, and where the scores come from."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pielab.objectives import FROM_TEACHERS, PIE_PROBABILITY, has_objective, objective_of

AT_RANDOM = "at-random"
UNSCORED = (AT_RANDOM, "class-balanced")  # choices that need no score
TEACHERS = 5  # unless `teacher_seeds` says otherwise
FEWEST_TEACHERS = 3  # for a PIE probability


class Scored(NamedTuple):
    """By what texts are weighed or chosen, and by how many teachers' models, 0 if by none."""

    by: str
    teachers: int = 0


def _scored(by: str, described: Mapping) -> Scored:
    return Scored(by, described.get("teacher_seeds", TEACHERS) if by in FROM_TEACHERS else 0)


def weighed_by(method: Mapping) -> Scored | None:
    """Return by what a method's objective weighs texts, None if it weighs them all alike."""
    described = objective_of(method)
    return _scored(described["by"], described) if "by" in described else None


def _choice(method: Mapping) -> Mapping:
    """Return where a method states how its texts are chosen."""
    return method.get("calibration") or method


def chosen_by(method: Mapping) -> Scored | None:
    """Return by what the texts of a criterion or of calibration are chosen, None if at random."""
    by = _choice(method).get("chosen", AT_RANDOM)
    return None if by == AT_RANDOM else _scored(by, _choice(method))


def plain(method: Mapping) -> dict:
    """Return a method without its remedies: an objective, and how it chooses texts."""
    dropped = ("objective", "chosen", "teacher_seeds")
    left = {key: value for key, value in method.items() if key not in dropped}
    if left.get("calibration"):
        left["calibration"] = plain(left["calibration"])
    return left


def has_remedy(method: Mapping) -> bool:
    """Return whether a method trains or chooses texts otherwise than by default."""
    return has_objective(method) or chosen_by(method) is not None


def plain_twin(methods: Mapping[str, Mapping], name: str) -> str | None:
    """Return the method that differs from this one by its remedies alone and has none, if any."""
    without = plain(methods[name])
    for other, method in methods.items():
        if other != name and not has_remedy(method) and plain(method) == without:
            return other
    return None


def contradictions(methods: Mapping[str, Mapping]) -> Iterator[str]:
    """Yield what no schema can check of how texts are weighed and chosen."""
    for name, method in methods.items():
        where = f"methods.{name}"
        at = f"{where}.calibration" if method.get("calibration") else where
        choice = _choice(method)
        if "chosen" in method and method.get("criterion") != "impact":
            yield f"{where}.chosen: {method['chosen']!r}; expected where criterion is impact"
        if "teacher_seeds" in choice and choice.get("chosen") not in FROM_TEACHERS:
            yield (
                f"{at}.teacher_seeds: {choice['teacher_seeds']}; expected where chosen is "
                f"{' or '.join(FROM_TEACHERS)}"
            )
        for key, scored in (
            (f"{where}.objective.by", weighed_by(method)),
            (f"{at}.chosen", chosen_by(method)),
        ):
            if not scored or scored.by != PIE_PROBABILITY:
                continue
            if scored.teachers < FEWEST_TEACHERS:
                expected = f"expected with teacher_seeds of {FEWEST_TEACHERS} or more"
                yield f"{key}: {scored.by!r}; {expected}"
            if not plain_twin(methods, name):
                yield (
                    f"{key}: {scored.by!r}; expected beside the same method without it, which "
                    "makes the PIEs"
                )
