# A join over all cells, since starting a process costs more than a cell.
rule compare_pie_sets:
    input:
        pies=pies_of(CELLS, "test"),
    output:
        overlap="results/tables/pie_overlap.csv",
        persistence="results/tables/persistence.csv",
    log:
        "results/logs/compare_pie_sets.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=compared_cells(),
        code=code("compare_pie_sets"),
    message:
        "Compare the PIE sets of all cells"
    script:
        "../../scripts/compare_pie_sets.py"


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
