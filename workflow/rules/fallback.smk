# Beside what is left of negative flips if the texts on which a compressed model is least sure go to the
# baseline's model that it is paired with, rules/remedies.smk has what that changes.


# A join.
rule tabulate_fallback:
    input:
        measured=STUDY.expand("results/fallback/{dataset}/{model}.csv")
        * bool(STUDY.pruned_comparisons),
        cells="results/tables/pies.csv",
        frontier="results/tables/frontier.csv",
    output:
        table="results/tables/fallback.csv",
    log:
        "results/logs/tabulate_fallback.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim("{}"),
        code=code("tabulate_fallback"),
    message:
        "Tabulate what fallbacks leave of negative flips"
    script:
        "../../scripts/tabulate_fallback.py"
