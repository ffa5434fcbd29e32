"""Describe in a sentence what was run, here or elsewhere, and in what else logged runs differ."""

from collections.abc import Iterable, Mapping

import pandas as pd

from pielab.method_words import spelled
from pielab.pages.cells import AS_GIVEN, count
from pielab.vocabulary import EQUAL, INPUT

MOST_WARNINGS = 6  # on external models, that the page says
MOST_SPELLED = 4  # methods that a sentence spells out
MOST_DIFFERENCES = 4  # between runs, that the page says


def run(cards: dict[str, dict], settings: dict) -> str:
    """Return in a few sentences what was run.

    Parameters
    ----------
    cards : dict
        Of each dataset, by name.
    settings : dict
        Of the job: `study`, and `methods`: the names of those that prune and train and of the
        controls, and of those that compress after training their levels and draws.
    """
    study, methods = settings["study"], settings["methods"]
    if isinstance(study.get("predictions"), dict):
        return _run_of_external(cards, study, methods)
    names = list(dict.fromkeys(name for trained in study["training"].values() for name in trained))
    elsewhere = [name for name in names if study["models"][name].get("checkpoints")]
    trained = f" ({listed(elsewhere)}: trained elsewhere)" if elsewhere else ""
    seeds = {study["models"][name]["seeds"] for name in names}
    if len(seeds) == 1:
        times = f"{count(seeds.pop(), 'time')} with different random seeds"
    else:
        times_each = [f"{name} {count(study['models'][name]['seeds'], 'time')}" for name in names]
        times = f"with different random seeds: {listed(times_each)}"
    held = "uncompressed models"
    if methods["controls"]:
        held += f" (dense, or {methods['controls'][0]}, which trained as long as the pruned ones)"
    return (
        f"{_how_many(names)}{trained}, {_were(names)} {_compressed(methods, study)}. Each version "
        f"was trained {times}. On {_texts(cards)}, the majority answer of its models is compared "
        f"with that of {held}. Changes that retraining alone causes are subtracted."
    )


def _run_of_external(cards: dict[str, dict], study: dict, methods: dict) -> str:
    """Return in a few sentences what models were audited that are external."""
    models = study["models"]
    versions = [*methods["pruning"], *(_version(method) for method in methods["compressing"])]
    elsewhere = (
        "" if all(model.get("pretrained") for model in models.values()) else " from elsewhere"
    )
    intro = (
        f"{_number(len(versions))} compressed version{'' if len(versions) == 1 else 's'} of "
        f"{listed(list(models))}{elsewhere} ({listed(versions)}) {_were(versions)} compared "
        f"with the uncompressed (dense) models on {_texts(cards)}. "
    )
    if all(model["seeds"] == 1 for model in models.values()):
        if any(method["draws"] > 1 for method in methods["compressing"]):
            return (
                f"{intro}Where calibration texts were drawn several times there is a model for "
                "each draw, whose majority answer counts; of the others there is one."
            )
        return f"{intro}There is one model of each version."
    numbers = {model["seeds"] for model in models.values()}
    if len(numbers) == 1:
        there = f"There are {numbers.pop()} models of each version"
    else:
        of_each = [f"{model['seeds']} of {name}" for name, model in models.items()]
        there = f"For each version there are several models ({listed(of_each)})"
    return (
        f"{intro}{there}{_differ(study)}; their majority answer counts. Changes that retraining "
        "alone causes are subtracted."
    )


def kind_of_models(study: Mapping) -> str:
    """Return what the models of a study are: classifiers, or language models of logs."""
    sources = {dataset.get("source") for dataset in study.get("datasets", {}).values()}
    return "language model" if sources and sources <= {"lm_eval", "inspect"} else "classifier"


def data(cards: Mapping[str, Mapping], study: Mapping) -> list[str]:
    """Return what each dataset is, a paragraph each: its description, sizes, and what is rare."""
    sentences = []
    for name, card in cards.items():
        dataset = study.get("datasets", {}).get(name, {})
        described = (dataset.get("description") or "").strip().rstrip(".")
        sizes = [
            f"{card['counts'][split]['examples']:,} {word} texts"
            for split, word in (("train", "training"), ("test", "test"))
            if card["counts"].get(split, {}).get("examples")
        ]
        several = ", several for a text" if card["task"] == "multi-label" else ""
        counts = f"{' and '.join(sizes)}, {len(card['classes'])} classes{several}"
        thinned = [f"{number:,} of {rare}" for rare, number in _thinned(dataset)]
        few = f" The config keeps only {listed(thinned)} for training." if thinned else ""
        sentences.append(f"{name}: {f'{described}. ' if described else ''}{counts}.{few}")
    return sentences


def _thinned(dataset: Mapping) -> list[tuple[str, int]]:
    return list((dataset.get("max_train_by_class") or {}).items())


def _how_many(names: list[str]) -> str:
    classifiers = "classifier" if len(names) == 1 else "classifiers"
    return f"{_number(len(names))} {classifiers}, {listed(names)}"


