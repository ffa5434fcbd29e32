# Whether the files below results/ are what was written. Included last: any rule's output may be repaired.


rule verify:
    log:
        "results/logs/verify.log",
    retries: 0
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    params:
        settings=provenance.canonical({}),
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
