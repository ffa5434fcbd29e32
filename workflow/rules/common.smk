# Validates the config, spans the grid of cells, and gives the rules what they ask of the two.

import json
import re
import sys
from functools import cache
from pathlib import Path

import yaml

HERE = workflow.snakefile  # not in `workflow.basedir`, the folder of what the user runs
# The project's folder; none if this is read from a URL
PROJECT = Path(HERE).absolute().parents[2] if os.path.isfile(HERE) else None
if PROJECT:
    sys.path.insert(0, str(PROJECT / "scripts"))
try:
    import pielab
except ImportError:
    hosted = re.search(r"//raw\.(github)usercontent(\.com/[^/]+/[^/]+)/([^/]+)/", HERE)
    source = "https://{}{}@{}".format(*hosted.groups()) if hosted else "URL@TAG"
    raise WorkflowError(
        f"{HERE} needs the library pielab of the same tag: pip install git+{source}"
    ) from None
from pielab import config as study_config
from pielab import (
    config_files,
    contradictions,
    endings,
    job_settings,
    machine,
    owners,
    provenance,
)
from pielab import snakemake_internals as internals
from pielab.cells import Cell, any_of, pie_files
from pielab.data import cards
from pielab.gate import job as gate_job
from pielab.methods import GIVEN, compressor, compressor_of
from pielab.study import Study

IS_MAIN = internals.is_main_process(workflow)
IS_MODULE = internals.is_module(workflow)
DEFAULT = "config/config.yaml"


def project_file(path):
    """Return a file of this project, from a cache of Snakemake if the project is at a URL."""
    return str(PROJECT / path) if PROJECT else workflow.source_path(f"../../{path}")


named = [os.path.relpath(path) for path in internals.config_files(workflow)]
if "datasets" not in config and (not named or os.path.isfile(DEFAULT)):
    named.append(DEFAULT)
try:
    for path in named if not IS_MODULE else []:
        config_files.check_file(path)
except ValueError as error:
    raise WorkflowError(str(error)) from None

# A study names its own datasets, models and methods, so that none of the default are left in it
if "datasets" not in config:

    configfile: DEFAULT


CONFIG_FILES = internals.config_files(workflow)
try:
    schema = yaml.safe_load(Path(project_file("workflow/schemas/config.schema.yaml")).read_text())
    own, misspelt = study_config.own_keys(config, schema) if IS_MODULE else (config, [])
    for line in misspelt if IS_MAIN else []:
        logger.warning(line)
    STUDY = Study(study_config.check_config(own, schema, [] if IS_MODULE else CONFIG_FILES))
    study_config.find_predictions(STUDY.config, PROJECT)
    if IS_MAIN:
        study_config.check_palette(STUDY.config)
except ValueError as error:
    raise WorkflowError(str(error)) from None

if IS_MAIN:
    for line in [*study_config.missing_files(STUDY.config), *STUDY.missing_predictions()]:
        logger.warning(f"{line}; the job that reads it will fail")


STUDIED = STUDY.studied_datasets
COMPUTE = STUDY.config["compute"]
HAS_GPU = machine.has_gpu(COMPUTE["device"])

PAPER = Path(project_file("resources/paper/effectiveness.csv"))
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
    modules = [provenance.LIBRARY / f"{name}.py" for name in chosen]
    return provenance.code_digest(project_file(f"scripts/{script}.py"), *modules)


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


def of_users(paths):
    """Return files of users for a rule's input: where they say, without the prefix of a module.

    Not made absolute, since all that is read from them would run again in a moved folder.
    """
    return [local(path) for path in paths]


def source_files(wildcards):
    """Return the local files that a dataset is read from, those that are there.

    The job itself says what is missing, so that a study can be planned without its data.
    """
    files = contradictions.source_files(STUDY.datasets[wildcards.dataset])
    return of_users(filter(os.path.isfile, files))


def vector_file(wildcards):
    """Return the file of word vectors that a model brings, if it is there; a package is none."""
    path = STUDY.models[wildcards.model]["vectors"]
    packaged = path in (None, study_config.PACKAGED_VECTORS)  # encoders bring none
    return [] if packaged or not os.path.isfile(path) else of_users([path])


def gpu_share(wildcards):
    """Return the percent of this machine's GPU that a job of a model needs, 0 if there is none.

    profiles/default says how much there is for the jobs of a machine. On a cluster, where Snakemake
    does not count it (its scope is local), each job gets a GPU by `gpu`.
    """
    share = COMPUTE["gpu_share"][STUDY.models[wildcards.model]["architecture"]]
    return share if HAS_GPU else 0


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


def predicted(cells, split):
    """Return the predictions of cells on a split: of this study, or shared by another."""
    paths = [path for cell in cells for path in STUDY.prediction_files(cell, split)]
    return of_users(paths) if STUDY.shared else paths


def predictions(split):
    """Return a function that lists the predictions of all blocks of a cell on a split."""
    return lambda wildcards: predicted([cell_of(wildcards)], split)


def dense_predictions(split):
    """Return a function that lists the predictions of all blocks of dense models on a split."""
    return lambda wildcards: predicted(
        [Cell(wildcards.dataset, wildcards.model, "dense", "00")], split
    )


def baseline_predictions(split):
    """Return a function that lists the predictions of a comparison's baseline on a split."""
    return lambda wildcards: predicted(
        [Cell(wildcards.dataset, wildcards.model, wildcards.baseline, "00")], split
    )


def pair_predictions(wildcards):
    """Return the predictions of all cells of a dataset and model on the training split."""
    cells = {
        cell
        for each in STUDY.comparisons_of(wildcards.dataset, wildcards.model)
        for cell in (each.cell, each.baseline_cell)
    }
    return predicted(sorted(cells), "train")


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


def reads_fallback(split, dataset):
    """Return whether a split's predictions are read: thresholds of several labels need train."""
    several = STUDY.datasets[dataset]["task"] == "multi-label"
    return split == "test" or (several and split in STUDY.splits)


def fallback_examples(split):
    """Return a function that names the examples of a split, if it is read."""
    pattern = f"results/data/{{dataset}}/{split}.parquet"
    return lambda wildcards: pattern if reads_fallback(split, wildcards.dataset) else []


def fallback_predictions(split):
    """Return a function that lists the predictions of a pair's groups on a split, if it is read."""

    def paths(wildcards):
        own = [
            each
            for each in STUDY.pruned_comparisons
            if each.pair == (wildcards.dataset, wildcards.model)
            and reads_fallback(split, wildcards.dataset)
        ]
        cells = {cell for each in own for cell in (each.cell, each.baseline_cell)}
        return predicted(sorted(cells), split)

    return paths
