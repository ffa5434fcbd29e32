"""The settings of the jobs of every study."""

from collections.abc import Mapping, Sequence

from pielab import remedies
from pielab.architectures import architecture
from pielab.cells import of_pair, read_level
from pielab.methods import calibration, unit_of
from pielab.objectives import has_objective
from pielab.study import Study

# What decides which rows a dataset has, what they hold, and how its card describes them
ROW_KEYS = (
    "source",
    "task",
    "files",
    "hub",
    "columns",
    "classes",
    "drop_labels",
    "require_label",
    "drop_empty_text",
    "min_class_count",
    "max_train",
    "max_train_by_class",
    "max_test",
    "split_seed",
)
SCORE_NAMES = {"single-label": "Accuracy", "multi-label": "Macro-F1"}


def subset(mapping: Mapping, *keys: str) -> dict:
    """Return the part of a mapping with these keys, those that it has."""
    return {key: mapping[key] for key in keys if key in mapping}


def fetch(study: Study, dataset: str) -> dict:
    """Return what decides a dataset's rows."""
    described = study.datasets[dataset]
    splits = described["files"] or (described["hub"] or {}).get("splits", {})
    drawn = [] if "test" in splits else ["test_share"]
    separated = ["label_separator"] if described["task"] == "multi-label" else []
    clustered = ["cluster_by"] if described["cluster_by"] else []
    read = [*ROW_KEYS, *drawn, *separated, *clustered]
    return {"name": dataset} | subset(described, *read)


def fetch_untracked(study: Study, dataset: str) -> dict:
    """Return what a dataset is held to and where it comes from, which change no row."""
    bins = subset(study.config["influence"], "bins") if study.has_influence else {}
    return subset(study.datasets[dataset], "sha256", "origin") | bins


def fetch_slice_columns(study: Study, dataset: str) -> dict:
    """Return which columns of a dataset's source its test examples are grouped by."""
    read = subset(study.datasets[dataset], "source", "files", "hub", "columns", "slice_by")
    return {"name": dataset} | read


def fetch_encoder(study: Study, model: str) -> dict:
    """Return where a pretrained encoder comes from and how deep it is."""
    read = ["architecture", "pretrained", "revision", "layers", "dropout"]
    read += ["folders"] if model in study.trained_elsewhere else []
    return subset(study.models[model], *read)


def read_checkpoints(study: Study, dataset: str, model: str) -> dict:
    """Return which classifiers that were trained elsewhere are read, and how they predict."""
    settings = train(study, dataset, model)
    return settings | subset(study.models[model], "folders")


def calibrate(study: Study, dataset: str, model: str, method: str) -> dict:
    """Return which texts a method calibrates a model with, and how they are read."""
    chosen = subset(study.methods[method]["calibration"], "file", "column")
    return chosen | subset(study.training[dataset][model], "max_tokens")


def encode(study: Study, dataset: str, model: str) -> dict:
    """Return the settings of a pair's tokens."""
    read = subset(study.models[model], "vectors", "lowercase", "tokenizer")
    if study.models[model]["freeze_layers"]:
        read |= subset(study.models[model], "architecture", "freeze_layers")
        read |= subset(study.config["compute"], "threads")
    return read | subset(study.training[dataset][model], "max_tokens")


def train(study: Study, dataset: str, model: str, method: str = "dense") -> dict:
    """Return what training, pruning and prediction of a pair by a method have to know."""
    classifier, training = study.models[model], study.training[dataset][model]
    pad_to = training["max_tokens"] if classifier["pad_to_max_tokens"] else None
    settings = {
        "model": subset(classifier, "architecture", "freeze_embeddings", "freeze_layers"),
        "training": subset(training, "epochs", "learning_rate", "batch_size") | {"pad_to": pad_to},
        **subset(study.config["compute"], "threads"),
    }
    if study.config["compute"]["precision"] != "auto":  # as ever, whatever was trained before
        settings |= subset(study.config["compute"], "precision")
    if pad_to:
        settings["model"] |= subset(training, "pad_with")
    if method != "dense":
        settings["method"] = _method(study, method) | _pruning(study, model, method)
        if has_objective(study.methods[method]):
            settings |= subset(study.methods[method], "objective")
    return settings


def _method(study: Study, method: str) -> dict:
    """Return how a method compresses, without how many draws of texts there are in which jobs."""
    elsewhere = ("objective", "teacher_seeds")
    described = {key: value for key, value in study.methods[method].items() if key not in elsewhere}
    drawn = calibration(described)
    kept = ["examples", "chosen"]
    kept += ["file", "column"] if drawn and drawn.get("file") else []
    kept += ["tokens"] if drawn and drawn.get("tokens") else []  # which decoders read
    return described | ({"calibration": subset(drawn, *kept)} if drawn else {})


