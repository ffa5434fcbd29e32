"""What the config says of training objectives: their names, their keys and whom they imitate."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pielab import registry

OBJECTIVES = Path(__file__).parent / "training" / "objectives"
CROSS_ENTROPY = "cross-entropy"
OWN, ENSEMBLE = "own", "ensemble"
EL2N, PIE_PROBABILITY = "el2n", "pie-probability"
FROM_TEACHERS = (EL2N, PIE_PROBABILITY)  # scores of texts that models of further seeds give
EXPECTED = "expected with a schedule that trains, iterative or at-initialisation"


class Objective(NamedTuple):
    """What a module of training/objectives declares.

    `teacher`: whose logits it imitates unless the config says otherwise, own (the dense model of
    the same seed) or ensemble (dense models of other seeds); none if it is empty. `options`: the
    schema of its own keys.
    """

    teacher: str = ""
    options: Mapping[str, dict] = {}


def names() -> list[str]:
    """Return the objectives that a method can name, the default first."""
    found = [stem.replace("_", "-") for stem in registry.module_names(OBJECTIVES)]
    return sorted(found, key=lambda name: name != CROSS_ENTROPY)


def module_of(name: str) -> str:
    """Return the file name, without ending, of an objective's module."""
    return name.replace("-", "_")


@cache
def objective(name: str) -> Objective:
    """Return what an objective declares, without importing it: torch takes seconds."""
    path = OBJECTIVES / f"{module_of(name)}.py"
    return Objective(**registry.constants(path, Objective._fields))  # type: ignore[arg-type]


def objective_of(method: Mapping) -> Mapping:
    """Return a method's objective: its name and its keys."""
    return method.get("objective") or {"name": CROSS_ENTROPY}


def has_objective(method: Mapping) -> bool:
    """Return whether a method trains by anything but cross-entropy."""
    return objective_of(method)["name"] != CROSS_ENTROPY


def teacher_of(method: Mapping) -> str:
    """Return whom a method's models imitate: own, ensemble, or nobody (empty)."""
    return objective_of(method).get("teacher", "")


def teacher_seeds(method: Mapping) -> int:
    """Return how many dense models, of seeds that nobody is judged by, a method learns from."""
    described = objective_of(method)
    return described["teacher_seeds"] if described.get("teacher") == ENSEMBLE else 0


def schema_of(where: str, described: object) -> dict:
    """Return the schema of a method's objective, with the keys of the one that it names.

    Raises
    ------
    ValueError
        If it names none.
    """
    known = names()
    if not isinstance(described, dict) or "name" not in described:
        raise ValueError(f"{where}: {described!r}; expected a mapping with a name, such as {{name: "
                         f"{known[-1]}}}")  # fmt: skip
    name = described["name"]
    if name not in known:
        hint = registry.near(name, known)
        raise ValueError(f"{where}.name: {name!r}; expected one of {', '.join(known)}{hint}")
    found = objective(name)
    keys: dict[str, dict] = {"name": {"description": "an objective", "const": name}}
    if found.teacher:
        keys["teacher"] = {
            "description": "own (the dense model of the same seed) or ensemble (the mean of dense "
            "models of further seeds)",
            "enum": [OWN, ENSEMBLE],
            "default": found.teacher,
        }
    if described.get("teacher", found.teacher) == ENSEMBLE or described.get("by") in FROM_TEACHERS:
        keys["teacher_seeds"] = {
            "description": "a number of dense models, 1 to 100, that are trained as teachers",
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "default": 5,
        }
    return {
        "description": f"the keys of {name}: {', '.join([*keys, *found.options])}",
        "type": "object",
        "additionalProperties": False,
        "required": [key for key, option in found.options.items() if "default" not in option],
        "properties": keys | dict(found.options),
    }


def contradictions(methods: Mapping[str, Mapping]) -> Iterator[str]:
    """Yield what no schema can check of objectives."""
    for name, method in methods.items():
        if has_objective(method) and method.get("schedule") == "after-training":
            yield f"methods.{name}.objective: {objective_of(method)['name']!r}; {EXPECTED}"
