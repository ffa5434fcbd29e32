# Validates the config, spans the grid of cells, and cuts from the config the settings of each job.

import csv
import json
import sys
from functools import cache
from itertools import product
from pathlib import Path

import yaml

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))
from pielab import provenance, settings

try:
    schema = yaml.safe_load(
        (Path(workflow.basedir) / "workflow/schemas/config.schema.yaml").read_text()
    )
    STUDY = settings.check(config, schema, workflow.configfiles)
except ValueError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process:
    for line in settings.missing_files(STUDY):
        logger.warning(f"{line}; the job that reads it will fail")

DATASETS, MODELS, METHODS = STUDY["datasets"], STUDY["models"], STUDY["methods"]
LEVELS = {
    name: ["00"] if method["criterion"] == "none" else settings.levels(STUDY["sparsities"])
    for name, method in METHODS.items()
}
PAIRS = [(dataset, model) for dataset, own in STUDY["training"].items() for model in own]
CELLS = [
    {"dataset": dataset, "model": model, "method": method, "sparsity": level}
    for (dataset, model), method in product(PAIRS, METHODS)
    for level in LEVELS[method]
]
STUDIED = list(STUDY["training"])
PRUNED = [cell for cell in CELLS if METHODS[cell["method"]]["criterion"] != "none"]
PAPER = Path(workflow.basedir) / "resources/paper/effectiveness.csv"
TEMPLATES = Path(workflow.basedir) / "workflow/templates"
TABULATOR = Path(workflow.basedir) / "resources/vendor/tabulator"
BROWSED = STUDY["report"]["splits"]
BILSTMS = [name for name, model in MODELS.items() if model["architecture"] == "bilstm"]
ENCODERS = [name for name in MODELS if name not in BILSTMS]
ITERATIVE = [name for name, method in METHODS.items() if method["schedule"] == "iterative"]
FORMATS = STUDY["figures"]["formats"]
PRETRAINED = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]


def one_of(names):
    """Return a regular expression for just these names (for nothing, if there are none)."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    dataset=one_of(DATASETS),
    model=one_of(MODELS),
    method=one_of(["dense", *METHODS]),
    sparsity=r"\d+(\.\d+)?",
    seeds=r"\d+-\d+",
    split="train|test",


@cache
def blocks(model):
    """Return the blocks of seeds of a model, such as 0-9; more seeds add blocks at the end."""
    seeds, size = MODELS[model]["seeds"], MODELS[model]["seeds_per_job"]
    return [f"{first}-{min(first + size, seeds) - 1}" for first in range(0, seeds, size)]


@cache
def code(script):
    """Return the digest of a script and of the library modules that it imports."""
    return provenance.code_digest(SCRIPTS / f"{script}.py")


def growing(amount):
    """Return a resource that doubles with each attempt, so that a job that ran out of it ends."""

    def resource(wildcards, attempt):
        return amount * 2 ** (attempt - 1)

    return resource


def take(mapping, *keys):
    """Return the part of a mapping with these keys, those that it has."""
    return {key: mapping[key] for key in keys if key in mapping}


def source_files(wildcards):
    """Return the local files that a dataset is read from, those that are there.

    The job itself says what is missing, so that a study can be planned without its data.
    """
    return list(filter(os.path.isfile, settings.source_files(DATASETS[wildcards.dataset])))


def vector_file(wildcards):
    """Return the file of word vectors that a model brings, if it is there; a package is none."""
    path = MODELS[wildcards.model]["vectors"]
    return [path] if path != settings.PACKAGED_VECTORS and os.path.isfile(path) else []


def gpu_share(wildcards):
    """Return the percent of a GPU that a job of a model needs."""
    return STUDY["compute"]["gpu_share"][MODELS[wildcards.model]["architecture"]]


def pretrained(wildcards):
    """Return what a model starts from: word vectors of its dataset, or a fetched encoder."""
    if wildcards.model in BILSTMS:
        return f"results/encoded/{wildcards.dataset}/{wildcards.model}/vectors.safetensors"
    return f"results/pretrained/{wildcards.model}/model.safetensors"


def dense_weights(wildcards):
    """Return the dense models that a block continues from; at initialisation there are none."""
    if wildcards.method not in ITERATIVE:
        return []
    return (
        f"results/models/{wildcards.dataset}/{wildcards.model}/dense/s00/"
        f"seeds{wildcards.seeds}.safetensors"
    )


def predictions(split, method=None, sparsity=None):
    """Return a function that lists the predictions of all blocks of a cell on a split."""

    def paths(wildcards):
        folder = (
            f"results/predictions/{wildcards.dataset}/{wildcards.model}/"
            f"{method or wildcards.method}/s{sparsity or wildcards.sparsity}"
        )
        return [f"{folder}/seeds{block}.{split}.safetensors" for block in blocks(wildcards.model)]

    return paths


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
    return provenance.canonical(own | take(STUDY["training"][dataset][model], "max_tokens"))


def encode_settings(wildcards):
    """Return the settings of a pair's tokens."""
    return encode_settings_of(wildcards.dataset, wildcards.model)