def train_untracked(study: Study) -> dict:
    """Return where models are trained, which is no reason to train them again."""
    return subset(study.config["compute"], "device")


def _pruning(study: Study, model: str, method: str) -> dict:
    """Return what a method reads of what all pruning has in common, for a model."""
    criterion = study.methods[method].get("criterion", "none")
    impact = ["impact_examples"] if criterion == "impact" else []
    ties = ["ties"] if criterion != "none" else []
    # Without dropout or norms in a model, it reads no key on these
    needed = architecture(study.models[model]["architecture"]).pruning
    more = {"impact_dropout"} if impact else set()
    if ties and method not in study.compressing_methods:  # which prune matrices only
        more |= {"prune_layer_norm"}
    return subset(study.config["pruning"], *impact, *ties, *sorted(more.intersection(needed)))


def share_predictions(study: Study) -> dict:
    """Return the datasets whose models decide for one class an example."""
    single = [
        name for name in study.studied_datasets if study.datasets[name]["task"] == "single-label"
    ]
    return {"single_label": single}


def find_pies(study: Study, dataset: str, model: str) -> dict:
    """Return the tie rule, and of external models what tells them apart and the cut."""
    settings = subset(study.config["pies"], "ties")
    if study.external:
        settings |= subset(study.models[model], "differ_by") | subset(study.external, "threshold")
        settings["scores"] = study.scores(dataset)
    return settings


def embed_texts(study: Study) -> dict:
    """Return what decides how texts are embedded."""
    return subset(study.config["compute"], "threads")


def find_causes(study: Study, dataset: str, model: str) -> dict:
    """Return the comparisons of a pair whose texts are explained, and how predictions are read."""
    comparisons = of_pair(study.explained_comparisons, dataset, model)
    settings = find_pies(study, dataset, model) | {"dataset": dataset, "model": model}
    return settings | {"cells": [comparison._asdict() for comparison in comparisons]}


def map_data(study: Study) -> dict:
    """Return the pairs of dataset and model, with their comparisons in the order of the inputs."""
    pairs = []
    for dataset, model in study.pairs:
        comparisons = of_pair(study.explained_comparisons, dataset, model)
        rows = [comparison.row() for comparison in comparisons]
        pairs.append({"dataset": dataset, "model": model, "cells": rows})
    return {"pairs": pairs}


def measure_remedies(study: Study, dataset: str, model: str) -> dict:
    """Return the comparisons of a pair, those with a remedy, and how its predictions are read.

    The models of all may keep layers dense, or send texts to their baseline; `stages` is what a
    method trains, and `primary` its primary baseline, by method.
    """
    plain = remedies.twins(study)
    compressed = of_pair(study.pruned_comparisons, dataset, model)
    with_remedy = of_pair(remedies.remedied(study), dataset, model)
    trained = [
        comparison._asdict()
        | {
            "plain": plain[comparison.method],
            "remedy": remedies.remedy_name(study.methods[comparison.method]),
        }
        | remedies.costs(study.methods[comparison.method])
        for comparison in with_remedy
    ]
    settings = find_pies(study, dataset, model) | {"trained": trained}
    settings["stages"] = {
        comparison.method: remedies.costs(study.methods[comparison.method])["stages_plain"]
        for comparison in compressed
    }
    settings["primary"] = {
        comparison.method: comparison.baseline
        for comparison in compressed
        if study.is_primary(comparison)
    }
    return settings | {"cells": [comparison._asdict() for comparison in compressed]}


def tabulate_pies(study: Study) -> dict:
    """Return the rows of the tables, in the order of their inputs."""
    rows = [
        comparison.row()
        | read_level(comparison.level).columns()
        | {"primary": study.is_primary(comparison)}
        for comparison in study.comparisons
    ]
    return {"cells": rows}


def restore_layers(study: Study, dataset: str, model: str, method: str, sets: str) -> dict:
    """Return what compressing and putting layers back have to know."""
    keep = subset(study.config["layers"], "keep") if sets == "kept" else {}
    return train(study, dataset, model, method) | keep


def tabulate_layers(study: Study) -> dict:
    """Return the cells whose layers are put back, in the order of the inputs."""
    return {"cells": [cell.row() for cell in study.cells_by_layer]}


def tabulate_frontier(study: Study) -> dict:
    """Return the cells and how their sizes are known, in the order of the inputs."""
    rows = [comparison.row() for comparison in study.dense_comparisons]
    used = {comparison.method for comparison in study.dense_comparisons}
    described = {name: _method(study, name) for name in study.methods if name in used}
    return {"cells": rows, "pairs": study.sized_pairs, "methods": described}


