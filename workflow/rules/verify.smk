# Whether the files below results/ are what was written. Included last: any rule's output may be repaired.
import shlex


def repair_settings():
    """Return the outputs of all rules, by which a user's own files are told, and what to type next."""
    outputs = [str(path) for each in workflow.rules for path in each.output]
    words = [word for word in sys.argv[1:] if word != "repair"] if "repair" in sys.argv else []
    words = words[:-1] if words[-1:] == ["--"] else words
    command = shlex.join(["snakemake", *(words or ["--cores", "all"])])
    return provenance.canonical({"outputs": outputs, "command": command})


rule verify:
    log:
        "results/logs/verify.log",
    retries: 0
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    threads: 1
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
    threads: 1
    params:
        settings=verbatim(repair_settings()),
        code=code("repair"),
    message:
        "Delete the files below results/ that are not what was written"
    script:
        "../../scripts/repair.py"
