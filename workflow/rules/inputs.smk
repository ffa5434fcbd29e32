# What the rules read, by their wildcards, and what share of a machine they need for it.

from pielab.job_settings.external import (
    compared_groups,
    document_files,
    methods_with_models,
    model_files,
)
from pielab.cells import fill, of_pair
from pielab.harness_folders import is_log
from pielab.methods import calibration
from pielab.objectives import teacher_of, teacher_seeds
from pielab.text_scores import chosen_by, plain_twin, weighed_by

# The methods whose predictions are made here by external models
PREDICTED_HERE = methods_with_models(STUDY)
try:
    GATED = gate_job.gated(STUDY)
except ValueError as error:
    raise WorkflowError(logs.one_line(str(error))) from None


def of_users(paths):
    """Return files of users for a rule's input: where they say, without the prefix of a module.

    Not made absolute, since all that is read from them would run again in a moved folder.
    """
    return [local(path) for path in paths]


def there(paths):
    """Return the files of users that are there, and the logs and tables that jobs make."""
    paths = list(paths)
    made = [path for path in paths if path in STUDY.inspect_logs or path in STUDY.asked_logs]
    return of_users(filter(os.path.isfile, set_aside(paths, made))) + made


def set_aside(paths, others):
    """Return the paths that are not among others."""
    return [path for path in paths if path not in others]


def as_named(paths):
    """Return the files of users that are read, also where a table of theirs is."""
    there = set_aside(paths, STUDY.asked_logs)
    named = (STUDY.inspect_logs.get(path, path) for path in there)
    return list(filter(os.path.isfile, named))


def inspect_log(wildcards):
    """Return the log of Inspect that is converted to a table, if it is there."""
    tables = {os.path.basename(table): log for table, log in STUDY.inspect_logs.items()}
    return of_users(as_named([tables[f"samples_inspect_{wildcards.log}.jsonl"]]))


def source_files(wildcards):
    """Return the local files that a dataset is read from, those that are there.

    The job itself says what is missing, so that a study can be planned without its data.
    """
    return there(validation.source_files(STUDY.datasets[wildcards.dataset]))


def vector_file(wildcards):
    """Return the file of word vectors that a model brings, if it is there; a package is none."""
    path = STUDY.models[wildcards.model]["vectors"]
    packaged = path in (None, study_config.PACKAGED_VECTORS)  # encoders bring none
    return [] if packaged or not os.path.isfile(path) else of_users([path])


def external_files(wildcards):
    """Return the external files, those that are there; the job says what is missing."""
    return there(STUDY.external_files(cell_of(wildcards), wildcards.split))


def external_models(wildcards):
    """Return the files of the external models, and of their tokenizers."""
    models = STUDY.external_files(cell_of(wildcards), wildcards.split)
    return of_users(model_files(models, STUDY.external["tokenizer"]))


def compared_logs():
    """Return the logs of lm-evaluation-harness whose runs are told apart, those that are there."""
    paths = [path for cell in STUDY.groups for path in STUDY.external_files(cell, "test")]
    return there(path for path in dict.fromkeys(paths) if is_log(path))


def documents_of_logs():
    """Return, if the study has logs, the output for what they say of each document."""
    table = "results/answers/{dataset}/{model}/{method}/{level}/seeds{seeds}.{split}.parquet"
    return {"documents": table} if compared_logs() else {}


def run_descriptions():
    """Return what lm-evaluation-harness has written of runs beside their logs."""
    logs = [
        path
        for path in set_aside(compared_logs(), STUDY.asked_logs)
        if path not in STUDY.inspect_logs
    ]
    folders = {Path(path).parent for path in logs}
    return sorted(str(file) for folder in folders for file in folder.glob("results*.json"))


def asked_results():
    """Return what the harness says of the runs of decoders that are asked here."""
    return sorted({os.path.join(os.path.dirname(log), "results.json") for log in STUDY.asked_logs})


def asked_cell(dataset, wildcards):
    """Return the group of decoders that a job asks on a dataset."""
    return CellKey(dataset, wildcards.model, wildcards.method, wildcards.level)


