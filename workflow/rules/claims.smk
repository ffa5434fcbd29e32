# By dataset: a claim compares the models of one.
rule score_claims:
    input:
        card="results/data/{dataset}/card.json",
        complexity="results/complexity/{dataset}/test.parquet",
        influence=dataset_influence,
        frame=clustered_frame,
        train_pies=judged_pies("train.parquet"),
        test_pies=judged_pies("test.parquet"),
        pies="results/tables/pies.csv",
    output:
        table="results/claims/{dataset}.csv",
        by_measure="results/claims/{dataset}.influence.csv",
    log:
        "results/logs/score_claims/{dataset}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.score_claims, "dataset"),
        code=code("score_claims"),
    message:
        "Judge the paper's claims on {wildcards.dataset}"
    script:
        "../../scripts/score_claims.py"


# A join, with what makes texts break: a claim's effect if other factors are held fixed.
rule tabulate_claims:
    input:
        causes="results/tables/causes.csv",
        claims=expand("results/claims/{dataset}.csv", dataset=STUDIED),
        by_measure=expand("results/claims/{dataset}.influence.csv", dataset=STUDIED),
    output:
        table="results/tables/scorecard.csv",
        by_measure="results/tables/influence_claims.csv",
    log:
        "results/logs/tabulate_claims.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("tabulate_claims"),
    message:
        "Tabulate the claims' verdicts"
    script:
        "../../scripts/tabulate_claims.py"
