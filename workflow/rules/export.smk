if not STUDY.are_models_elsewhere:

    # Not part of a study: `snakemake export` writes what the gate passed as folders that transformers
    # loads. One job for all, since which versions leave is known when the gate has judged.
    rule export:
        input:
            gate=rules.judge_gate.output.json,
            card=exported("results/data/{dataset}/card.json"),
            examples=exported("results/data/{dataset}/test.parquet"),
            test=exported("results/encoded/{dataset}/{model}/test.safetensors"),
            train=of_training(exported("results/encoded/{dataset}/{model}/train.safetensors")),
            calibration=[
                expand(rules.encode_calibration.output, **version["paths"])[0]
                for version in EXPORTED
                if version["has_file"]
            ],
            pretrained=exported("results/pretrained/{model}/model.safetensors"),
            configs=exported("results/pretrained/{model}/config.json"),
            tokenizers=exported("results/pretrained/{model}/tokenizer.json"),
            dense=exported("results/models/{dataset}/{model}/dense/none/seeds{seeds}.safetensors"),
            dense_predictions=exported(
                "results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.test.safetensors"
            ),
            compressed=exported(
                "results/predictions/{dataset}/{model}/{method}/{level}/seeds{block}.test.safetensors"
            ),
            pruned=[
                expand(
                    "results/models/{dataset}/{model}/{method}/{level}/seeds{block}.safetensors",
                    **version["paths"],
                )[0]
                for version in EXPORTED
                if version["is_retrained"]
            ],
        output:
            "results/export/exported.json",
        log:
            "results/logs/export.log",
        conda:
            "../../envs/models.yaml"
        threads: COMPUTE["threads"]
        resources:
            **doubling(mem_mb=8000, runtime=120),
            gpu=1,
            gpu_share=100 * HAS_GPU,
        params:
            settings=verbatim(export_job.export(STUDY, GATED)),
            code=export_code("export"),
            untracked=train_untracked,
        message:
            "Export what the gate passed"
        script:
            "../../scripts/export.py"

elif STUDY.asked_cells:

    # As `export` for classifiers: `snakemake export` writes what the gate passed. Nothing is asked again.
    rule export:
        input:
            gate=rules.judge_gate.output.json,
            pretrained=exported("results/pretrained/{model}/model.safetensors"),
            configs=[
                path
                for name in ("config", "tokenizer", "tokenizer_config")
                for path in exported(f"results/pretrained/{{model}}/{name}.json")
            ],
            external=calibrating_files(),
        output:
            "results/export/exported.json",
        log:
            "results/logs/export.log",
        conda:
            "../../envs/models.yaml"
        threads: COMPUTE["threads"]
        resources:
            **doubling(mem_mb=16000, runtime=240),
            gpu=1,
            gpu_share=100 * HAS_GPU,
        params:
            settings=verbatim(
                with_content(decoder_job.export(STUDY, EXPORTED), as_named(calibrating_files()))
            ),
            code=export_code("export_decoders"),
            untracked=train_untracked,
        message:
            "Export the decoders that the gate passed"
        script:
            "../../scripts/export_decoders.py"
