# A block of seeds a job: starting Python, torch and transformers costs seconds, and reading the
# models again to predict would cost as much as predicting. The weights are kept, because every new
# method, level or compressor starts from them.
rule train_dense:
    input:
        train="results/encoded/{dataset}/{model}/train.safetensors",
        test="results/encoded/{dataset}/{model}/test.safetensors",
        pretrained=pretrained,
        encoder_config=encoder_config,
    output:
        **{
            kept: f"results/predictions/{{dataset}}/{{model}}/dense/none/seeds{{seeds}}.{kept}.safetensors"
            for kept in STUDY.kept_of_training
        },
        weights="results/models/{dataset}/{model}/dense/none/seeds{seeds}.safetensors",
        train="results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.train.safetensors",
        test="results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.test.safetensors",
        early="results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.early.safetensors",
    log:
        "results/logs/train_dense/{dataset}.{model}.seeds{seeds}.log",
    benchmark:
        "results/benchmarks/train_dense/{dataset}.{model}.seeds{seeds}.tsv"
    wildcard_constraints:
        model=any_of(name for name in STUDY.models if name not in STUDY.trained_elsewhere),
    priority: 1
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=8000, runtime=720),
        gpu=1,
        gpu_share=gpu_share,
        checkpoint_minutes=COMPUTE["checkpoint_minutes"],
    params:
        settings=by_wildcards(job_settings.train, "dataset", "model"),
        code=model_code("train_dense"),
        untracked=train_untracked,
    message:
        "Train dense {wildcards.model} on {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../../scripts/train_dense.py"


# Classifiers that a user trained elsewhere are the dense models, in the files of those trained here.
rule read_checkpoints:
    input:
        card="results/data/{dataset}/card.json",
        examples="results/data/{dataset}/test.parquet",
        train=of_training("results/encoded/{dataset}/{model}/train.safetensors"),
        test="results/encoded/{dataset}/{model}/test.safetensors",
        pretrained=pretrained,
        encoder_config=encoder_config,
        external=checkpoint_files,
    output:
        weights="results/models/{dataset}/{model}/dense/none/seeds{seeds}.safetensors",
        train=of_training(
            "results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.train.safetensors"
        ),
        test="results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.test.safetensors",
    log:
        "results/logs/read_checkpoints/{dataset}.{model}.seeds{seeds}.log",
    wildcard_constraints:
        model=any_of(STUDY.trained_elsewhere),
    priority: 1
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=8000, runtime=240),
        gpu=1,
        gpu_share=gpu_share,
    params:
        settings=by_wildcards(
            job_settings.read_checkpoints, "dataset", "model", external=checkpoint_files
        ),
        code=model_code("read_checkpoints"),
        untracked=train_untracked,
    message:
        "Read {wildcards.model}, trained elsewhere, and predict {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../../scripts/read_checkpoints.py"


# Pruned weights serve prediction only, which happens here, so that they never reach the disk; a
# level or method more starts from the dense ones.
rule prune:
    input:
        train="results/encoded/{dataset}/{model}/train.safetensors",
        test="results/encoded/{dataset}/{model}/test.safetensors",
        pretrained=pretrained,
        encoder_config=encoder_config,
        dense=dense_weights,
        teachers=teachers,
        text_weights=text_weights,
        text_choice=text_choice,
    output:
        train="results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.train.safetensors",
        test="results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.test.safetensors",
        weights=(
            "results/models/{dataset}/{model}/{method}/{level}/seeds{seeds}.safetensors"
            if COMPUTE["keep_pruned_models"]
            else []
        ),
    log:
        "results/logs/prune/{dataset}.{model}.{method}.{level}.seeds{seeds}.log",
    benchmark:
        "results/benchmarks/prune/{dataset}.{model}.{method}.{level}.seeds{seeds}.tsv"
    wildcard_constraints:
        method=any_of(STUDY.retrained_methods),
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=8000, runtime=720),
        gpu=1,
        gpu_share=gpu_share,
        checkpoint_minutes=COMPUTE["checkpoint_minutes"],
    params:
        settings=by_wildcards(job_settings.train, "dataset", "model", "method"),
        code=model_code("prune", by_method=retraining_files),
        untracked=train_untracked,
        level=level_said,
    message:
        "Prune {wildcards.model} on {wildcards.dataset} by {wildcards.method}, {params.level}, seeds {wildcards.seeds}"
    script:
        "../../scripts/prune.py"


# No training, so that a model takes seconds. Compressed weights never reach the disk: the same
# method, seed and draw give the same bytes.
rule compress:
    input:
        train=of_training("results/encoded/{dataset}/{model}/train.safetensors"),
        test="results/encoded/{dataset}/{model}/test.safetensors",
        calibration=calibration_file,
        pretrained=pretrained,
        encoder_config=encoder_config,
        dense=dense_weights,
        text_choice=text_choice,
    output:
        train=of_training(
            "results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.train.safetensors"
        ),
        test="results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.test.safetensors",
    log:
        "results/logs/compress/{dataset}.{model}.{method}.{level}.seeds{seeds}.log",
    benchmark:
        "results/benchmarks/compress/{dataset}.{model}.{method}.{level}.seeds{seeds}.tsv"
    wildcard_constraints:
        method=any_of(STUDY.compressing_methods),
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=8000, runtime=120),
        gpu=needs_gpu,
        gpu_share=gpu_share,
    params:
        settings=by_wildcards(job_settings.train, "dataset", "model", "method"),
        code=model_code("compress", by_method=compressor_files),
        untracked=train_untracked,
        level=level_said,
    message:
        "Compress {wildcards.model} on {wildcards.dataset} by {wildcards.method}, {params.level}, seeds {wildcards.seeds}"
    script:
        "../../scripts/compress.py"
