# Validates the config, spans the grid of cells, and gives the rules what they ask of the two.

import csv
import json
import sys
from functools import cache
from pathlib import Path

import yaml

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))
from pielab import config as study_config
from pielab import job_settings, provenance
from pielab.data import cards
from pielab.figures import catalogue
from pielab.study import Cell, Study, any_of, pie_files

try:
    schema = yaml.safe_load(
        (Path(workflow.basedir) / "workflow/schemas/config.schema.yaml").read_text()
    )
    STUDY = Study(study_config.check_config(config, schema, workflow.configfiles))
    for dataset in STUDY.studied_datasets if workflow.is_main_process else []:
        if os.path.isfile(card := f"results/data/{dataset}/card.json"):
            cards.check_digests(
                json.loads(Path(card).read_text(encoding="utf-8")),
                STUDY.datasets[dataset]["sha256"],
            )
except ValueError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process:
    for line in study_config.missing_files(STUDY.config):
        logger.warning(f"{line}; the job that reads it will fail")

CELLS, STUDIED = STUDY.cells, STUDY.studied_datasets
COMPUTE = STUDY.config["compute"]
PAPER = Path(workflow.basedir) / "resources/paper/effectiveness.csv"
TEMPLATES = Path(workflow.basedir) / "workflow/templates"
TABULATOR = Path(workflow.basedir) / "resources/vendor/tabulator"
FORMATS = STUDY.config["figures"]["formats"]
PRETRAINED = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]


wildcard_constraints:
    dataset=any_of(STUDY.datasets),
    model=any_of(STUDY.models),
    method=any_of(["dense", *STUDY.methods]),
    sparsity=r"\d+(\.\d+)?",
    seeds=r"\d+-\d+",
    split="train|test",


@cache
def code(script):
    """Return the digest of a script and of the library modules that it imports."""
    return provenance.code_digest(SCRIPTS / f"{script}.py")


def doubling_per_attempt(amount):
    """Return a resource that doubles with each attempt, so that a job that ran out of it ends."""

    def resource(wildcards, attempt):
        return amount * 2 ** (attempt - 1)

    return resource


def source_files(wildcards):
    """Return the local files that a dataset is read from, those that are there.

    The job itself says what is missing, so that a study can be planned without its data.
    """
    files = study_config.source_files(STUDY.datasets[wildcards.dataset])
    return list(filter(os.path.isfile, files))


def vector_file(wildcards):
    """Return the file of word vectors that a model brings, if it is there; a package is none."""
    path = STUDY.models[wildcards.model]["vectors"]
    return [path] if path != study_config.PACKAGED_VECTORS and os.path.isfile(path) else []


def gpu_share(wildcards):
    """Return the percent of a GPU that a job of a model needs."""
    return COMPUTE["gpu_share"][STUDY.models[wildcards.model]["architecture"]]


def pretrained(wildcards):
    """Return what a model starts from: word vectors of its dataset, or a fetched encoder."""
    if wildcards.model in STUDY.bilstms:
        return f"results/encoded/{wildcards.dataset}/{wildcards.model}/vectors.safetensors"
    return f"results/pretrained/{wildcards.model}/model.safetensors"


def frozen_encoder(wildcards):
    """Return the encoder whose frozen layers read the text once and for all, if any are frozen."""
    frozen = STUDY.models[wildcards.model]["freeze_layers"]
    return [f"results/pretrained/{wildcards.model}/model.safetensors"] if frozen else []


def dense_weights(wildcards):
    """Return the dense models that a block continues from; at initialisation there are none."""
    if wildcards.method not in STUDY.iterative_methods:
        return []
    return (
        f"results/models/{wildcards.dataset}/{wildcards.model}/dense/s00/"
        f"seeds{wildcards.seeds}.safetensors"
    )


def predictions(split):
    """Return a function that lists the predictions of all blocks of a cell on a split."""
    return lambda wildcards: STUDY.prediction_files(
        Cell(wildcards.dataset, wildcards.model, wildcards.method, wildcards.sparsity), split
    )


def dense_predictions(split):
    """Return a function that lists the predictions of all blocks of dense models on a split."""
    return lambda wildcards: STUDY.prediction_files(
        Cell(wildcards.dataset, wildcards.model, "dense", "00"), split
    )


def pair_predictions(wildcards):
    """Return the predictions of all cells of a dataset and model on the training split."""
    cells = STUDY.cells_of(wildcards.dataset, wildcards.model)
    return [path for cell in cells for path in STUDY.prediction_files(cell, "train")]


def pair_pies(wildcards):
    """Return the PIEs of all cells of a dataset and model in the training split."""
    return pie_files(STUDY.cells_of(wildcards.dataset, wildcards.model), "train.parquet")


def is_published():
    """Return whether the paper has a score of any of the study's cells, if only the dense one."""
    rows = csv.DictReader(PAPER.read_text(encoding="utf-8").splitlines())
    return bool({(row["dataset"], row["model"]) for row in rows} & set(STUDY.pairs))


def tables():
    """Return the tables of all rules so far."""
    paths = [str(path) for table_rule in workflow.rules for path in table_rule.output]
    return [path for path in paths if path.startswith("results/tables/")]


def figure_files(rule):
    """Return the outputs of a job that draws, by figure; Snakemake's report has them too."""
    return {
        name: report(
            expand("results/figures/{name}.{format}", name=name, format=FORMATS),
            caption=f"../report/{name}.rst",
            category=entry.category,
        )
        for name, entry in catalogue.drawn_by(rule).items()
    }


def reported_figures():
    """Return path, caption and category of each figure, in the first format that a page shows."""
    suffix = next((one for one in ("svg", "png") if one in FORMATS), None)
    return [
        (f"results/figures/{name}.{suffix}", catalogue.caption(name), entry.category)
        for name, entry in catalogue.FIGURES.items()
        if suffix and (entry.rule != catalogue.PAPER or is_published())
    ]


# The names by which figures.smk and report.smk know them
growing, pies_of, browsed = doubling_per_attempt, pie_files, STUDY.by_browsed_split
PAIRS, BROWSED = STUDY.pairs, STUDY.config["report"]["splits"]
