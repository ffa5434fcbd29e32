# Validates the config, spans the grid of cells, and gives the rules what they ask of the two.

import re
import sys
from functools import cache
from pathlib import Path

import yaml

# Not from `workflow.basedir`, the folder of the Snakefile that the user runs
PROJECT = Path(workflow.snakefile).absolute().parents[2]
SCRIPTS = PROJECT / "scripts"
sys.path.insert(0, str(SCRIPTS))
from pielab import config as study_config
from pielab import config_files, contradictions, job_settings, machine, owners, provenance
from pielab.cells import Cell, any_of, pie_files
from pielab.data import cards
from pielab.gate import job as gate_job
from pielab.methods import GIVEN, compressor, compressor_of
from pielab.study import Study

DEFAULT = "config/config.yaml"
try:
    for path in workflow.overwrite_configfiles or [DEFAULT]:
        config_files.check_file(os.path.relpath(path))
except ValueError as error:
    raise WorkflowError(str(error)) from None

# Not merged with the default: a study names its own datasets, models and methods.
if not workflow.overwrite_configfiles:

    configfile: DEFAULT


try:
    schema = yaml.safe_load((PROJECT / "workflow/schemas/config.schema.yaml").read_text())
    STUDY = Study(study_config.check_config(config, schema, workflow.configfiles))
    study_config.find_predictions(STUDY.config, PROJECT)
    if workflow.is_main_process:
        study_config.check_palette(STUDY.config)
    for dataset in STUDY.studied_datasets if workflow.is_main_process else []:
        sha256 = STUDY.datasets[dataset]["sha256"]
        cards.check_fetched(f"results/data/{dataset}/card.json", sha256)
except ValueError as error:
    raise WorkflowError(str(error)) from None

if workflow.is_main_process:
    for line in [*study_config.missing_files(STUDY.config), *STUDY.missing_predictions()]:
        logger.warning(f"{line}; the job that reads it will fail")
    if line := owners.other_study(workflow.configfiles):
        logger.warning(line)


STUDIED = STUDY.studied_datasets
COMPUTE = STUDY.config["compute"]

# The jobs of one machine share its GPU instead of taking it all at once, one for each core. Jobs
# that go to a cluster (whose number, --jobs, is given) each get one from there.
if (
    workflow.is_main_process
    and workflow.global_resources["_nodes"].value is None
    and "gpu_share" not in workflow.global_resources
    and machine.has_gpu(COMPUTE["device"])
):
    workflow.register_resource("gpu_share", 100)

PAPER = PROJECT / "resources/paper/effectiveness.csv"
TEMPLATES = PROJECT / "workflow/templates"
TABULATOR = PROJECT / "resources/vendor/tabulator"
FORMATS = STUDY.config["figures"]["formats"]
PRETRAINED = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]


wildcard_constraints:
    dataset=any_of(STUDY.datasets),
    model=any_of(STUDY.models),
    method=any_of(["dense", *STUDY.methods]),
    sparsity=r"\d+(\.\d+)?",
    baseline=any_of(["dense", *STUDY.controls]),
    seeds=r"\d+-\d+(\.draws\d+-\d+)?",
    split="train|test",
    sets="each|kept",


@cache
def code(script, *chosen):
    """Return the digest of a script and of the library modules that it imports or chooses."""
    modules = [SCRIPTS / f"pielab/{name}.py" for name in chosen]
    return provenance.code_digest(SCRIPTS / f"{script}.py", *modules)


def prune_code(wildcards):
    """Return the digest of the code that prunes, with the one criterion that a method ranks by."""
    criterion = STUDY.methods[wildcards.method]["criterion"]
    chosen = [] if criterion == "none" else [f"training/criteria/{criterion}"]
    return code("prune", *chosen)


def verbatim(text):
    """Return a param of a text, in which Snakemake would else take braces for wildcards."""
    return lambda wildcards: text


def doubling_per_attempt(amount):
    """Return a resource that doubles with each attempt, so that a job that ran out of it ends."""

    def resource(wildcards, attempt):
        return amount * 2 ** (attempt - 1)

    return resource


