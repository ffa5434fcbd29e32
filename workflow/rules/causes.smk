# Why texts break: what is known of each text, and how PIEs, negative flips and shifts go with it.


# By dataset, and once: what takes minutes of a large dataset. Only this rule needs an encoder.
rule embed_texts:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
    output:
        embeddings="results/factors/{dataset}.embeddings.safetensors",
    log:
        "results/logs/embed_texts/{dataset}.log",
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=4000, runtime=120),
    params:
        settings=verbatim(job_settings.embed_texts(STUDY)),
        code=code("embed_texts"),
        untracked=train_untracked,
    message:
        "Embed the texts of {wildcards.dataset}"
    script:
        "../../scripts/embed_texts.py"


rule measure_factors:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        card="results/data/{dataset}/card.json",
        embeddings=embeddings_of_dataset,
    output:
        train="results/factors/{dataset}.train.parquet",
        test="results/factors/{dataset}.test.parquet",
    log:
        "results/logs/measure_factors/{dataset}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=verbatim({}),
        code=code("measure_factors"),
        content=shared_content(embeddings_of_dataset),
    message:
        "Measure what may make the texts of {wildcards.dataset} break"
    script:
        "../../scripts/measure_factors.py"


# All cells of a pair in one job, since they are pooled.
rule find_causes:
    input:
        unpack(influence_of_pair),
        **{
            f"{split}{name}": path.format(split=split, dataset="{dataset}")
            for split in STUDY.splits
            for name, path in {
                "": "results/data/{dataset}/{split}.parquet",
                "_factors": "results/factors/{dataset}.{split}.parquet",
                "_complexity": "results/complexity/{dataset}/{split}.parquet",
            }.items()
        },
        **by_split(compared_predictions, STUDY.explained_comparisons),
        card="results/data/{dataset}/card.json",
    output:
        table="results/causes/{dataset}/{model}.csv",
        factors="results/factors/{dataset}/{model}.parquet",
    log:
        "results/logs/find_causes/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.find_causes, "dataset", "model"),
        code=code("find_causes"),
        content=shared_content(
            *by_split(compared_predictions, STUDY.explained_comparisons).values()
        ),
    message:
        "Find what makes the texts of {wildcards.dataset} break for {wildcards.model}"
    script:
        "../../scripts/find_causes.py"


# A join.
rule tabulate_causes:
    input:
        table=STUDY.expand("results/causes/{dataset}/{model}.csv"),
    output:
        table="results/tables/causes.csv",
    log:
        "results/logs/tabulate_causes.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("join_tables"),
    message:
        "Tabulate what makes texts break"
    script:
        "../../scripts/join_tables.py"


# A join over all pairs: of each only a grid is kept.
rule map_data:
    input:
        factors=STUDY.expand("results/factors/{dataset}/{model}.parquet"),
        influence=(
            STUDY.expand("results/influence/{dataset}/{model}.parquet")
            if STUDY.has_influence
            else []
        ),
        train=of_training(pie_files(STUDY.explained_comparisons, "train.parquet")),
        test=pie_files(STUDY.explained_comparisons, "test.parquet"),
        cells="results/tables/pies.csv",
    output:
        table="results/tables/data_map.csv",
    log:
        "results/logs/map_data.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.map_data(STUDY)),
        code=code("map_data"),
    message:
        "Map texts by how sure models are of their labels"
    script:
        "../../scripts/map_data.py"
