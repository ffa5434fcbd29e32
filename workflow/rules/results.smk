# Not part of a study: share its predictions, and compare what is below results/ with what was written.
# Included last: any rule's output may be repaired.


# What `predictions` of another run reads. Half precision halves what is sent.
rule share_predictions:
    input:
        predictions=made_or_shared(STUDY.predicted),
        embeddings=embeddings(STUDIED),
    output:
        predictions=shared(STUDY.predicted),
        embeddings=shared_embeddings(),
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
        content=shared_content(lambda wildcards: STUDY.predicted + embeddings(STUDIED)),
    message:
        "Share predictions, and embeddings of their texts"
    script:
        "../../scripts/share_predictions.py"


rule verify:
    log:
        f"{LOGS_OF_READERS}/verify.log",
    retries: 0
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    params:
        settings=verbatim({"read_only": "results"} if IS_READ_ONLY else {}),
        code=code("verify"),
    message:
        "Compare the files below results/ with their digests"
    script:
        "../../scripts/verify.py"


rule repair:
    log:
        "results/logs/repair.log",
    retries: 0
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    params:
        settings=verbatim(repair_settings()),
        code=code("repair"),
    message:
        "Delete the files below results/ that are not what was written"
    script:
        "../../scripts/repair.py"
