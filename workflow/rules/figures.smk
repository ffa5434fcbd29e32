# A job for each group of figures in the catalogue: they share their tables and a slow import.


rule plot_pies:
    input:
        **drawn_tables(catalogue.PIES),
    output:
        **figure_files(catalogue.PIES),
    log:
        "results/logs/plot_pies.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=figure_settings(catalogue.PIES),
        code=code("plot_figures", *catalogue.modules_of(catalogue.PIES)),
    message:
        "Draw the figures of scores, PIEs and seed noise"
    script:
        "../../scripts/plot_figures.py"


use rule plot_pies as plot_texts with:
    input:
        **drawn_tables(catalogue.TEXTS),
    output:
        **figure_files(catalogue.TEXTS),
    log:
        "results/logs/plot_texts.log",
    params:
        settings=figure_settings(catalogue.TEXTS),
        code=code("plot_figures", *catalogue.modules_of(catalogue.TEXTS)),
    message:
        "Draw the figures of classes, influence and text complexity"


use rule plot_pies as plot_claims with:
    input:
        **drawn_tables(catalogue.CLAIMS),
    output:
        **figure_files(catalogue.CLAIMS),
    log:
        "results/logs/plot_claims.log",
    params:
        settings=figure_settings(catalogue.CLAIMS),
        code=code("plot_figures", *catalogue.modules_of(catalogue.CLAIMS)),
    message:
        "Draw the scorecard"


# Runs only if the study has a cell of the paper
use rule plot_pies as plot_paper_comparison with:
    input:
        **drawn_tables(catalogue.PAPER),
    output:
        **figure_files(catalogue.PAPER),
    log:
        "results/logs/plot_paper_comparison.log",
    params:
        settings=figure_settings(catalogue.PAPER),
        code=code("plot_figures", *catalogue.modules_of(catalogue.PAPER)),
    message:
        "Draw our scores against the paper's"


use rule plot_pies as plot_layers with:
    input:
        **drawn_tables(catalogue.LAYERS),
    output:
        **figure_files(catalogue.LAYERS),
    log:
        "results/logs/plot_layers.log",
    params:
        settings=figure_settings(catalogue.LAYERS),
        code=code("plot_figures", *catalogue.modules_of(catalogue.LAYERS)),
    message:
        "Draw which layers made the flips"


# Runs only if the study has logs of lm-evaluation-harness
use rule plot_pies as plot_tasks with:
    input:
        **drawn_tables(catalogue.TASKS),
    output:
        **figure_files(catalogue.TASKS),
    log:
        "results/logs/plot_tasks.log",
    params:
        settings=figure_settings(catalogue.TASKS),
        code=code("plot_figures", *catalogue.modules_of(catalogue.TASKS)),
    message:
        "Draw how scores change by task"
