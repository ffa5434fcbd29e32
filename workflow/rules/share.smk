# Not part of a study: what `predictions` of another run reads. Half precision halves what is sent.
rule share_predictions:
    input:
        predictions=made_or_shared(STUDY.predicted),
    output:
        predictions=shared(STUDY.predicted),
    log:
        "results/logs/share_predictions.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=verbatim(job_settings.share_predictions(STUDY)),
        code=code("share_predictions"),
        content=shared_content(lambda wildcards: STUDY.predicted),
    message:
        "Share predictions"
    script:
        "../../scripts/share_predictions.py"
