"""The remedies of a study: methods that train otherwise, or choose other texts, than a twin."""

from collections.abc import Mapping

from pielab.cells import Comparison
from pielab.methods import is_retrained
from pielab.objectives import ENSEMBLE, has_objective, objective_of, teacher_seeds
from pielab.study import Study
from pielab.text_scores import (
    AT_RANDOM,
    PIE_PROBABILITY,
    Scored,
    chosen_by,
    has_remedy,
    plain_twin,
    weighed_by,
)

STAGES = {"iterative": 4, "at-initialisation": 1}  # that a model of a schedule trains for


def remedied(study: Study) -> list[Comparison]:
    """Return the comparisons of methods with a remedy that the study has without it, too."""
    return [
        comparison
        for comparison in study.pruned_comparisons
        if has_remedy(study.methods[comparison.method])
        and plain_twin(study.methods, comparison.method)
    ]


def twins(study: Study) -> dict[str, str]:
    """Return the same method without its remedy, by method."""
    found = {name: plain_twin(study.methods, name) for name in study.methods}
    return {name: twin for name, twin in found.items() if twin and has_remedy(study.methods[name])}


def remedy_name(method: Mapping) -> str:
    """Return a method's remedy in a few words, such as `distillation, ensemble`."""
    words = []
    if has_objective(method):
        described = objective_of(method)
        words.append(described["name"])
        words += [str(described[key]) for key in ("by",) if key in described]
        words += [ENSEMBLE] if described.get("teacher") == ENSEMBLE else []
    scored = chosen_by(method)
    if scored and scored.by != AT_RANDOM:
        words.append(f"texts chosen by {scored.by}")
    return ", ".join(words)


def teachers(method: Mapping) -> dict[str, int]:
    """Return how many further dense and compressed models a method learns from."""
    scored: list[Scored] = [scores for scores in (weighed_by(method), chosen_by(method)) if scores]
    numbers = [teacher_seeds(method), *(scores.teachers for scores in scored)]
    compressed = [scores.teachers for scores in scored if scores.by == PIE_PROBABILITY]
    return {"dense": max(numbers), "compressed": max(compressed, default=0)}


def costs(method: Mapping) -> dict[str, int]:
    """Return what a remedy costs: further models, and stages of training for the first model.

    A stage is `epochs` epochs. The models that teach are trained once for all seeds.
    """
    plain = STAGES[method["schedule"]] if is_retrained(method) else 0
    further = teachers(method)
    imitates = objective_of(method).get("teacher") == "own"
    dense = 1 if imitates and method.get("schedule") == "at-initialisation" else 0
    # A compressed teacher that is iterative goes on from its dense model
    more = plain - (1 if method.get("schedule") == "iterative" else 0)
    stages = plain + dense + further["dense"] + further["compressed"] * more
    return {"further_models": sum(further.values()), "stages": stages, "stages_plain": plain}
