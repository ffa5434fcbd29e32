# Scores of training texts, by which objectives weigh them and methods choose them: of the texts
# themselves, or of models whose seeds teach and are judged by nobody.


rule score_by_readability:
    input:
        card="results/data/{dataset}/card.json",
        train="results/data/{dataset}/train.parquet",
        measures="results/complexity/{dataset}/train.parquet",
    output:
        scores="results/text_scores/{dataset}/readability.safetensors",
    log:
        "results/logs/score_by_readability/{dataset}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("score_texts"),
    message:
        "Score the training texts of {wildcards.dataset} by readability"
    script:
        "../../scripts/score_texts.py"


rule score_by_el2n:
    input:
        card="results/data/{dataset}/card.json",
        train="results/data/{dataset}/train.parquet",
        early=teacher_files(
            "results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.early.safetensors"
        ),
    output:
        scores="results/text_scores/{dataset}/{model}/el2n.teachers{teachers}.safetensors",
    log:
        "results/logs/score_by_el2n/{dataset}.{model}.teachers{teachers}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("score_texts"),
    message:
        "Score the training texts of {wildcards.dataset} by EL2N, {wildcards.teachers} teachers of {wildcards.model}"
    script:
        "../../scripts/score_texts.py"


rule score_by_pie_probability:
    input:
        card="results/data/{dataset}/card.json",
        train="results/data/{dataset}/train.parquet",
        dense=teacher_files(
            "results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.train.safetensors"
        ),
        compressed=teacher_files(
            "results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.train.safetensors"
        ),
    output:
        scores="results/text_scores/{dataset}/{model}/{method}/{level}/pie_probability.teachers{teachers}.safetensors",
    log:
        "results/logs/score_by_pie_probability/{dataset}.{model}.{method}.{level}.teachers{teachers}.log",
    wildcard_constraints:
        method=any_of(STUDY.methods),
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("score_texts"),
    message:
        "Score the training texts of {wildcards.dataset} by PIE probability, {wildcards.teachers} teachers of {wildcards.model} by {wildcards.method}"
    script:
        "../../scripts/score_texts.py"