@cache
def model_settings_of(dataset, model, method):
    """Return what training, pruning and prediction of a pair by a method have to know."""
    own, training = MODELS[model], STUDY["training"][dataset][model]
    slice_ = {
        "model": take(own, "architecture", "freeze_embeddings"),
        "training": take(training, "epochs", "learning_rate", "batch_size")
        | {"pad_to": training["max_tokens"] if own["pad_to_max_tokens"] else None},
        **take(STUDY["compute"], "device", "threads"),
    }
    if method != "dense":
        slice_["method"] = METHODS[method]
        slice_["training"] |= take(STUDY["pruning"], "prune_layer_norm", "impact_examples")
    return slice_


def train_settings(wildcards):
    """Return the settings of a pair's training, as dense models or by a method."""
    method = getattr(wildcards, "method", "dense")
    return provenance.canonical(model_settings_of(wildcards.dataset, wildcards.model, method))


def predict_settings(wildcards):
    """Return the settings of prediction."""
    both = model_settings_of(wildcards.dataset, wildcards.model, "dense")
    own = take(both, "model", "device", "threads") | take(both["training"], "pad_to")
    return provenance.canonical(own)


def table_cells():
    """Return the rows of the tables, in the order of their inputs."""
    rows = [cell | {"sparsity": float(cell["sparsity"])} for cell in CELLS]
    return provenance.canonical({"cells": rows})


def figure_settings():
    """Return the settings of the figures."""
    names = {"single-label": "Accuracy", "multi-label": "Macro-F1"}
    measures = {name: names[dataset["task"]] for name, dataset in DATASETS.items()}
    look = take(STUDY["figures"], "palette", "dpi")
    return provenance.canonical(look | {"methods": list(METHODS), "measures": measures})


def cell_paths(suffix):
    """Return the path of each cell's PIEs with this suffix."""
    pattern = "results/pies/{dataset}/{model}/{method}/s{sparsity}."
    return [pattern.format(**cell) + suffix for cell in CELLS]


def pair_cells(wildcards):
    """Return the cells of a dataset and model."""
    pair = wildcards.dataset, wildcards.model
    return [cell for cell in CELLS if (cell["dataset"], cell["model"]) == pair]


def pair_predictions(wildcards):
    """Return the predictions of all cells of a dataset and model on the training split."""
    cells = pair_cells(wildcards)
    found = (predictions("train", cell["method"], cell["sparsity"])(wildcards) for cell in cells)
    return [path for paths in found for path in paths]


def pies_of(cells, split):
    """Return the paths of cells' PIEs in a split."""
    pattern = "results/pies/{dataset}/{model}/{method}/s{sparsity}."
    return [pattern.format(**cell) + f"{split}.parquet" for cell in cells]


def pair_pies(wildcards):
    """Return the PIEs of all cells of a dataset and model in the training split."""
    return pies_of(pair_cells(wildcards), "train")


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


def claim_settings():
    """Return the pairs whose claims are judged, with their pruned cells, in order."""
    pairs = []
    for dataset, model in PAIRS:
        cells = [cell for cell in PRUNED if (cell["dataset"], cell["model"]) == (dataset, model)]
        rows = [{"method": cell["method"], "sparsity": float(cell["sparsity"])} for cell in cells]
        own = take(MODELS[model], "architecture", "seeds")
        pairs.append({"dataset": dataset, "model": model, "cells": rows} | own)
    return provenance.canonical({"pairs": pairs})


def analysis_figure_settings():
    """Return the settings of the figures of the analyses."""
    both = json.loads(figure_settings()) | {"drawn": STUDY["complexity"]["drawn"]}
    return provenance.canonical(both)


def is_published():
    """Return whether the paper has a score of any of the study's cells, if only the dense one."""
    rows = csv.DictReader(PAPER.read_text(encoding="utf-8").splitlines())
    return bool({(row["dataset"], row["model"]) for row in rows} & set(PAIRS))


def tables():
    """Return the tables of all rules so far."""
    paths = [str(path) for known in workflow.rules for path in known.output]
    return [path for path in paths if path.startswith("results/tables/")]


def reported_figures():
    """Return path, caption and category of each figure that Snakemake's report has too.

    In the first format that a page can show.
    """
    suffix = next((f".{one}" for one in ("svg", "png") if one in FORMATS), None)
    captions = Path(workflow.basedir) / "workflow/report"
    found = []
    for known in workflow.rules:
        if known.name == "plot_paper_comparison" and not is_published():
            continue
        for path in known.output:
            if "report" in path.flags and Path(path).suffix == suffix:
                caption = captions / Path(path).with_suffix(".rst").name
                found.append((str(path), str(caption), path.flags["report"].category))
    return found


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


def browsed(pattern):
    """Return a path for each group of the browser's examples, in their order."""
    return [
        pattern.format(dataset=dataset, split=split) for split in BROWSED for dataset in STUDIED
    ]


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