def asked_files(dataset, wildcards):
    """Return the files of users that a job reads to ask a decoder: its tasks, calibration texts."""
    folder = STUDY.datasets[dataset]["tasks_from"]
    files = sorted(map(str, filter(Path.is_file, Path(folder).rglob("*")))) if folder else []
    drawn = calibration(STUDY.methods.get(wildcards.method, {}))
    return of_users(files + list(filter(os.path.isfile, [drawn["file"]] if drawn else [])))


def of_training(path):
    """Return what a rule reads or writes of the training split, nothing if the study has none."""
    return path if "train" in STUDY.splits else []


def checkpoint_files(wildcards):
    """Return the files of the classifiers that a user trained elsewhere."""
    return of_users(model_files(STUDY.models[wildcards.model]["folders"], None))


def calibration_file(wildcards):
    """Return the encoded texts that a method calibrates with, if it has a file of its own."""
    has_file = (STUDY.methods[wildcards.method].get("calibration") or {}).get("file")
    path = "results/encoded/{dataset}/{model}/{method}.calibration.safetensors"
    return (
        path.format(**{k: wildcards[k] for k in ("dataset", "model", "method")}) if has_file else []
    )


def texts_of_user(wildcards):
    """Return the file of calibration texts, if it is there."""
    path = STUDY.methods[wildcards.method]["calibration"]["file"]
    return of_users(filter(os.path.isfile, [path]))


def pretrained(wildcards):
    """Return what a model starts from: word vectors of its dataset, or a fetched encoder."""
    if wildcards.model in STUDY.word_models:
        return rules.encode_words.output.vectors
    return rules.fetch_encoder.output.weights


def encoder_config(wildcards):
    """Return the configuration that lies beside an encoder, which is read with it."""
    is_fetched = wildcards.model in STUDY.pretrained_models
    return [rules.fetch_encoder.output.config] if is_fetched else []


def frozen_encoder(wildcards):
    """Return the encoder whose frozen layers read the text once and for all, if any are frozen."""
    frozen = STUDY.models[wildcards.model]["freeze_layers"]
    return [rules.fetch_encoder.output.weights] if frozen else []


@cache
def block_of_dense_models(dataset, model, seeds=None):
    """Return the path of a block of a pair's dense models, by default the first."""
    seeds = seeds or STUDY.blocks(model)[0]
    path = rules.train_dense.output.weights
    return expand(path, dataset=dataset, model=model, seeds=seeds)[0]


def dense_weights(wildcards):
    """Return the dense models that a block continues from; at initialisation there are none."""
    if wildcards.method not in STUDY.iterative_methods + STUDY.compressing_methods:
        return []
    seeds = wildcards.seeds.partition(".")[0]  # all draws start from the dense models of a seed
    return block_of_dense_models(wildcards.dataset, wildcards.model, seeds)


def descriptions_of_weights():
    """Return what says how large models are: a file of dense ones, or what a decoder's job left."""
    if STUDY.are_models_elsewhere:
        paths = list(STUDY.described_decoders.values())
        return paths if STUDY.asked_cells else of_users(paths)
    return [block_of_dense_models(*pair) for pair in STUDY.sized_pairs]


def teachers(wildcards):
    """Return the logits on the training split that a method's models imitate, if any."""
    method = STUDY.methods[wildcards.method]
    if not teacher_of(method):
        return []
    further = STUDY.teacher_blocks(wildcards.model, teacher_seeds(method))
    return expand(
        rules.train_dense.output.train,
        dataset=wildcards.dataset,
        model=wildcards.model,
        seeds=further or [wildcards.seeds],
    )


def score_file(wildcards, scored):
    """Return the file of training texts' scores by which a method weighs or chooses them, if any."""
    if scored is None:
        return []
    if scored.by == "readability":
        return rules.score_by_readability.output.scores
    if scored.by == "el2n":
        path = rules.score_by_el2n.output.scores
    elif scored.by == "pie-probability":
        path = rules.score_by_pie_probability.output.scores
    else:  # known from the encoded texts themselves
        return []
    names = dict(wildcards) | {"method": plain_twin(STUDY.methods, wildcards.method)}
    return expand(path, **names, teachers=scored.teachers)[0]


