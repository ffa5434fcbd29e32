# The three figures in one job: they share their tables and a slow import.
rule plot_pies:
    input:
        pies="results/tables/pies.csv",
        scores="results/tables/scores.csv",
    output:
        score_by_sparsity=report(
            expand("results/figures/score_by_sparsity.{format}", format=FORMATS),
            caption="../report/score_by_sparsity.rst",
            category="Effectiveness",
        ),
        pie_share=report(
            expand("results/figures/pie_share.{format}", format=FORMATS),
            caption="../report/pie_share.rst",
            category="PIEs",
        ),
        score_on_pies=report(
            expand("results/figures/score_on_pies.{format}", format=FORMATS),
            caption="../report/score_on_pies.rst",
            category="PIEs",
        ),
    log:
        "results/logs/plot_pies.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=figure_settings(),
        code=code("plot_pies"),
    message:
        "Draw the figures of scores and PIEs"
    script:
        "../../scripts/plot_pies.py"
