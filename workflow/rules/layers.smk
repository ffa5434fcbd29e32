# Which layer did it: dense layers put back into compressed models. Of the methods that the config
# names only, since a model predicts once for each layer, and again with the other ones swapped.


# Each layer alone, or those together that a cell's table of single layers ranks first.
if not STUDY.asked_cells:

    rule restore_layers:
        input:
            unpack(ranking),
            train=of_training("results/encoded/{dataset}/{model}/train.safetensors"),
            test="results/encoded/{dataset}/{model}/test.safetensors",
            calibration=calibration_file,
            pretrained=pretrained,
            encoder_config=encoder_config,
            dense=dense_weights,
            text_choice=text_choice,
        output:
            "results/layers/{dataset}/{model}/{method}/{level}/seeds{seeds}.{sets}.safetensors",
        log:
            "results/logs/restore_layers/{dataset}.{model}.{method}.{level}.seeds{seeds}.{sets}.log",
        wildcard_constraints:
            method=any_of(STUDY.compressing_methods),
        conda:
            "../../envs/models.yaml"
        threads: COMPUTE["threads"]
        resources:
            **doubling(mem_mb=8000, runtime=240),
            gpu=needs_gpu,
            gpu_share=gpu_share,
        params:
            settings=by_wildcards(job_settings.restore_layers, "dataset", "model", "method", "sets"),
            code=model_code("restore_layers", by_method=compressor_files),
            untracked=train_untracked,
            level=level_said,
        message:
            "Put layers back into {wildcards.model} on {wildcards.dataset}, {wildcards.method}, {params.level}, seeds {wildcards.seeds} ({wildcards.sets})"
        script:
            "../../scripts/restore_layers.py"


# Blocks of decoders are put back in the environment that has lm_eval: each set is asked anew.
else:

    rule restore_decoder:
        input:
            unpack(ranking),
            card="results/data/{dataset}/card.json",
            examples="results/data/{dataset}/test.parquet",
            pretrained="results/pretrained/{model}/model.safetensors",
            configs=expand(
                "results/pretrained/{{model}}/{name}.json",
                name=["config", "tokenizer", "tokenizer_config"],
            ),
            external=lambda wildcards: asked_files(wildcards.dataset, wildcards),
        output:
            "results/layers/{dataset}/{model}/{method}/{level}/seeds0-0.draws{draw}-{draw}.{sets}.safetensors",
        log:
            "results/logs/restore_decoder/{dataset}.{model}.{method}.{level}.draw{draw}.{sets}.log",
        wildcard_constraints:
            draw=r"\d+",
        conda:
            "../../envs/harness.yaml"
        threads: COMPUTE["threads"]
        resources:
            **doubling(mem_mb=8000, runtime=720),
            gpu=1,
            gpu_share=gpu_share,
        params:
            settings=restore_decoder_settings,
            code=model_code(
                "restore_decoder", "external/restored_decoders", by_method=compressor_files
            ),
            untracked=train_untracked,
            level=level_said,
        message:
            "Put blocks back into {wildcards.model} and ask it {wildcards.dataset}: {wildcards.method}, {params.level}, draw {wildcards.draw} ({wildcards.sets})"
        script:
            "../../scripts/restore_decoder.py"


rule compare_layers:
    input:
        card="results/data/{dataset}/card.json",
        train_examples="results/data/{dataset}/train.parquet",
        test_examples="results/data/{dataset}/test.parquet",
        dense_train=baseline_predictions("train"),
        dense_test=baseline_predictions("test"),
        compressed_train=predictions("train"),
        compressed_test=predictions("test"),
        mixtures=mixtures,
    output:
        table="results/layers/{dataset}/{model}/{method}/{level}.{sets}.csv",
        map="results/layers/{dataset}/{model}/{method}/{level}.{sets}.map.csv",
    log:
        "results/logs/compare_layers/{dataset}.{model}.{method}.{level}.{sets}.log",
    wildcard_constraints:
        method=any_of(STUDY.compressing_methods),
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=30),
    params:
        settings=by_wildcards(job_settings.find_pies, "dataset", "model"),
        code=code("compare_layers"),
        level=level_said,
    message:
        "Find which layers made the flips of {wildcards.model} on {wildcards.dataset}, {wildcards.method}, {params.level} ({wildcards.sets})"
    script:
        "../../scripts/compare_layers.py"


# A join.
rule tabulate_layers:
    input:
        layers=layer_files("each.csv"),
        kept_layers=layer_files("kept.csv"),
        layer_map=layer_files("each.map.csv"),
    output:
        layers="results/tables/layers.csv",
        kept_layers="results/tables/kept_layers.csv",
        layer_map="results/tables/layer_map.csv",
    log:
        "results/logs/tabulate_layers.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.tabulate_layers(STUDY)),
        code=code("join_tables"),
    message:
        "Tabulate which layers made the flips"
    script:
        "../../scripts/join_tables.py"
