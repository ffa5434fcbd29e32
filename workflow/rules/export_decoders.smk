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
        code=export_decoders_code(),
        untracked=train_untracked,
    message:
        "Export the decoders that the gate passed"
    script:
        "../../scripts/export_decoders.py"
