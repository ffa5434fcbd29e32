# What the study is asked for, and what its figures and pages are made of.

import csv

from pielab.figures import catalogue


def every(pattern):
    """Return a path for each cell, pair or dataset, and block, that a rule's output names."""
    rows = STUDY.rows(pattern)
    names = rows[0] if rows else []
    return expand(pattern, zip, **{name: [row[name] for row in rows] for name in names})


def influence_files():
    """Return the outputs of the job that measures influence, if any pair has what it takes."""
    return rules.measure_influence.output if STUDY.has_influence else []


def results():
    """Return what users read of single cells, pairs and datasets; as targets, so that lost files are made again.

    Not what only serves to make these: if it goes, to save space, nothing trains again.
    """
    keeps_pruned = COMPUTE["keep_pruned_models"] and not STUDY.are_models_elsewhere
    kept = every(rules.prune.output.weights) if keeps_pruned else []
    after = {f"/{method}/" for method in STUDY.compressing_methods}  # whose weights are not kept
    kept = [path for path in kept if not any(name in path for name in after)]
    patterns = [*rules.find_pies.output, *rules.measure_complexity.output]
    patterns += [rules.find_causes.output.factors]
    paths = [path for pattern in patterns for path in every(pattern)]
    paths += [path for pattern in influence_files() for path in influential(pattern)]
    return made_or_shared(STUDY.predicted), kept, paths


def shared(paths):
    """Return where predictions are written to share them."""
    root = STUDY.shared or "results/predictions"
    return [f"results/shared{path.removeprefix(root)}" for path in paths]


def shared_embeddings():
    """Return where embeddings are written to share them, a path a dataset."""
    names = STUDIED if STUDY.embeds_texts else []
    return [f"results/shared/{dataset}/{EMBEDDINGS}" for dataset in names]


def is_published():
    """Return whether the paper has a score of any of the study's cells, if only the dense one."""
    rows = csv.DictReader(PAPER.read_text(encoding="utf-8").splitlines())
    published = {(row["dataset"], row["model"]) for row in rows}
    pairs = {(STUDY.published_as.get(dataset), model) for dataset, model in STUDY.pairs}
    return bool(published & pairs)


def tables():
    """Return the tables of the study."""
    made = [rules.compare_external.output] if STUDY.external else []
    if STUDY.external and compared_logs():
        made += [rules.compare_runs.output]
        made += [rules.compare_tasks.output.tasks, rules.compare_tasks.output.answers]
    made += [rules.tabulate_pies.output, rules.compare_pie_sets.output, rules.pick_examples.output]
    made += [rules.compare_complexity.output]
    made += [rules.find_slices.output.table, rules.find_slices.output.texts]
    made += [rules.tabulate_effectiveness.output, rules.tabulate_classes.output]
    made += [rules.tabulate_influence.output] if STUDY.has_influence else []
    made += [rules.tabulate_claims.output] if STUDY.has_claims else []
    made += [rules.tabulate_frontier.output, rules.tabulate_causes.output, rules.map_data.output]
    made += [rules.tabulate_layers.output] if STUDY.cells_by_layer else []
    return [*made, rules.tabulate_remedies.output]


def figure_files(rule):
    """Return the outputs of a job that draws, by figure; Snakemake's report has them too."""
    return {
        name: report(
            expand("results/figures/{name}.{format}", name=name, format=FORMATS),
            caption=f"../report/{name}.rst",
            category=entry.category,
        )
        for name, entry in catalogue.drawn_by(rule).items()
        if is_drawn(entry)
    }


def is_drawn(entry):
    """Return whether the study has what a figure is drawn of."""
    return STUDY.has_influence or not any("influence" in name for name in entry.tables)


def reported_figures():
    """Return path, caption and category of each figure, in the first format that a page shows."""
    asked = {catalogue.PAPER: is_published(), catalogue.LAYERS: bool(STUDY.cells_by_layer)}
    asked[catalogue.CLAIMS] = STUDY.has_claims
    asked[catalogue.TASKS] = bool(STUDY.external and compared_logs())
    suffix = next((form for form in ("svg", "png") if form in FORMATS), None)
    return [
        (
            f"results/figures/{name}.{suffix}",
            project_file(f"workflow/report/{name}.rst"),
            entry.category,
        )
        for name, entry in catalogue.FIGURES.items()
        if suffix and asked.get(entry.rule, True) and is_drawn(entry)
    ]


def drawn_tables(rule):
    """Return the tables that a job's figures are drawn of."""
    drawn = [entry for entry in catalogue.drawn_by(rule).values() if is_drawn(entry)]
    return catalogue.tables_of(drawn)
