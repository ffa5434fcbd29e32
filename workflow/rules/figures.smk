# A rule for each group of figures in the catalogue: they share their tables and a slow import.
# The comparison with the paper runs only if the study has a cell of the paper.
for drawing, says in catalogue.RULES.items():

    rule:
        name:
            drawing
        input:
            **drawn_tables(drawing),
        output:
            **figure_files(drawing),
        log:
            f"results/logs/{drawing}.log",
        localrule: True
        conda:
            "../../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=doubling_per_attempt(4000),
            runtime=doubling_per_attempt(30),
        params:
            settings=(
                analysis_figure_settings()
                if "drawn" in catalogue.look_of(drawing)
                else figure_settings()
            ),
            code=code("plot_figures"),
        message:
            says
        script:
            "../../scripts/plot_figures.py"
