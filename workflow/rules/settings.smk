# The settings of each job, by its wildcards.


def fetch_settings(wildcards):
    return job_settings.fetch(STUDY, wildcards.dataset)


# What takes `output` Snakemake does not compare, so that it makes nothing stale
def fetch_untracked(wildcards, output):
    return job_settings.fetch_untracked(STUDY, wildcards.dataset)


def train_untracked(wildcards, output):
    return job_settings.train_untracked(STUDY)


def level_said(wildcards, output):
    """Return a level with its unit, for a job's message."""
    cell = cell_of(wildcards)
    return "not compressed" if cell.method in STUDY.controls else STUDY.level_text(cell)


def fetch_slice_settings(wildcards):
    return job_settings.fetch_slice_columns(STUDY, wildcards.dataset)


def fetch_encoder_settings(wildcards):
    return job_settings.fetch_encoder(STUDY, wildcards.model)


def encode_settings(wildcards):
    return job_settings.encode(STUDY, wildcards.dataset, wildcards.model)


def train_dense_settings(wildcards):
    return job_settings.train(STUDY, wildcards.dataset, wildcards.model)


def prune_settings(wildcards):
    return job_settings.train(STUDY, wildcards.dataset, wildcards.model, wildcards.method)


def read_settings(wildcards):
    cell = cell_of(wildcards)
    return read_predictions(STUDY, cell, wildcards.split)


def checkpoint_settings(wildcards):
    cell = cell_of(wildcards)
    return predict_settings(STUDY, cell, wildcards.split)


def find_settings(wildcards):
    return job_settings.find_pies(STUDY, wildcards.model)


def restore_settings(wildcards):
    pair = wildcards.dataset, wildcards.model
    return job_settings.restore_layers(STUDY, *pair, wildcards.method, wildcards.sets)


def influence_settings(wildcards):
    return job_settings.measure_influence(STUDY, wildcards.dataset, wildcards.model)


def claim_settings(wildcards):
    return job_settings.score_claims(STUDY, wildcards.dataset)


def figure_settings():
    return verbatim(job_settings.figures(STUDY))


def analysis_figure_settings():
    return verbatim(job_settings.figures(STUDY, drawn=True))


def report_settings():
    categories = [category for _, _, category in reported_figures()]
    return verbatim(job_settings.build_report(STUDY, categories))


def browser_settings():
    return verbatim(job_settings.build_browser(STUDY))