def source_files(wildcards):
    """Return the local files that a dataset is read from, those that are there.

    The job itself says what is missing, so that a study can be planned without its data.
    """
    files = contradictions.source_files(STUDY.datasets[wildcards.dataset])
    return list(filter(os.path.isfile, files))


def vector_file(wildcards):
    """Return the file of word vectors that a model brings, if it is there; a package is none."""
    path = STUDY.models[wildcards.model]["vectors"]
    packaged = path in (None, study_config.PACKAGED_VECTORS)  # encoders bring none
    return [] if packaged or not os.path.isfile(path) else [path]


def gpu_share(wildcards):
    """Return the percent of a GPU that a job of a model needs."""
    return COMPUTE["gpu_share"][STUDY.models[wildcards.model]["architecture"]]


def pretrained(wildcards):
    """Return what a model starts from: word vectors of its dataset, or a fetched encoder."""
    if wildcards.model in STUDY.bilstms:
        return f"results/encoded/{wildcards.dataset}/{wildcards.model}/vectors.safetensors"
    return f"results/pretrained/{wildcards.model}/model.safetensors"


def encoder_config(wildcards):
    """Return the configuration that lies beside an encoder, which is read with it."""
    is_encoder = wildcards.model not in STUDY.bilstms
    return [f"results/pretrained/{wildcards.model}/config.json"] if is_encoder else []


def frozen_encoder(wildcards):
    """Return the encoder whose frozen layers read the text once and for all, if any are frozen."""
    frozen = STUDY.models[wildcards.model]["freeze_layers"]
    return [f"results/pretrained/{wildcards.model}/model.safetensors"] if frozen else []


def block_of_dense_models(dataset, model, seeds=None):
    """Return the path of a block of a pair's dense models, by default the first."""
    seeds = seeds or STUDY.blocks(model)[0]
    return f"results/models/{dataset}/{model}/dense/s00/seeds{seeds}.safetensors"


def dense_weights(wildcards):
    """Return the dense models that a block continues from; at initialisation there are none."""
    if wildcards.method not in STUDY.iterative_methods + STUDY.compressing_methods:
        return []
    seeds = wildcards.seeds.partition(".")[0]  # all draws start from the dense models of a seed
    return block_of_dense_models(wildcards.dataset, wildcards.model, seeds)


def cell_of(wildcards):
    """Return the cell that a job is of."""
    return Cell(wildcards.dataset, wildcards.model, wildcards.method, wildcards.sparsity)


def predictions(split):
    """Return a function that lists the predictions of all blocks of a cell on a split."""
    return lambda wildcards: STUDY.prediction_files(cell_of(wildcards), split)


def dense_predictions(split):
    """Return a function that lists the predictions of all blocks of dense models on a split."""
    return lambda wildcards: STUDY.prediction_files(
        Cell(wildcards.dataset, wildcards.model, "dense", "00"), split
    )


def baseline_predictions(split):
    """Return a function that lists the predictions of a comparison's baseline on a split."""
    return lambda wildcards: STUDY.prediction_files(
        Cell(wildcards.dataset, wildcards.model, wildcards.baseline, "00"), split
    )


def pair_predictions(wildcards):
    """Return the predictions of all cells of a dataset and model on the training split."""
    cells = {
        cell
        for each in STUDY.comparisons_of(wildcards.dataset, wildcards.model)
        for cell in (each.cell, each.baseline_cell)
    }
    return [path for cell in sorted(cells) for path in STUDY.prediction_files(cell, "train")]


def pair_pies(wildcards):
    """Return the PIEs of all cells of a dataset and model in the training split."""
    return pie_files(STUDY.comparisons_of(wildcards.dataset, wildcards.model), "train.parquet")


def judged_pies(suffix):
    """Return a function that lists the PIEs of the cells by which a dataset's claims are judged."""

    def paths(wildcards):
        dataset = wildcards.dataset
        judged = [STUDY.judged_comparisons(dataset, model) for model in STUDY.training[dataset]]
        return pie_files([each for own in judged for each in own], suffix)

    return paths


def dataset_influence(wildcards):
    """Return the influence of a dataset's training examples on each of its models."""
    models = STUDY.training[wildcards.dataset]
    return [f"results/influence/{wildcards.dataset}/{model}.parquet" for model in models]
