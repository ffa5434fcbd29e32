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
        return with_content(found, as_named(external(wildcards))) if external else found

    return settings


# What takes `output` Snakemake does not compare, so that it makes nothing stale
def fetch_untracked(wildcards, output):
    untracked = json.loads(job_settings.fetch_untracked(STUDY, wildcards.dataset))
    # A module's onstart does not run; whose results these are is written down all the same
    return provenance.canonical(untracked | ({"owner": CONFIG_FILES} if IS_MODULE else {}))


def where_published(wildcards, output):
    return provenance.canonical({"published": str(PAPER)})


def says_last(wildcards, threads):
    """Return whether a job says itself what otherwise a run says last: no handler of a module runs."""
    return json.dumps(IS_MODULE)


def train_untracked(wildcards, output):
    return job_settings.train_untracked(STUDY)


def level_said(wildcards, output):
    """Return a level with its unit, for a job's message."""
    return read_level(wildcards.level).text


def inspect_settings(wildcards):
    log = STUDY.inspect_logs[f"{INSPECT_TABLES}/samples_inspect_{wildcards.log}.jsonl"]
    return with_content(provenance.canonical({"log": log}), as_named([log]))


def ask_settings(dataset, wildcards):
    cell = asked_cell(dataset, wildcards)
    settings = decoder_job.ask(STUDY, cell, wildcards.run)
    return with_content(settings, as_named(asked_files(dataset, wildcards)))


def restore_decoder_settings(wildcards):
    cell, draw = cell_of(wildcards), int(wildcards.draw)
    settings = decoder_job.restore(STUDY, cell, draw, wildcards.sets)
    return with_content(settings, as_named(asked_files(wildcards.dataset, wildcards)))


def fetch_encoder_settings(wildcards):
    settings = job_settings.fetch_encoder(STUDY, wildcards.model)
    if wildcards.model in STUDY.trained_elsewhere:
        return with_content(settings, as_named(checkpoint_files(wildcards)))
    folder = Path(STUDY.models[wildcards.model]["pretrained"])  # or a name on a hub
    return with_content(settings, sorted(map(str, filter(Path.is_file, folder.glob("*")))))


def read_settings(wildcards):
    cell = cell_of(wildcards)
    settings = read_predictions(STUDY, cell, wildcards.split)
    return with_content(settings, as_named(external_files(wildcards)))


def checkpoint_settings(wildcards):
    cell = cell_of(wildcards)
    settings = predict_settings(STUDY, cell, wildcards.split)
    return with_content(settings, given_models(wildcards))


def figure_settings(rule):
    return verbatim(job_settings.figures(STUDY, drawn=rule == catalogue.TEXTS))


def report_settings():
    categories = [category for _, _, category in reported_figures()]
    return verbatim(job_settings.build_report(STUDY, categories))


def browser_settings():
    return verbatim(job_settings.build_browser(STUDY))


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
    return provenance.canonical({"outputs": outputs, "command": command})


def compressor_files(name):
    """Return the modules that a method takes by name: its compressor, and its criterion if any."""
    method = STUDY.methods[name]
    criterion = method.get("criterion", "none")
    chosen = [] if criterion == "none" else [f"training/criteria/{criterion}"]
    return [f"training/compressors/{compressor_of(method)}", *chosen]


def architecture_file(wildcards):
    """Return the module of a model's architecture."""
    return f"training/architectures/{STUDY.models[wildcards.model]['architecture']}"


def fetch_encoder_code(wildcards):
    """Return the digest of the code that fetches a pretrained model, with its architecture."""
    return code("fetch_encoder", architecture_file(wildcards))


def encode_code(wildcards):
    """Return the digest of the code that encodes, with the architecture if layers are frozen."""
    frozen = STUDY.models[wildcards.model]["freeze_layers"]
    return code("encode_subwords", *([architecture_file(wildcards)] if frozen else []))


def train_code(wildcards):
    """Return the digest of the code that trains, with the one architecture of a model."""
    return code("train_dense", architecture_file(wildcards))


def influence_code():
    """Return the digest of the code that measures influence, with the study's measures."""
    names = STUDY.config["influence"]["measures"]
    return code("measure_influence", *(f"influence/{name.replace('-', '_')}" for name in names))


def read_checkpoints_code(wildcards):
    """Return the digest of the code that reads classifiers, with their architecture."""
    return code("read_checkpoints", architecture_file(wildcards))


def prune_code(wildcards):
    """Return the digest of the code that prunes, by criterion, objective and architecture."""
    method = STUDY.methods[wildcards.method]
    criterion = method["criterion"]
    chosen = [] if criterion == "none" else [f"training/criteria/{criterion}"]
    objective = objectives.module_of(objectives.objective_of(method)["name"])
    chosen.append(f"training/objectives/{objective}")
    return code("prune", architecture_file(wildcards), *chosen)


def compress_code(wildcards):
    """Return the digest of the code that compresses, with the compressor and the architecture."""
    return code("compress", architecture_file(wildcards), *compressor_files(wildcards.method))


def ask_code(wildcards):
    """Return the digest of the code that asks, with the compressor if there is one."""
    compressors = [] if wildcards.method == "dense" else compressor_files(wildcards.method)
    return code("ask_decoder", "training/asking", architecture_file(wildcards), *compressors)


def restore_code(wildcards):
    """Return the digest of the code that puts layers back, as that of what compresses."""
    return code("restore_layers", architecture_file(wildcards), *compressor_files(wildcards.method))


def restore_decoder_code(wildcards):
    """Return the digest of the code that puts blocks of a decoder back and asks it."""
    compressors = compressor_files(wildcards.method)
    modules = ["external/restored_decoders", architecture_file(wildcards), *compressors]
    return code("restore_decoder", *modules)


def export_code():
    """Return the digest of the code that exports, with what compresses and the architectures."""
    names = {each["paths"]["method"] for each in EXPORTED}
    models = {each["paths"]["model"] for each in EXPORTED}
    used = {file for name in names for file in compressor_files(name)}
    used |= {f"training/architectures/{STUDY.models[name]['architecture']}" for name in models}
    return code("export", *sorted(used))


def export_decoders_code():
    """Return the digest of the code that exports decoders, with what compresses them."""
    used = {file for each in EXPORTED for file in compressor_files(each["paths"]["method"])}
    models = {each["paths"]["model"] for each in EXPORTED}
    used |= {f"training/architectures/{STUDY.models[name]['architecture']}" for name in models}
    return code("export_decoders", *sorted(used))


def frontier_code():
    """Return the digest of the code that tabulates sizes, with the compressors that say them."""
    made_here = [name for name in STUDY.methods if compressor_of(STUDY.methods[name]) != EXTERNAL]
    used = {name for method in made_here for name in compressor_files(method)}
    return code("tabulate_frontier", *sorted(used))
