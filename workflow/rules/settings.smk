# The settings of each job, by its wildcards. Those of jobs that read external files have their
# digests, since Snakemake does not see a file that is replaced by an older one.

import shlex

from pielab.job_settings import decoders as decoder_job
from pielab.job_settings.external import (
    compare_external,
    compare_runs,
    compare_tasks,
    predict_settings,
    read_predictions,
)
from pielab.external_content import digests, with_content


def by_wildcards(function, *names, external=None):
    """Return a param: the settings of a job by these wildcards, with the digests of its external files."""

    def settings(wildcards):
        found = function(STUDY, *(wildcards[name] for name in names))
        return said_with(found, external(wildcards) if external else [])

    return settings


def by_cell(function, external):
    """Return a param: the settings of a job by its cell and split, with the digests of its external files."""
    return lambda wildcards: said_with(
        function(STUDY, cell_of(wildcards), wildcards.split), external(wildcards)
    )


def said_with(settings, external):
    """Return canonical settings with the digests of external files."""
    return provenance.canonical(with_content(settings, as_named(external)))


# What takes `output` Snakemake does not compare, so that it makes nothing stale
def fetch_untracked(wildcards, output):
    untracked = job_settings.fetch_untracked(STUDY, wildcards.dataset)
    # A module's onstart does not run; whose results these are is written down all the same
    return provenance.canonical(untracked | ({"owner": CONFIG_FILES} if IS_MODULE else {}))


def where_published(wildcards, output):
    return provenance.canonical({"published": str(PAPER)})


def says_last(wildcards, threads):
    """Return whether a job says itself what otherwise a run says last: no handler of a module runs."""
    return json.dumps(IS_MODULE)


def train_untracked(wildcards, output):
    return provenance.canonical(job_settings.train_untracked(STUDY))


def level_said(wildcards, output):
    """Return a level with its unit, for a job's message."""
    return read_level(wildcards.level).text


def inspect_settings(wildcards):
    log = STUDY.inspect_logs[f"{INSPECT_TABLES}/samples_inspect_{wildcards.log}.jsonl"]
    return said_with({"log": log}, [log])


def ask_settings(dataset, wildcards):
    cell = asked_cell(dataset, wildcards)
    settings = decoder_job.ask(STUDY, cell, wildcards.run)
    return said_with(settings, asked_files(dataset, wildcards))


def restore_decoder_settings(wildcards):
    cell, draw = cell_of(wildcards), int(wildcards.draw)
    settings = decoder_job.restore(STUDY, cell, draw, wildcards.sets)
    return said_with(settings, asked_files(wildcards.dataset, wildcards))


def fetch_encoder_settings(wildcards):
    settings = job_settings.fetch_encoder(STUDY, wildcards.model)
    if wildcards.model in STUDY.trained_elsewhere:
        return said_with(settings, checkpoint_files(wildcards))
    folder = Path(STUDY.models[wildcards.model]["pretrained"])  # or a name on a hub
    return said_with(settings, sorted(map(str, filter(Path.is_file, folder.glob("*")))))


def figure_settings(rule):
    return verbatim(job_settings.figures(STUDY, drawn=rule == catalogue.TEXTS))


def report_settings():
    categories = [category for _, _, category in reported_figures()]
    return verbatim(job_settings.build_report(STUDY, categories))


# By the wildcards alone: what takes `input` Snakemake does not compare either
def shared_content(*listed):
    """Return a function for the digests of a job's predictions that another study left.

    Parameters
    ----------
    listed : functions
        From wildcards to paths.
    """

    def content(wildcards):
        if not STUDY.shared:
            return {}
        paths = [path for function in listed for path in function(wildcards)]
        return digests(filter(os.path.isfile, paths))

    return content


def repair_settings():
    """Return the outputs of all rules, by which a user's own files are told, and what to type next."""
    outputs = internals.outputs(workflow)
    words = [word for word in sys.argv[1:] if word != "repair"] if "repair" in sys.argv else []
    words = words[:-1] if words[-1:] == ["--"] else words
    command = shlex.join(["snakemake", *(words or ["--cores", "all"])])
    return {"outputs": outputs, "command": command}


def architecture_file(model):
    """Return the module of a model's architecture."""
    return f"training/architectures/{STUDY.models[model]['architecture']}"


def criterion_files(name):
    """Return the module of a method's criterion, if it has one."""
    criterion = STUDY.methods[name].get("criterion", "none")
    return [] if criterion == "none" else [f"training/criteria/{criterion}"]


def compressor_files(name):
    """Return the modules that a method takes by name: its compressor, and its criterion if any."""
    return [f"training/compressors/{compressor_of(STUDY.methods[name])}", *criterion_files(name)]


def retraining_files(name):
    """Return the modules that a method which trains takes by name: its criterion and objective."""
    objective = objectives.module_of(objectives.objective_of(STUDY.methods[name])["name"])
    return [*criterion_files(name), f"training/objectives/{objective}"]


def model_code(script, *modules, by_method=None):
    """Return a param: the digest of a script's code with a model's architecture.

    Parameters
    ----------
    modules : str
        Further modules.
    by_method : function, optional
        From a method's name to the modules that it takes; the dense models take none.
    """

    def digest(wildcards):
        method = wildcards.get("method", "dense")
        chosen = by_method(method) if by_method and method != "dense" else []
        return code(script, *modules, architecture_file(wildcards.model), *chosen)

    return digest


def encode_code(wildcards):
    """Return the digest of the code that encodes, with the architecture if layers are frozen."""
    model = wildcards.model
    frozen = STUDY.models[model]["freeze_layers"]
    return code("encode_subwords", *([architecture_file(model)] if frozen else []))


def influence_code():
    """Return the digest of the code that measures influence, with the study's measures."""
    names = STUDY.config["influence"]["measures"]
    return code("measure_influence", *(f"influence/{name.replace('-', '_')}" for name in names))


def export_code(script):
    """Return the digest of code that exports, with what compresses and the architectures."""
    paths = [version["paths"] for version in EXPORTED]
    used = {file for path in paths for file in compressor_files(path["method"])}
    return code(script, *sorted(used | {architecture_file(path["model"]) for path in paths}))


def frontier_code():
    """Return the digest of the code that tabulates sizes, with the compressors that say them."""
    made_here = [name for name in STUDY.methods if compressor_of(STUDY.methods[name]) != EXTERNAL]
    used = {name for method in made_here for name in compressor_files(method)}
    return code("tabulate_frontier", *sorted(used))
