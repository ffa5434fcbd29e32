# The paper's scores are tracked by their digest: as an input they would make a moved clone stale.
rule tabulate_effectiveness:
    input:
        scores="results/tables/scores.csv",
    output:
        table="results/tables/effectiveness.csv",
        comparison="results/tables/paper_comparison.csv",
    log:
        "results/logs/tabulate_effectiveness.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.tabulate_effectiveness(STUDY, provenance.sha256_of(PAPER))),
        code=code("tabulate_effectiveness"),
        untracked=where_published,
    message:
        "Tabulate mean scores and compare them with the paper's"
    script:
        "../../scripts/tabulate_effectiveness.py"


# A join over all cells, since starting a process costs more than a cell.
rule tabulate_classes:
    input:
        cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        pies=pie_files(STUDY.comparisons, "test.parquet"),
        cells="results/tables/pies.csv",
    output:
        table="results/tables/classes.csv",
        pairs="results/tables/flipped_pairs.csv",
    log:
        "results/logs/tabulate_classes.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=verbatim(job_settings.analysed_cells(STUDY, seeds=True)),
        code=code("tabulate_classes"),
    message:
        "Tabulate PIEs and scores by class"
    script:
        "../../scripts/tabulate_classes.py"


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
