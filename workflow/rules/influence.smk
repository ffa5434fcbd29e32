# All cells of a pair in one job: they share the dense predictions, which are read once.
rule measure_influence:
    input:
        card="results/data/{dataset}/card.json",
        train="results/data/{dataset}/train.parquet",
        early=baseline_predictions("early"),
        norms=baseline_predictions("norms"),
        epochs=baseline_predictions("epochs"),
        predictions=compared_predictions(STUDY.comparisons, "train"),
        pies=pair_pies,
    output:
        scores="results/influence/{dataset}/{model}.parquet",
        bins="results/influence/{dataset}/{model}.bins.csv",
        top="results/influence/{dataset}/{model}.top.csv",
    log:
        "results/logs/measure_influence/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=120),
    params:
        settings=by_wildcards(job_settings.measure_influence, "dataset", "model"),
        code=influence_code(),
        content=shared_content(
            baseline_predictions("early"), compared_predictions(STUDY.comparisons, "train")
        ),
    message:
        "Measure the influence of the training examples of {wildcards.dataset} on {wildcards.model}"
    script:
        "../../scripts/measure_influence.py"


# A join.
rule tabulate_influence:
    input:
        bins=influential("results/influence/{dataset}/{model}.bins.csv"),
        top=influential("results/influence/{dataset}/{model}.top.csv"),
        cells="results/tables/pies.csv",
    output:
        bins="results/tables/influence_bins.csv",
        top="results/tables/influence_top.csv",
    log:
        "results/logs/tabulate_influence.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("join_tables"),
    message:
        "Tabulate influence"
    script:
        "../../scripts/join_tables.py"
