# Cuts from the config the settings of each job: exactly what it uses, as canonical JSON.

import json


def fetch_settings(wildcards):
    """Return the settings of a dataset."""
    return provenance.canonical({"name": wildcards.dataset} | DATASETS[wildcards.dataset])


def fetch_encoder_settings(wildcards):
    """Return where a pretrained encoder comes from and how deep it is."""
    return provenance.canonical(
        take(MODELS[wildcards.model], "pretrained", "revision", "layers", "dropout")
    )


@cache
def encode_settings_of(dataset, model):
    """Return the settings of a pair's tokens."""
    own = take(MODELS[model], "vectors", "lowercase")
    if MODELS[model]["freeze_layers"]:
        own |= take(MODELS[model], "freeze_layers") | take(STUDY["compute"], "device", "threads")
    return provenance.canonical(own | take(STUDY["training"][dataset][model], "max_tokens"))


def encode_settings(wildcards):
    """Return the settings of a pair's tokens."""
    return encode_settings_of(wildcards.dataset, wildcards.model)


@cache
def model_settings_of(dataset, model, method):
    """Return what training, pruning and prediction of a pair by a method have to know."""
    own, training = MODELS[model], STUDY["training"][dataset][model]
    slice_ = {
        "model": take(own, "architecture", "freeze_embeddings", "freeze_layers"),
        "training": take(training, "epochs", "learning_rate", "batch_size")
        | {"pad_to": training["max_tokens"] if own["pad_to_max_tokens"] else None},
        **take(STUDY["compute"], "device", "threads"),
    }
    if method != "dense":
        pruning = take(STUDY["pruning"], "prune_layer_norm", "impact_examples")
        slice_["method"] = METHODS[method] | pruning
    return slice_


def train_settings(wildcards):
    """Return the settings of a pair's training, as dense models or by a method."""
    method = getattr(wildcards, "method", "dense")
    return provenance.canonical(model_settings_of(wildcards.dataset, wildcards.model, method))


def table_cells():
    """Return the rows of the tables, in the order of their inputs."""
    rows = [cell | {"sparsity": float(cell["sparsity"])} for cell in CELLS]
    return provenance.canonical({"cells": rows})


def influence_settings(wildcards):
    """Return the rows of a pair's influence tables, in the order of their inputs, and the bins."""
    rows = [cell | {"sparsity": float(cell["sparsity"])} for cell in pair_cells(wildcards)]
    return provenance.canonical({"cells": rows} | take(STUDY["influence"], "bins"))


def analysed_cells(seeds=False):
    """Return the rows of the analyses, in the order of their inputs."""
    rows = [cell | {"sparsity": float(cell["sparsity"])} for cell in CELLS]
    if seeds:
        rows = [row | {"seeds": MODELS[row["model"]]["seeds"]} for row in rows]
    return provenance.canonical({"cells": rows, "datasets": STUDIED})


def compared_cells():
    """Return the cells whose PIE sets are compared, in the order of their inputs."""
    rows = [
        cell | {"sparsity": float(cell["sparsity"]), "compressed": cell in PRUNED} for cell in CELLS
    ]
    return provenance.canonical({"cells": rows})


def claim_settings():
    """Return the pairs whose claims are judged, with their pruned cells, in order."""
    pairs = []
    for dataset, model in PAIRS:
        cells = [cell for cell in PRUNED if (cell["dataset"], cell["model"]) == (dataset, model)]
        rows = [{"method": cell["method"], "sparsity": float(cell["sparsity"])} for cell in cells]
        own = take(MODELS[model], "architecture", "seeds")
        pairs.append({"dataset": dataset, "model": model, "cells": rows} | own)
    return provenance.canonical({"pairs": pairs})


def figure_settings():
    """Return the settings of the figures."""
    names = {"single-label": "Accuracy", "multi-label": "Macro-F1"}
    measures = {name: names[dataset["task"]] for name, dataset in DATASETS.items()}
    look = take(STUDY["figures"], "palette", "dpi")
    return provenance.canonical(look | {"methods": list(METHODS), "measures": measures})


def analysis_figure_settings():
    """Return the settings of the figures of the analyses."""
    both = json.loads(figure_settings()) | {"drawn": STUDY["complexity"]["drawn"]}
    return provenance.canonical(both)


def report_settings():
    """Return the whole study, which the report describes, and each figure's category."""
    pruning = [name for name, method in METHODS.items() if method["criterion"] != "none"]
    return provenance.canonical(
        {
            "study": {key: value for key, value in STUDY.items() if key != "compute"},
            "datasets": STUDIED,
            "methods": {"pruning": pruning, "controls": [m for m in METHODS if m not in pruning]},
            "categories": [category for _, _, category in reported_figures()],
        }
    )


def browser_settings():
    """Return what the browser shows: groups, cells in the order of their inputs, and how many."""
    cells = [
        cell
        | {
            "sparsity": float(cell["sparsity"]),
            "seeds": MODELS[cell["model"]]["seeds"],
            "compressed": cell in PRUNED,
        }
        for cell in CELLS
    ]
    own = take(STUDY["report"], "max_examples", "splits")
    return provenance.canonical({"datasets": STUDIED, "cells": cells} | own)
