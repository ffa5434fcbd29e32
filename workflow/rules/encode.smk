# Two rules: models of word vectors bring these, and pretrained ones a tokenizer.
rule encode_words:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        card="results/data/{dataset}/card.json",
        external=vector_file,
    output:
        train="results/encoded/{dataset}/{model}/train.safetensors",
        test="results/encoded/{dataset}/{model}/test.safetensors",
        vectors="results/encoded/{dataset}/{model}/vectors.safetensors",
    log:
        "results/logs/encode_words/{dataset}.{model}.log",
    wildcard_constraints:
        model=any_of(STUDY.word_models),
    conda:
        "../../envs/models.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=by_wildcards(job_settings.encode, "dataset", "model", external=vector_file),
        code=code("encode_words"),
    message:
        "Encode {wildcards.dataset} as words for {wildcards.model}"
    script:
        "../../scripts/encode_words.py"


rule encode_subwords:
    input:
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        card="results/data/{dataset}/card.json",
        tokenizer="results/pretrained/{model}/tokenizer.json",
        configs=expand(
            "results/pretrained/{{model}}/{name}.json", name=["config", "tokenizer_config"]
        ),
        frozen=frozen_encoder,
    output:
        train="results/encoded/{dataset}/{model}/train.safetensors",
        test="results/encoded/{dataset}/{model}/test.safetensors",
    log:
        "results/logs/encode_subwords/{dataset}.{model}.log",
    wildcard_constraints:
        model=any_of(STUDY.pretrained_models),
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=by_wildcards(job_settings.encode, "dataset", "model", external=vector_file),
        code=encode_code,
        untracked=train_untracked,
    message:
        "Encode {wildcards.dataset} as subwords for {wildcards.model}"
    script:
        "../../scripts/encode_subwords.py"


# Texts without labels, for compressors that read some. Apart from the dataset's own, since a method
# names them.
rule encode_calibration:
    input:
        card="results/data/{dataset}/card.json",
        tokenizer="results/pretrained/{model}/tokenizer.json",
        configs=expand(
            "results/pretrained/{{model}}/{name}.json", name=["config", "tokenizer_config"]
        ),
        external=texts_of_user,
    output:
        "results/encoded/{dataset}/{model}/{method}.calibration.safetensors",
    log:
        "results/logs/encode_calibration/{dataset}.{model}.{method}.log",
    wildcard_constraints:
        model=any_of(STUDY.pretrained_models),
        method=any_of(STUDY.compressing_methods),
    conda:
        "../../envs/models.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=60),
    params:
        settings=by_wildcards(
            job_settings.calibrate, "dataset", "model", "method", external=texts_of_user
        ),
        code=code("encode_calibration"),
    message:
        "Encode the texts that {wildcards.method} calibrates {wildcards.model} with on {wildcards.dataset}"
    script:
        "../../scripts/encode_calibration.py"