def text_weights(wildcards):
    """Return the scores by which a method's objective weighs texts, if it reads some."""
    return score_file(wildcards, weighed_by(STUDY.methods[wildcards.method]))


def text_choice(wildcards):
    """Return the scores by which a method chooses texts, if it reads some."""
    return score_file(wildcards, chosen_by(STUDY.methods[wildcards.method]))


def teacher_files(pattern):
    """Return a function that lists a file of each block of the seeds that teach."""

    def paths(wildcards):
        blocks = STUDY.teacher_blocks(wildcards.model, int(wildcards.teachers))
        names = dict(wildcards)
        drawn = "{method}" in pattern and calibration(STUDY.methods[wildcards.method])
        end = ".draws0-0" if drawn else ""
        return [fill(pattern, names | {"seeds": f"{block}{end}"}) for block in blocks]

    return paths


def made_or_shared(paths):
    """Return predictions of this study, or those in a user's folder that another study shared."""
    return of_users(paths) if STUDY.shared else list(paths)


def embeddings(datasets):
    """Return the embeddings of the texts of datasets, those that another study shared if it did."""
    made = "results/factors/{}.embeddings.safetensors"
    found = {name: STUDY.shared_embeddings(name) for name in datasets if STUDY.embeds_texts}
    return [of_users([path])[0] if path else made.format(name) for name, path in found.items()]


def embeddings_of_dataset(wildcards):
    """Return the embeddings of the texts of a job's dataset, if the study has any."""
    return embeddings([wildcards.dataset])


prediction_files = cache(STUDY.prediction_files)


def predicted(cells, split):
    """Return the predictions of cells on a split."""
    return made_or_shared(path for cell in cells for path in prediction_files(cell, split))


def predictions(split):
    """Return a function that lists the predictions of all blocks of a cell on a split."""
    return lambda wildcards: predicted([cell_of(wildcards)], split)


def baseline_predictions(split):
    """Return a function that lists a comparison's baseline predictions on a split, else the dense ones."""

    def paths(wildcards):
        baseline = wildcards.get("baseline", "dense")
        cell = CellKey(wildcards.dataset, wildcards.model, baseline, NOT_COMPRESSED)
        return predicted([cell], split)

    return paths


def compared_predictions(comparisons, split):
    """Return a function that lists all predictions of a pair's models in comparisons, on a split."""

    def paths(wildcards):
        compared = of_pair(comparisons, *pair_of(wildcards))
        cells = {cell for found in compared for cell in (found.cell, found.baseline_cell)}
        return predicted(sorted(cells), split)

    return paths


def by_split(listed, comparisons):
    """Return what lists a pair's predictions in comparisons on each split, by the name of an input."""
    return {f"{split}_predictions": listed(comparisons, split) for split in ("train", "test")}


def reads_fallback(split, dataset):
    """Return whether a split's predictions are read: thresholds of several labels need train."""
    several = STUDY.datasets[dataset]["task"] == "multi-label"
    return split == "test" or (several and split in STUDY.splits)


def fallback_examples(split):
    """Return a function that names the examples of a split, if it is read."""
    path = rules.fetch.output[split]
    return lambda wildcards: path if reads_fallback(split, wildcards.dataset) else []


def fallback_predictions(comparisons, split):
    """Return a function that lists a pair's predictions in comparisons, of a split if it is read."""
    listed = compared_predictions(comparisons, split)
    return lambda wildcards: listed(wildcards) if reads_fallback(split, wildcards.dataset) else []


def influence_of_pair(wildcards):
    """Return how influential a pair's training texts are, if that is measured."""
    if not STUDY.has_influence or pair_of(wildcards) not in STUDY.influential_pairs:
        return {}
    return {"influence": "results/influence/{dataset}/{model}.parquet".format(**wildcards)}