def measure_influence(study: Study, dataset: str, model: str) -> dict:
    """Return the rows of a pair's influence tables, in the order of their inputs, and the bins."""
    rows = [comparison.row() for comparison in study.comparisons_of(dataset, model)]
    return {"cells": rows} | subset(study.config["influence"], "bins", "measures")


def analysed_cells(study: Study, seeds: bool = False) -> dict:
    """Return the rows of the analyses, in the order of their inputs."""
    rows = [
        comparison.row()
        | ({"seeds": study.n_models(comparison.model, comparison.method)} if seeds else {})
        for comparison in study.comparisons
    ]
    return {"cells": rows, "datasets": study.studied_datasets}


def find_slices(study: Study) -> dict:
    """Return the comparisons, in the order of their inputs, and how large slices are."""
    rows = [comparison.row() for comparison in study.comparisons]
    named = [name for name in study.studied_datasets if study.datasets[name]["slice_by"]]
    limits = study.config["slices"]
    return {"cells": rows, "datasets": study.studied_datasets, "named": named} | limits


def compare_pie_sets(study: Study) -> dict:
    """Return the cells whose PIE sets are compared, in the order of their inputs."""
    return {"cells": [comparison.row() for comparison in study.primary_comparisons]}


def tabulate_effectiveness(study: Study, paper: str) -> dict:
    """Return the digest of the paper's scores, the datasets that they are for, and units."""
    units = {name: unit_of(study.methods[name]) for name in study.pruning_methods}
    return {"paper": paper, "published_as": study.published_as, "units": units}


def score_claims(study: Study, dataset: str) -> dict:
    """Return the models whose claims are judged, each with the cells that can tell, in order."""
    pairs = []
    for model in study.training[dataset]:
        rows = [
            subset(comparison.row(), "method", "level", "baseline")
            | {"primary": study.is_primary(comparison)}
            for comparison in study.judged_comparisons(dataset, model)
        ]
        names = {"dataset": dataset, "model": model, "cells": rows}
        names |= subset(study.config["influence"], "measures")
        models = max(study.n_models(model, str(row["method"])) for row in rows)
        family = architecture(study.models[model]["architecture"]).family
        facts = {"family": family, "seeds": models}
        facts["influence"] = (dataset, model) in study.influential_pairs
        pairs.append(names | facts)
    return {"pairs": pairs}


def figures(study: Study, drawn: bool = False) -> dict:
    """Return the settings of figures, with the measures of complexity that are drawn, or not."""
    measures = {name: SCORE_NAMES[study.datasets[name]["task"]] for name in study.studied_datasets}
    settings = {
        **subset(study.config["figures"], "palette", "dpi"),
        "methods": list(study.methods),
        "measures": measures,
    }
    return settings | (subset(study.config["complexity"], "drawn") if drawn else {})


def build_report(study: Study, categories: Sequence[str]) -> dict:
    """Return the whole study, which the report describes, and each figure's category."""
    return {
        "study": _described(study),
        "datasets": study.studied_datasets,
        "methods": _methods(study),
        "categories": categories,
    }


def _methods(study: Study) -> dict:
    """Return the methods that prune and train, the controls, and of the others levels and draws."""
    after = [
        {
            "name": name,
            "levels": [read_level(level).text for level in study.levels(name)],
            "draws": (calibration(study.methods[name]) or {}).get("draws", 1),
        }
        for name in study.compressing_methods
    ]
    pruning = [name for name in study.pruning_methods if name in study.retrained_methods]
    return {"pruning": pruning, "compressing": after, "controls": study.controls}


def _described(study: Study) -> dict:
    """Return the config without what is not run and what only states where and how."""
    models = {model for _, model in study.pairs}
    return {key: value for key, value in study.config.items() if key != "compute"} | {
        "datasets": subset(study.datasets, *study.studied_datasets),
        "models": {name: model for name, model in study.models.items() if name in models},
    }


def build_browser(study: Study) -> dict:
    """Return what the browser shows: groups, cells in the order of their inputs, and how many."""
    cells = [
        comparison.row()
        | {"seeds": study.n_models(comparison.model, comparison.method)}
        | {"primary": study.is_primary(comparison), "level_text": read_level(comparison.level).text}
        for comparison in study.comparisons
    ]
    limits = subset(study.config["report"], "max_examples") | {"splits": study.browsed_splits}
    return {"datasets": study.studied_datasets, "cells": cells} | limits
