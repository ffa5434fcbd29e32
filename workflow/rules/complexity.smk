# By dataset: the texts are the same for every model. As many processes as threads.
rule measure_complexity:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
    output:
        train="results/complexity/{dataset}/train.parquet",
        test="results/complexity/{dataset}/test.parquet",
    log:
        "results/logs/measure_complexity/{dataset}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 8
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=verbatim({}),
        code=code("measure_complexity"),
    message:
        "Measure the text complexity of {wildcards.dataset}"
    script:
        "../../scripts/measure_complexity.py"


# A join over all cells, since starting a process costs more than a cell.
rule compare_complexity:
    input:
        **{
            split: expand(f"results/complexity/{{dataset}}/{split}.parquet", dataset=STUDIED)
            for split in STUDY.splits
        },
        **{
            f"{split}_pies": pie_files(STUDY.comparisons, f"{split}.parquet")
            for split in STUDY.splits
        },
        cells="results/tables/pies.csv",
    output:
        table="results/tables/complexity.csv",
    log:
        "results/logs/compare_complexity.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=verbatim(job_settings.analysed_cells(STUDY)),
        code=code("compare_complexity"),
    message:
        "Compare the text complexity of PIEs with that of the other examples"
    script:
        "../../scripts/compare_complexity.py"
