"""Say in a sentence what was run, here or elsewhere, and in what else logged runs differ."""

from collections.abc import Mapping

import pandas as pd

from pielab.pages.cells import AS_GIVEN
from pielab.vocabulary import EQUAL, INPUT

MOST_WARNINGS = 6  # on external models, that the page says
MOST_DIFFERENCES = 4  # between runs, that the page says


def run(cards: dict[str, dict], settings: dict) -> str:
    """Return in one sentence what was run.

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
    pairs = study["training"]
    seeds = {name: study["models"][name]["seeds"] for own in pairs.values() for name in own}
    elsewhere = {name: bool(study["models"][name].get("checkpoints")) for name in seeds}
    models = listed(
        [
            f"{number} {name}" + (" (trained elsewhere)" if elsewhere[name] else "")
            for name, number in seeds.items()
        ]
    )
    tasks = listed([f"{name} ({_size(card)})" for name, card in cards.items()])
    held = ["dense ones"] + [f"{name}, trained as long" for name in methods["controls"][:1]]
    return (
        f"On {tasks}, {models} models that differ by their random seeds were "
        f"{_compressed(methods, study['sparsities'])}; the majority's answers were compared, text "
        "by text, with those of as many models that were not "
        f"{'compressed' if methods['compressing'] else 'pruned'}: {listed(held)}."
    )


def _run_of_external(cards: dict[str, dict], study: dict, methods: dict) -> str:
    """Return in one sentence what models were audited that others made."""
    tasks = listed([f"{name} ({_test_size(card)})" for name, card in cards.items()])
    models = listed([f"{own['seeds']} of {name}" for name, own in study["models"].items()])
    plural = sum(own["seeds"] for own in study["models"].values()) > 1
    versions = listed([*methods["pruning"], *(_version(own) for own in methods["compressing"])])
    compared = "the majority’s answers" if plural else "the answers"
    return (
        f"On {tasks}, models that were made elsewhere ({models} a version{_differ(study)}) were "
        f"compared: {compared} of {versions}, text by text, with those of the dense ones."
    )


def compressed(table: pd.DataFrame | None) -> list[str]:
    """Return how much of each model methods can compress, a sentence for each.

    `table`: weights.csv, None or empty if models were compressed elsewhere.
    """
    if table is None or table.empty:
        return []
    said = []
    firsts = table.drop_duplicates("model")[["dataset", "model"]]
    for model, rows in table.merge(firsts).groupby("model", sort=False):
        counts = rows.groupby("role", sort=False)["parameters"].sum()
        own, whole = counts.get("compressed", 0), counts.sum()
        rest = counts.drop("compressed", errors="ignore").sort_values(ascending=False)
        kinds = listed([f"{role} {number:,}" for role, number in rest.items()])
        said.append(
            f"A percentage of {model} is one of {own:,} of its {whole:,} weights "
            f"({100 * own / whole:.1f} %); left out: {kinds} (weights.csv)."
        )
    return said


def _differ(study: dict) -> str:
    kinds = {own["members"] for own in study["models"].values() if own["seeds"] > 1}
    words = {"seed": "training seed", "draw": "calibration draw", "rerun": "nothing but a rerun"}
    return f", that differ by {listed([words[kind] for kind in sorted(kinds)])}" if kinds else ""


def _version(method: dict) -> str:
    how = _how(method)
    return method["name"] if how == AS_GIVEN else f"{method['name']} ({how})"


def _compressed(methods: dict, sparsities: list[float]) -> str:
    """Return what was done to the models by each method, and how much of it."""
    parts = []
    if methods["pruning"]:
        levels = listed([f"{level:g}" for level in sparsities], "or")
        parts.append(
            f"pruned by {listed(methods['pruning'])}, which set {levels} % of the weights to zero"
        )
    if methods["compressing"]:
        names = [f"{own['name']} ({_how(own)})" for own in methods["compressing"]]
        parts.append(f"compressed after training by {listed(names)}")
    return ", or ".join(parts)


def _how(method: dict) -> str:
    draws = method["draws"]
    drawn = f", with {draws} draws of calibration texts each" if draws > 1 else ""
    return f"{listed(method['levels'], 'or')}{drawn}"


def _size(card: dict) -> str:
    return f"{card['counts']['train']['examples']:,} training and {_test_size(card)}"


def _test_size(card: dict) -> str:
    kind = ", several for a text" if card["task"] == "multi-label" else ""
    test = card["counts"]["test"]["examples"]
    return f"{test:,} test texts, {len(card['classes'])} classes{kind}"


def differences(table: pd.DataFrame | None) -> list[str]:
    """Return what else than answers differs between logged runs, a sentence a method.

    `table`: run_differences.csv, None if no logs were read.
    """
    if table is None:
        return []
    said = []
    for method, rows in table.groupby("method", sort=False):
        own = list(dict.fromkeys(rows["difference"]))
        rest = f"; and {len(own) - MOST_DIFFERENCES} more" if len(own) > MOST_DIFFERENCES else ""
        said.append(
            f"Runs of {method} differ from dense ones in more than answers: "
            f"{'; '.join(own[:MOST_DIFFERENCES])}{rest} (run_differences.csv)."
        )
    return said


def external_warnings(table: pd.DataFrame | None) -> list[str]:
    """Return why external models may not be what they are said to be, a sentence each.

    `table`: external_differences.csv, None if no models are external.
    """
    if table is None:
        return []
    order = table["kind"].map({EQUAL: 0, INPUT: 1}).fillna(2)
    said = list(dict.fromkeys(table.loc[order.sort_values(kind="stable").index, "difference"]))
    more = len(said) - MOST_WARNINGS
    rest = [f"Warning: {more} more reasons to doubt are in external_differences.csv."]
    shown = [f"Warning: {each}{'' if each.endswith('?') else '.'}" for each in said]
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
