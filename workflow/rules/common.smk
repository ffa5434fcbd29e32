# Validates the config, spans the grid of cells, and gives the rules what they ask of the two.

import json
import re
import sys
from functools import cache, partial
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
    endings,
    harness_tasks,
    logs,
    machine,
    objectives,
    provenance,
    remedies,
    study_lock,
    validation,
)
from pielab import snakemake_internals as internals
from pielab.cells import LEVEL, NOT_COMPRESSED, CellKey, any_of, pie_files, read_level
from pielab.data import cards
from pielab.digests import is_made, recorded
from pielab.job_settings import exporting as export_job
from pielab.job_settings import gate as gate_job
from pielab.job_settings import jobs as job_settings
from pielab.methods import EXTERNAL, compressor, compressor_of
from pielab.registry import module_names
from pielab.study import EMBEDDINGS, INSPECT_TABLES, Study

IS_MAIN = internals.is_main_process(workflow)
IS_MODULE = internals.is_module(workflow)
DEFAULT = "config/config.yaml"


# A finished study that is read-only can be judged and compared with its digests all the same
IS_READ_ONLY = not IS_MODULE and any(
    os.path.isdir(path) and not os.access(path, os.W_OK) for path in ("results", "results/logs")
)
LOGS_OF_READERS = ".snakemake/read_only/results/logs" if IS_READ_ONLY else "results/logs"


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
    raise WorkflowError(logs.one_line(str(error))) from None

# A study names its own datasets, models and methods, so that none of the default are left in it
if "datasets" not in config:

    configfile: DEFAULT


CONFIG_FILES = internals.config_files(workflow)
try:
    schema = yaml.load(
        Path(project_file("workflow/schemas/config.schema.yaml")).read_text(),
        getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # in C, 8 times as fast
    )
    keys, misspelt = study_config.own_keys(config, schema) if IS_MODULE else (config, [])
    for line in misspelt if IS_MAIN else []:
        logger.warning(line)
    where = [*CONFIG_FILES, *internals.command_line_config(workflow)]
    STUDY = Study(study_config.check_config(keys, schema, [] if IS_MODULE else where))
    study_config.find_predictions(STUDY.config, PROJECT)
    STUDY = harness_tasks.with_tasks(STUDY)
    if IS_MAIN:
        study_config.check_palette(STUDY.config)
except ValueError as error:
    raise WorkflowError(logs.one_line(str(error))) from None

if IS_MAIN:
    for line in [*study_config.missing_files(STUDY.config), *STUDY.missing_predictions()]:
        logger.warning(f"{line}; the job that reads it will fail")


STUDIED = STUDY.studied_datasets
COMPUTE = STUDY.config["compute"]
HAS_GPU = machine.has_gpu(COMPUTE["device"])

PAPER = Path(project_file("resources/paper/effectiveness.csv"))
FORMATS = STUDY.config["figures"]["formats"]


wildcard_constraints:
    dataset=any_of(STUDY.datasets),
    model=any_of(STUDY.models),
    method=any_of(["dense", *STUDY.methods]),
    level=LEVEL,
    baseline=any_of(["dense", *STUDY.controls]),
    seeds=r"\d+-\d+(\.draws\d+-\d+)?",
    split="train|test",
    teachers=r"\d+",
    sets="each|kept",


@cache
def code(script, *chosen):
    """Return the digest of a script and of the library modules that it imports or chooses."""
    modules = [provenance.LIBRARY / f"{name}.py" for name in chosen]
    return provenance.code_digest(project_file(f"scripts/{script}.py"), *modules)


# The modules of measures, which the scripts that take or describe them find in their folder
MEASURES = [f"measures/{name}" for name in module_names(provenance.LIBRARY / "measures")]


def verbatim(settings):
    """Return a param of settings, in which Snakemake would else take braces for wildcards."""
    text = provenance.canonical(settings)
    return lambda wildcards: text


def doubling(**amounts):
    """Return resources that double with each attempt, so that a job that ran out of one ends."""

    def by_attempt(amount):
        return lambda wildcards, attempt: amount * 2 ** (attempt - 1)

    return {name: by_attempt(amount) for name, amount in amounts.items()}


def pair_of(wildcards):
    """Return the dataset and model that a job is of."""
    return wildcards.dataset, wildcards.model


def cell_of(wildcards):
    """Return the cell that a job is of."""
    return CellKey(wildcards.dataset, wildcards.model, wildcards.method, wildcards.level)
