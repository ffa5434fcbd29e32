# Instead of training: what others' models say, in the form in which models that are trained here
# leave it, so that all that follows is the same.
rule read_predictions:
    input:
        card="results/data/{dataset}/card.json",
        examples=lambda wildcards: (
            "results/data/{dataset}/test.parquet"
            if wildcards.split == "test"
            else "results/data/{dataset}/train.parquet"
        ),
        files=given_files,
    output:
        predictions="results/predictions/{dataset}/{model}/{method}/s{sparsity}/seeds{seeds}.{split}.safetensors",
    log:
        "results/logs/read_predictions/{dataset}.{model}.{method}.s{sparsity}.{split}.seeds{seeds}.log",
    wildcard_constraints:
        split="train|test|early",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=doubling_per_attempt(8000),
        runtime=doubling_per_attempt(60),
    params:
        settings=read_settings,
        code=code("read_predictions"),
    message:
        "Read what others' models predict: {wildcards.model} on {wildcards.dataset}, {wildcards.method}, {wildcards.split}"
    script:
        "../../scripts/read_predictions.py"
