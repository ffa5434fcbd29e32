# Not part of a study: `snakemake export` writes what the gate passed as folders that transformers
# loads. One job for all, since which versions leave is known when the gate has judged.
rule export:
    input:
        gate=rules.judge_gate.output.json,
        card=exported("results/data/{dataset}/card.json"),
        examples=exported("results/data/{dataset}/test.parquet"),
        test=exported("results/encoded/{dataset}/{model}/test.safetensors"),
        train=(
            exported("results/encoded/{dataset}/{model}/train.safetensors")
            if "train" in STUDY.splits
            else []
        ),
        calibration=[
            expand(rules.encode_calibration.output, **each["paths"])[0]
            for each in EXPORTED
            if each["has_file"]
        ],
        pretrained=exported("results/pretrained/{model}/model.safetensors"),
        configs=exported("results/pretrained/{model}/config.json"),
        tokenizers=exported("results/pretrained/{model}/tokenizer.json"),
        dense=exported("results/models/{dataset}/{model}/dense/none/seeds{seeds}.safetensors"),
        dense_predictions=exported(
            "results/predictions/{dataset}/{model}/dense/none/seeds{seeds}.test.safetensors"
        ),
        compressed=exported(
            "results/predictions/{dataset}/{model}/{method}/{level}/seeds{members}.test.safetensors"
        ),
        pruned=[
            expand(
                "results/models/{dataset}/{model}/{method}/{level}/seeds{members}.safetensors",
                **each["paths"],
            )[0]
            for each in EXPORTED
            if each["is_retrained"]
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
        code=export_code(),
        untracked=train_untracked,
    message:
        "Export what the gate passed"
    script:
        "../../scripts/export.py"