def _number(number: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six")
    return words[number] if number < len(words) else f"{number:,}"


def _were(names: list[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _texts(cards: Mapping[str, Mapping]) -> str:
    return listed(
        [
            f"{card['counts']['test']['examples']:,} test texts of {name}"
            for name, card in cards.items()
        ]
    )


def compressed(table: pd.DataFrame | None) -> list[str]:
    """Return how much of each model methods can compress, a sentence for each.

    `table`: weights.csv, None or empty if models were compressed elsewhere.
    """
    if table is None or table.empty:
        return []
    sentences = []
    firsts = table.drop_duplicates("model")[["dataset", "model"]]
    for model, rows in table.merge(firsts).groupby("model", sort=False):
        counts = rows.groupby("role", sort=False)["parameters"].sum()
        number, whole = counts.get("compressed", 0), counts.sum()
        rest = counts.drop("compressed", errors="ignore").sort_values(ascending=False)
        kinds = listed([f"{role} {number:,}" for role, number in rest.items()])
        sentences.append(
            f"For {model}, percentages refer to the {number:,} weights that can be compressed, of "
            f"{whole:,} in all ({100 * number / whole:.1f} %). The rest: {kinds} (weights.csv)."
        )
    return sentences


def _differ(study: dict) -> str:
    kinds = {model["differ_by"] for model in study["models"].values() if model["seeds"] > 1}
    words = {"seed": "training seed", "draw": "calibration draw", "rerun": "nothing but a rerun"}
    return f", which differ by {listed([words[kind] for kind in sorted(kinds)])}" if kinds else ""


def _version(method: dict) -> str:
    how = _how(method)
    return method["name"] if how == AS_GIVEN else f"{method['name']} ({how})"


def _compressed(methods: dict, study: Mapping) -> str:
    """Return what was done to the models by each method, and how much of it."""
    parts = []
    if methods["pruning"]:
        levels = listed([f"{level:g}" for level in study["sparsities"]], "or")
        remove = "removes" if len(methods["pruning"]) == 1 else "remove"
        parts.append(
            f"pruned by {_spelled(methods['pruning'], study)}, which {remove} {levels} % of the "
            "weights"
        )
    if methods["compressing"]:
        levels_of = {method["name"]: _how(method) for method in methods["compressing"]}
        parts.append(f"compressed after training by {_spelled(levels_of, study, levels_of)}")
    return ", or ".join(parts)


def _spelled(names: Iterable[str], study: Mapping, levels: Mapping[str, str] | None = None) -> str:
    """Return methods with what they do in brackets; with many only their names."""
    names = list(names)
    described = []
    for name in names:
        words = [] if len(names) > MOST_SPELLED else [spelled(study["methods"][name])]
        words += [levels[name]] if levels else []
        described.append(f"{name} ({'; '.join(words)})" if words else name)
    return listed(described)


def methods_spelled(study: Mapping) -> list[tuple[str, str]]:
    """Return each method of the study with what it does."""
    return [(name, spelled(method)) for name, method in study["methods"].items()]


def _how(method: dict) -> str:
    draws = method["draws"]
    drawn = f", with {draws} draws of calibration texts each" if draws > 1 else ""
    return f"{listed(method['levels'], 'or')}{drawn}"


def differences(table: pd.DataFrame | None) -> list[str]:
    """Return what else than answers differs between logged runs, a sentence a method.

    `table`: run_differences.csv, None if no logs were read.
    """
    if table is None:
        return []
    sentences = []
    for method, rows in table.groupby("method", sort=False):
        lines = list(dict.fromkeys(rows["difference"]))
        rest = (
            f"; and {len(lines) - MOST_DIFFERENCES} more" if len(lines) > MOST_DIFFERENCES else ""
        )
        sentences.append(
            f"Runs of {method} differ from dense ones in more than answers: "
            f"{'; '.join(lines[:MOST_DIFFERENCES])}{rest} (run_differences.csv)."
        )
    return sentences


def external_warnings(table: pd.DataFrame | None) -> list[str]:
    """Return why external models may not be what the config states, a sentence each.

    `table`: external_differences.csv, None if no models are external.
    """
    if table is None:
        return []
    order = table["kind"].map({EQUAL: 0, INPUT: 1}).fillna(2)
    lines = list(dict.fromkeys(table.loc[order.sort_values(kind="stable").index, "difference"]))
    more = len(lines) - MOST_WARNINGS
    rest = [f"Warning: {more} more reasons to doubt are in external_differences.csv."]
    shown = [f"Warning: {line}{'' if line.endswith('?') else '.'}" for line in lines]
    return shown[:MOST_WARNINGS] + (rest if more > 0 else [])


def data_warnings(cards: Mapping[str, Mapping]) -> list[str]:
    """Return what in the datasets is perhaps not meant, a sentence each."""
    return [
        f"Warning: {name}: {line}."
        for name, card in cards.items()
        for line in card.get("warnings", [])
    ]


def external_models(table: pd.DataFrame | None) -> list[dict]:
    """Return the rows of external_models.csv for reading, with a dash for what is not known."""
    if table is None:
        return []
    counts = {name: table[name].astype("Int64") for name in ("token_limit", "truncated", "tied")}
    shown = table.assign(**counts).astype(object)
    return shown.where(shown.notna(), "–").to_dict("records")


def listed(names: list[str], word: str = "and") -> str:
    """Return names with commas, and a word before the last."""
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
