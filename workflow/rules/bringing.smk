# What the rules that read what others made ask of the study.

from pielab.brought import (
    compare_external,
    compare_runs,
    compared_groups,
    methods_with_models,
    model_files,
    predict_settings,
    read_predictions,
)
from pielab.data.harness_rows import is_log


def given_files(wildcards):
    """Return the files that others made, those that are there; the job says what is missing."""
    files = STUDY.given_files(cell_of(wildcards), wildcards.split)
    return of_users(filter(os.path.isfile, files))


# The methods whose predictions are made here by models that others made
PREDICTED_HERE = methods_with_models(STUDY)


def given_models(wildcards):
    """Return the files of the models that others made, and of their tokenizers."""
    models = STUDY.given_files(cell_of(wildcards), wildcards.split)
    return of_users(model_files(models, STUDY.given["tokenizer"]))


def reads_folders(wildcards):
    """Return 1 if models that others made can use a GPU, 0 if all are ONNX files."""
    models = STUDY.given_files(cell_of(wildcards), wildcards.split)
    return int(not all(path.endswith(".onnx") for path in models))


def compared_logs():
    """Return the logs of lm-evaluation-harness whose runs are told apart, those that are there."""
    paths = [path for cell in STUDY.groups for path in STUDY.given_files(cell, "test")]
    logs = [path for path in dict.fromkeys(paths) if is_log(path) and os.path.isfile(path)]
    return of_users(logs)


def run_descriptions():
    """Return what lm-evaluation-harness has written of runs beside their logs."""
    folders = {Path(path).parent for path in compared_logs()}
    return sorted(str(file) for folder in folders for file in folder.glob("results*.json"))
