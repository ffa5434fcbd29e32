# A join over all cells that are compared with dense models: what compression costs and gives.
rule tabulate_frontier:
    input:
        weights=descriptions_of_weights(),
        pies=pie_files(STUDY.dense_comparisons, "test.parquet"),
        cells="results/tables/pies.csv",
    output:
        table="results/tables/frontier.csv",
        weights="results/tables/weights.csv",
    log:
        "results/logs/tabulate_frontier.log",
    localrule: True
    conda:
        "../../envs/models.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.tabulate_frontier(STUDY)),
        code=frontier_code(),
    message:
        "Tabulate what each method costs and gives"
    script:
        "../../scripts/tabulate_frontier.py"


if STUDY.cells_by_layer:

    include: "layers.smk"
