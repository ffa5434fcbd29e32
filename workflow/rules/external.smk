# Instead of training: external predictions, in the form of those of models that are trained here, so
# that all that follows is the same.
rule read_predictions:
    input:
        card="results/data/{dataset}/card.json",
        examples=lambda wildcards: (
            "results/data/{dataset}/test.parquet"
            if wildcards.split == "test"
            else "results/data/{dataset}/train.parquet"
        ),
        # Files may hold both splits; only ids of neither are left out
        other=lambda wildcards: (
            "results/data/{dataset}/train.parquet"
            if wildcards.split == "test"
            else "results/data/{dataset}/test.parquet"
        ),
        external=external_files,
    output:
        **documents_of_logs(),
        predictions="results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.{split}.safetensors",
    log:
        "results/logs/read_predictions/{dataset}.{model}.{method}.{level}.{split}.seeds{seeds}.log",
    wildcard_constraints:
        method=any_of(name for name in ["dense", *STUDY.methods] if name not in PREDICTED_HERE),
        split="train|test|early",
    conda:
        "../../envs/data.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_cell(read_predictions, external_files),
        code=code("read_predictions"),
    message:
        "Read external predictions: {wildcards.model} on {wildcards.dataset}, {wildcards.method}, {wildcards.split}"
    script:
        "../../scripts/read_predictions.py"


# External models predict here: their own weights, tokenizers and precision.
rule predict_checkpoints:
    input:
        card="results/data/{dataset}/card.json",
        examples="results/data/{dataset}/{split}.parquet",
        external=external_models,
    output:
        predictions="results/predictions/{dataset}/{model}/{method}/{level}/seeds{seeds}.{split}.safetensors",
    log:
        "results/logs/predict_checkpoints/{dataset}.{model}.{method}.{level}.{split}.seeds{seeds}.log",
    benchmark:
        "results/benchmarks/predict_checkpoints/{dataset}.{model}.{method}.{level}.{split}.seeds{seeds}.tsv"
    wildcard_constraints:
        method=any_of(PREDICTED_HERE),
    conda:
        "../../envs/models.yaml"
    threads: COMPUTE["threads"]
    resources:
        **doubling(mem_mb=8000, runtime=720),
        gpu=reads_folders,
        gpu_share=lambda wildcards: 100 * reads_folders(wildcards) * HAS_GPU,
    params:
        settings=by_cell(predict_settings, external_models),
        code=code("predict_checkpoints"),
        untracked=train_untracked,
    message:
        "Predict {wildcards.dataset}, {wildcards.split}, with external models: {wildcards.model}, {wildcards.method}, {wildcards.level}"
    script:
        "../../scripts/predict_checkpoints.py"


# External models are compared before they are believed: same scores, other inputs.
if STUDY.external:

    rule compare_external:
        input:
            cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
            predictions=[
                path for groups in compared_groups(STUDY) for path in predicted(groups, "test")
            ],
        output:
            models="results/tables/external_models.csv",
            differences="results/tables/external_differences.csv",
        log:
            "results/logs/compare_external.log",
        conda:
            "../../envs/data.yaml"
        resources:
            **doubling(mem_mb=8000, runtime=60),
        params:
            settings=verbatim(compare_external(STUDY)),
            code=code("compare_external"),
        message:
            "Compare what external models read and answer"
        script:
            "../../scripts/compare_external.py"


# What differs between runs besides the models is a reason to doubt what follows, so a table says it.
if compared_logs():

    rule compare_runs:
        input:
            external=compared_logs(),
            results=asked_results(),
        output:
            table="results/tables/run_differences.csv",
        log:
            "results/logs/compare_runs.log",
        conda:
            "../../envs/data.yaml"
        resources:
            **doubling(mem_mb=8000, runtime=60),
        params:
            settings=verbatim(
                with_content(compare_runs(STUDY), as_named(compared_logs()) + run_descriptions())
            ),
            code=code("compare_runs"),
        message:
            "Compare the runs of logs"
        script:
            "../../scripts/compare_runs.py"

    # The harness's own scores by task, which need no class and no vote
    rule compare_tasks:
        input:
            documents=[
                path
                for cell in STUDY.groups
                for path in document_files(STUDY, cell, PREDICTED_HERE)
            ],
            results=of_users(run_descriptions()) + asked_results(),
        output:
            tasks="results/tables/tasks.csv",
            answers="results/tables/answers.csv",
            shown="results/answers/shown.parquet",
        log:
            "results/logs/compare_tasks.log",
        conda:
            "../../envs/analysis.yaml"
        resources:
            **doubling(mem_mb=8000, runtime=60),
        params:
            settings=verbatim(with_content(compare_tasks(STUDY), run_descriptions())),
            code=code("compare_tasks"),
        message:
            "Compare versions task by task"
        script:
            "../../scripts/compare_tasks.py"


# Inspect's own reader needs an environment of its own; a table stands for a log from then on.
if STUDY.inspect_logs:

    rule convert_inspect:
        input:
            external=inspect_log,
        output:
            table="results/inspect/samples_inspect_{log}.jsonl",
            results="results/inspect/results_{log}.json",
        log:
            "results/logs/convert_inspect/{log}.log",
        wildcard_constraints:
            log="[A-Za-z0-9-]+",
        conda:
            "../../envs/inspect.yaml"
        resources:
            **doubling(mem_mb=8000, runtime=60),
        params:
            settings=inspect_settings,
            code=code("convert_inspect", "external/inspect_table"),
        message:
            "Convert a log of Inspect to a table: {wildcards.log}"
        script:
            "../../scripts/convert_inspect.py"


# A decoder is compressed and asked in one job, and leaves logs as lm-evaluation-harness writes them.
# A rule a dataset, since datasets have different tasks, and each task a log.

for DATASET in dict.fromkeys(cell.dataset for cell in STUDY.asked_cells):

    rule:
        name:
            "ask_" + re.sub(r"\W", "_", DATASET)
        input:
            pretrained="results/pretrained/{model}/model.safetensors",
            configs=expand(
                "results/pretrained/{{model}}/{name}.json",
                name=["config", "tokenizer", "tokenizer_config"],
            ),
            external=partial(asked_files, DATASET),
        output:
            samples=[
                f"results/asked/{DATASET}/{{model}}/{{method}}/{{level}}/{{run}}/samples_{task}.jsonl"
                for task in STUDY.datasets[DATASET]["tasks"]
            ],
            results=f"results/asked/{DATASET}/{{model}}/{{method}}/{{level}}/{{run}}/results.json",
            weights=f"results/asked/{DATASET}/{{model}}/{{method}}/{{level}}/{{run}}/weights.json",
        log:
            f"results/logs/ask_decoder/{DATASET}.{{model}}.{{method}}.{{level}}.{{run}}.log",
        benchmark:
            f"results/benchmarks/ask_decoder/{DATASET}.{{model}}.{{method}}.{{level}}.{{run}}.tsv"
        wildcard_constraints:
            run=r"draw\d+|rerun\d+",
        conda:
            "../../envs/harness.yaml"
        threads: COMPUTE["threads"]
        resources:
            **doubling(mem_mb=8000, runtime=720),
            gpu=1,
            gpu_share=gpu_share,
        params:
            settings=partial(ask_settings, DATASET),
            code=model_code("ask_decoder", "training/asking", by_method=compressor_files),
            untracked=train_untracked,
            level=level_said,
        message:
            f"Ask {{wildcards.model}} {DATASET}: {{wildcards.method}}, {{params.level}}, {{wildcards.run}}"
        script:
            "../../scripts/ask_decoder.py"
