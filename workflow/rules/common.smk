# Validates the config, spans the grid of cells, and lists the files that they need.

import csv
import sys
from functools import cache
from itertools import product
from pathlib import Path

import yaml

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))
from pielab import provenance
from pielab import config as study_config

try:
    schema = yaml.safe_load(
        (Path(workflow.basedir) / "workflow/schemas/config.schema.yaml").read_text()
    )
    STUDY = study_config.check_config(config, schema, workflow.configfiles)
except ValueError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process:
    for line in study_config.missing_files(STUDY):
        logger.warning(f"{line}; the job that reads it will fail")

DATASETS, MODELS, METHODS = STUDY["datasets"], STUDY["models"], STUDY["methods"]
LEVELS = {
    name: ["00"] if method["criterion"] == "none" else study_config.levels(STUDY["sparsities"])
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
    return list(filter(os.path.isfile, study_config.source_files(DATASETS[wildcards.dataset])))


def vector_file(wildcards):
    """Return the file of word vectors that a model brings, if it is there; a package is none."""
    path = MODELS[wildcards.model]["vectors"]
    return [path] if path != study_config.PACKAGED_VECTORS and os.path.isfile(path) else []


def gpu_share(wildcards):
    """Return the percent of a GPU that a job of a model needs."""
    return STUDY["compute"]["gpu_share"][MODELS[wildcards.model]["architecture"]]


def pretrained(wildcards):
    """Return what a model starts from: word vectors of its dataset, or a fetched encoder."""
    if wildcards.model in BILSTMS:
        return f"results/encoded/{wildcards.dataset}/{wildcards.model}/vectors.safetensors"
    return f"results/pretrained/{wildcards.model}/model.safetensors"


def frozen_encoder(wildcards):
    """Return the encoder whose frozen layers read the text once and for all, if any are frozen."""
    frozen = MODELS[wildcards.model]["freeze_layers"]
    return [f"results/pretrained/{wildcards.model}/model.safetensors"] if frozen else []


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


def kept_models():
    """Return the weights of all pruned models, if they are to be kept."""
    pattern = "results/models/{dataset}/{model}/{method}/s{sparsity}/seeds{block}.safetensors"
    kept = CELLS if STUDY["compute"]["keep_pruned_models"] else []
    return [pattern.format(**cell, block=block) for cell in kept for block in blocks(cell["model"])]


def pair_cells(wildcards):
    """Return the cells of a dataset and model."""
    pair = wildcards.dataset, wildcards.model
    return [cell for cell in CELLS if (cell["dataset"], cell["model"]) == pair]


def pair_predictions(wildcards):
    """Return the predictions of all cells of a dataset and model on the training split."""
    cells = pair_cells(wildcards)
    found = (predictions("train", cell["method"], cell["sparsity"])(wildcards) for cell in cells)
    return [path for paths in found for path in paths]


def pies_of(cells, suffix):
    """Return the path of each of the cells' PIEs with this suffix, such as test.parquet."""
    pattern = "results/pies/{dataset}/{model}/{method}/s{sparsity}."
    return [pattern.format(**cell) + suffix for cell in cells]


def pair_pies(wildcards):
    """Return the PIEs of all cells of a dataset and model in the training split."""
    return pies_of(pair_cells(wildcards), "train.parquet")


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


def browsed(pattern):
    """Return a path for each group of the browser's examples, in their order."""
    return [
        pattern.format(dataset=dataset, split=split) for split in BROWSED for dataset in STUDIED
    ]
