"""Which versions of a study the gate judges, and by which rules."""

from pielab import registry, remedies
from pielab.cells import Comparison, of_pair, read_level
from pielab.job_settings import jobs
from pielab.method_words import spelled
from pielab.study import Study
from pielab.vocabulary import SCORES


def gated(study: Study) -> list[Comparison]:
    """Return the comparisons that the gate judges: the primary ones, of methods that compress.

    Raises
    ------
    ValueError
        If the config restricts them to methods or levels that there are not.
    """
    chosen = study.config["gate"]
    primary = study.explained_comparisons
    _check("methods", chosen["methods"], [comparison.method for comparison in primary])
    kept = [
        comparison
        for comparison in primary
        if comparison.method in (chosen["methods"] or study.methods)
    ]
    levels = [read_level(comparison.level).number for comparison in kept]
    _check("levels", chosen["levels"], levels)
    return [
        comparison
        for comparison in kept
        if read_level(comparison.level).number in (chosen["levels"] or levels)
    ]


def _check(key: str, wanted: list, known: list) -> None:
    for value in wanted:
        if value not in known:
            names = list(
                dict.fromkeys(f"{option:g}" if key == "levels" else option for option in known)
            )
            hint = registry.near(value, names)
            raise ValueError(f"gate.{key}: {value!r}; expected some of {', '.join(names)}{hint}")


def measured(study: Study, dataset: str, model: str) -> dict:
    """Return the comparisons of a pair that are measured, and how its predictions are read."""
    comparisons = [comparison._asdict() for comparison in of_pair(gated(study), dataset, model)]
    return jobs.find_pies(study, dataset, model) | {"cells": comparisons}


def tried(study: Study, dataset: str, model: str) -> dict:
    """Return what is measured of a pair, with the rules by which fallbacks are judged."""
    chosen = {key: study.config["gate"][key] for key in ("rules", "confidence")}
    return measured(study, dataset, model) | chosen


def _remedy(study: Study, method: str, plain: str | None) -> dict:
    """Return what method a remedy belongs to, what it is and what it costs; nothing of others."""
    if plain is None:
        return {}
    described = study.methods[method]
    facts = {"name": remedies.remedy_name(described), "stages": remedies.costs(described)["stages"]}
    return {"remedy": {"plain": plain} | facts}


def settings(study: Study) -> dict:
    """Return the versions that are judged, with the rules of the gate."""
    twins = remedies.twins(study)
    rows = [
        comparison.row()
        | {"level_text": read_level(comparison.level).text}
        | {"method_words": spelled(study.methods[comparison.method])}
        | {"measure": SCORES[study.datasets[comparison.dataset]["task"]]}
        | _remedy(study, comparison.method, twins.get(comparison.method))
        for comparison in gated(study)
    ]
    chosen = {key: study.config["gate"][key] for key in ("rules", "confidence", "fail_on")}
    return {"versions": rows} | chosen
