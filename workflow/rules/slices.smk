# Apart from fetch: one more column to group by must not make a dataset anew, and train again.
rule fetch_slice_columns:
    input:
        external=source_files,
        test="results/data/{dataset}/test.parquet",
    output:
        table="results/data/{dataset}/slice_columns.parquet",
    log:
        "results/logs/fetch_slice_columns/{dataset}.log",
    localrule: True
    conda:
        "../../envs/data.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.fetch_slice_columns, "dataset", external=source_files),
        code=code("fetch_slice_columns"),
    message:
        "Read the columns that {wildcards.dataset} is grouped by"
    script:
        "../../scripts/fetch_slice_columns.py"


# A join over all comparisons, since starting a process costs more than a cell.
rule find_slices:
    input:
        card=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        frame=expand("results/data/{dataset}/test.parquet", dataset=STUDIED),
        complexity=expand("results/complexity/{dataset}/test.parquet", dataset=STUDIED),
        named=expand(
            "results/data/{dataset}/slice_columns.parquet",
            dataset=[name for name in STUDIED if STUDY.datasets[name]["slice_by"]],
        ),
        pies=pie_files(STUDY.comparisons, "test.parquet"),
        cells="results/tables/pies.csv",
    output:
        table="results/tables/slices.csv",
        texts="results/tables/slice_texts.csv",
        limits="results/gate/slices.csv",
    log:
        "results/logs/find_slices.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=verbatim(job_settings.find_slices(STUDY)),
        code=code("find_slices"),
    message:
        "Find slices of the test texts that lose more than average"
    script:
        "../../scripts/find_slices.py"
