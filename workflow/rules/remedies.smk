# What each remedy mends: a method that trains or chooses texts otherwise, against the same method
# without that. Only in a study that has both.


# All remedies of a pair in one job: starting a process costs more than a cell.
rule measure_remedies:
    input:
        train=fallback_examples("train"),
        test=fallback_examples("test"),
        card="results/data/{dataset}/card.json",
        train_predictions=remedy_predictions("train"),
        test_predictions=remedy_predictions("test"),
    output:
        table="results/remedies/{dataset}/{model}.csv",
    log:
        "results/logs/measure_remedies/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.measure_remedies, "dataset", "model"),
        code=code("measure_remedies"),
        content=shared_content(remedy_predictions("train"), remedy_predictions("test")),
    message:
        "Measure what mends {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/measure_remedies.py"


# A join.
rule tabulate_remedies:
    input:
        measured=STUDY.expand("results/remedies/{dataset}/{model}.csv"),
        cells="results/tables/pies.csv",
        frontier="results/tables/frontier.csv",
    output:
        table="results/tables/remedies.csv",
    log:
        "results/logs/tabulate_remedies.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=provenance.canonical({}),
        code=code("tabulate_remedies"),
    message:
        "Tabulate what mends it"
    script:
        "../../scripts/tabulate_remedies.py"