def pair_pies(wildcards):
    """Return the PIEs of all cells of a dataset and model in the training split."""
    return pie_files(STUDY.comparisons_of(wildcards.dataset, wildcards.model), "train.parquet")


def judged_pies(suffix):
    """Return a function that lists the PIEs of the cells by which a dataset's claims are judged."""

    def paths(wildcards):
        dataset = wildcards.dataset
        judged = [STUDY.judged_comparisons(dataset, model) for model in STUDY.training[dataset]]
        return pie_files(
            [comparison for comparisons in judged for comparison in comparisons], suffix
        )

    return paths


def influential(pattern, dataset=None):
    """Return a path for each pair whose influence is measured, or for those of one dataset."""
    pairs = [pair for pair in STUDY.influential_pairs if dataset in (None, pair[0])]
    return [expand(pattern, dataset=pair[0], model=pair[1])[0] for pair in pairs]


def dataset_influence(wildcards):
    """Return the influence of a dataset's training examples on each model that has any."""
    if not STUDY.has_influence:
        return []
    return influential(rules.measure_influence.output.scores, wildcards.dataset)


def clustered_frame(wildcards):
    """Return the test split of a dataset whose examples come in clusters."""
    if not STUDY.datasets[wildcards.dataset]["cluster_by"]:
        return []
    return [f"results/data/{wildcards.dataset}/test.parquet"]


def ranking(wildcards):
    """Return the table of single layers that says which are put back together."""
    if wildcards.sets == "each":
        return {}
    cell = cell_of(wildcards)
    return {"ranking": STUDY.layer_file(cell, "each.csv")}


def mixtures(wildcards):
    """Return the predictions of models of dense and compressed layers, of all blocks of a cell."""
    return STUDY.mixture_files(cell_of(wildcards), wildcards.sets)


def restored_cells(wildcards):
    """Return the cells of a pair whose layers are put back."""
    return of_pair(STUDY.cells_by_layer, *pair_of(wildcards))


def kept_layer_tables(wildcards):
    """Return the tables of layers kept dense together, of the cells of a pair that have any."""
    return [STUDY.layer_file(cell, "kept.csv") for cell in restored_cells(wildcards)]


def kept_layers(wildcards):
    """Return what models with these layers dense predict, of all blocks of these cells."""
    cells = restored_cells(wildcards)
    return [path for cell in cells for path in STUDY.mixture_files(cell, "kept")]


def layer_files(suffix):
    """Return a file of this suffix of each cell whose layers are put back."""
    return [STUDY.layer_file(cell, suffix) for cell in STUDY.cells_by_layer]


def gpu_share(wildcards):
    """Return the percent of this machine's GPU that a job of a model needs, 0 if there is none.

    profiles/default says how much there is for the jobs of a machine. On a cluster, where Snakemake
    does not count it (its scope is local), each job gets a GPU by `gpu`.
    """
    share = COMPUTE["gpu_share"][STUDY.models[wildcards.model]["architecture"]]
    return share if HAS_GPU else 0


def needs_gpu(wildcards):
    """Return 1 if a job can use a GPU, 0 if what it makes runs on a CPU only."""
    return int(not compressor(compressor_of(STUDY.methods[wildcards.method])).cpu_only)


def reads_folders(wildcards):
    """Return 1 if external models can use a GPU, 0 if all are ONNX files."""
    models = STUDY.external_files(cell_of(wildcards), wildcards.split)
    return int(not all(path.endswith(".onnx") for path in models))


# Versions that may leave, if the gate passes them
EXPORTED = export_job.exports(STUDY, GATED)


def exported(pattern):
    """Return a path for each version that may leave, by its wildcards."""
    return [expand(pattern, **version["paths"])[0] for version in EXPORTED]


def calibrating_files():
    """Return the files of texts with which decoders that may leave are calibrated."""
    drawn = [calibration(STUDY.methods[version["paths"]["method"]]) for version in EXPORTED]
    files = dict.fromkeys(options["file"] for options in drawn if options)
    return of_users(filter(os.path.isfile, files))
