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
    own = [each for each in study.primary_comparisons if each.method in study.pruning_methods]
    _check("methods", chosen["methods"], [each.method for each in own])
    kept = [each for each in own if each.method in (chosen["methods"] or study.methods)]
    levels = [read_level(each.level).number for each in kept]
    _check("levels", chosen["levels"], levels)
    return [each for each in kept if read_level(each.level).number in (chosen["levels"] or levels)]


def _check(key: str, wanted: list, known: list) -> None:
    for one in wanted:
        if one not in known:
            names = list(dict.fromkeys(f"{each:g}" if key == "levels" else each for each in known))
            hint = registry.near(one, names)
            raise ValueError(f"gate.{key}: {one!r}; expected some of {', '.join(names)}{hint}")


def measured(study: Study, dataset: str, model: str) -> dict:
    """Return the comparisons of a pair that are measured, and how its predictions are read."""
    own = [each._asdict() for each in of_pair(gated(study), dataset, model)]
    return jobs.find_pies(study, dataset, model) | {"cells": own}


def tried(study: Study, dataset: str, model: str) -> dict:
    """Return what is measured of a pair, with the rules by which fallbacks are judged."""
    chosen = {key: study.config["gate"][key] for key in ("rules", "confidence")}
    return measured(study, dataset, model) | chosen


def _remedy(study: Study, method: str) -> dict:
    """Return what method a remedy belongs to, what it is and what it costs; nothing of others."""
    plain = remedies.twins(study).get(method)
    if plain is None:
        return {}
    described = study.methods[method]
    said = {"name": remedies.remedy_name(described), "stages": remedies.costs(described)["stages"]}
    return {"remedy": {"plain": plain} | said}


def settings(study: Study) -> dict:
    """Return the versions that are judged, with the rules of the gate."""
    rows = [
        each.row()
        | {"level_text": read_level(each.level).text}
        | {"method_words": spelled(study.methods[each.method])}
        | {"measure": SCORES[study.datasets[each.dataset]["task"]]}
        | _remedy(study, each.method)
        for each in gated(study)
    ]
    chosen = {key: study.config["gate"][key] for key in ("rules", "confidence", "fail_on")}
    return {"versions": rows} | chosen
