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


# The figures in one job, as in plot_pies.
rule plot_analysis:
    input:
        pies="results/tables/pies.csv",
        classes="results/tables/classes.csv",
        bins="results/tables/influence_bins.csv",
        top="results/tables/influence_top.csv",
        complexity="results/tables/complexity.csv",
        scorecard="results/tables/scorecard.csv",
    output:
        class_score=report(
            expand("results/figures/class_score.{format}", format=FORMATS),
            caption="../report/class_score.rst",
            category="Classes",
        ),
        class_pie_rate=report(
            expand("results/figures/class_pie_rate.{format}", format=FORMATS),
            caption="../report/class_pie_rate.rst",
            category="Classes",
        ),
        class_distribution=report(
            expand("results/figures/class_distribution.{format}", format=FORMATS),
            caption="../report/class_distribution.rst",
            category="Classes",
        ),
        influence_pies=report(
            expand("results/figures/influence_pies.{format}", format=FORMATS),
            caption="../report/influence_pies.rst",
            category="Influence",
        ),
        influence_loss=report(
            expand("results/figures/influence_loss.{format}", format=FORMATS),
            caption="../report/influence_loss.rst",
            category="Influence",
        ),
        influence_loss_ratio=report(
            expand("results/figures/influence_loss_ratio.{format}", format=FORMATS),
            caption="../report/influence_loss_ratio.rst",
            category="Influence",
        ),
        influence_top=report(
            expand("results/figures/influence_top.{format}", format=FORMATS),
            caption="../report/influence_top.rst",
            category="Influence",
        ),
        complexity_of_pies=report(
            expand("results/figures/complexity_of_pies.{format}", format=FORMATS),
            caption="../report/complexity_of_pies.rst",
            category="Text complexity",
        ),
        tokens_of_pies=report(
            expand("results/figures/tokens_of_pies.{format}", format=FORMATS),
            caption="../report/tokens_of_pies.rst",
            category="Text complexity",
        ),
        flips=report(
            expand("results/figures/flips.{format}", format=FORMATS),
            caption="../report/flips.rst",
            category="PIEs",
        ),
        scorecard=report(
            expand("results/figures/scorecard.{format}", format=FORMATS),
            caption="../report/scorecard.rst",
            category="Scorecard",
        ),
    log:
        "results/logs/plot_analysis.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=analysis_figure_settings(),
        code=code("plot_analysis"),
    message:
        "Draw the figures of classes, influence, text complexity, flips and claims"
    script:
        "../../scripts/plot_analysis.py"


# The figures in one job, as in plot_pies.
rule plot_certainty:
    input:
        pies="results/tables/pies.csv",
        seeds="results/tables/seeds.csv",
        agreement="results/tables/agreement.csv",
        overlap="results/tables/pie_overlap.csv",
        persistence="results/tables/persistence.csv",
        complexity="results/tables/complexity.csv",
    output:
        noise_floor=report(
            expand("results/figures/noise_floor.{format}", format=FORMATS),
            caption="../report/noise_floor.rst",
            category="Pruning or luck",
        ),
        excess=report(
            expand("results/figures/excess.{format}", format=FORMATS),
            caption="../report/excess.rst",
            category="Pruning or luck",
        ),
        tiers=report(
            expand("results/figures/tiers.{format}", format=FORMATS),
            caption="../report/tiers.rst",
            category="Pruning or luck",
        ),
        seed_curve=report(
            expand("results/figures/seed_curve.{format}", format=FORMATS),
            caption="../report/seed_curve.rst",
            category="Pruning or luck",
        ),
        pie_overlap=report(
            expand("results/figures/pie_overlap.{format}", format=FORMATS),
            caption="../report/pie_overlap.rst",
            category="PIEs",
        ),
        persistence=report(
            expand("results/figures/persistence.{format}", format=FORMATS),
            caption="../report/persistence.rst",
            category="PIEs",
        ),
        complexity_effects=report(
            expand("results/figures/complexity_effects.{format}", format=FORMATS),
            caption="../report/complexity_effects.rst",
            category="Text complexity",
        ),
        agreement=report(
            expand("results/figures/agreement.{format}", format=FORMATS),
            caption="../report/agreement.rst",
            category="Effectiveness",
        ),
    log:
        "results/logs/plot_certainty.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=figure_settings(),
        code=code("plot_certainty"),
    message:
        "Draw the figures of seed noise, certainty, overlaps and agreement"
    script:
        "../../scripts/plot_certainty.py"


# A rule of its own: it runs only if the study has a cell of the paper.
rule plot_paper_comparison:
    input:
        comparison="results/tables/paper_comparison.csv",
    output:
        paper_comparison=report(
            expand("results/figures/paper_comparison.{format}", format=FORMATS),
            caption="../report/paper_comparison.rst",
            category="Effectiveness",
        ),
    log:
        "results/logs/plot_paper_comparison.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=figure_settings(),
        code=code("plot_paper_comparison"),
    message:
        "Draw our scores against the paper's"
    script:
        "../../scripts/plot_paper_comparison.py"
