# What each remedy mends, against the same method without it: another training or choice of texts, layers
# kept dense, or the texts on which a compressed model is least sure sent to the baseline's model that it
# is paired with.


# Apart from find_pies, so that it runs again by itself. All remedies of a pair in one job: starting a
# process costs more than a cell.
rule measure_remedies:
    input:
        **by_split(fallback_predictions, STUDY.pruned_comparisons),
        train=fallback_examples("train"),
        test=fallback_examples("test"),
        card="results/data/{dataset}/card.json",
        layers=kept_layers,
        layer_sizes=kept_layer_tables,
    output:
        table="results/remedies/{dataset}/{model}.csv",
        fallback="results/fallback/{dataset}/{model}.csv",
    log:
        "results/logs/measure_remedies/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.measure_remedies, "dataset", "model"),
        code=code("measure_remedies"),
        content=shared_content(*by_split(fallback_predictions, STUDY.pruned_comparisons).values()),
    message:
        "Measure what mends {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/measure_remedies.py"


# A join: what each remedy mends, and what is left of negative flips by the share of texts that are sent.
rule tabulate_remedies:
    input:
        remedies=STUDY.expand("results/remedies/{dataset}/{model}.csv")
        * bool(STUDY.pruned_comparisons),
        fallback=STUDY.expand("results/fallback/{dataset}/{model}.csv")
        * bool(STUDY.pruned_comparisons),
        cells="results/tables/pies.csv",
        frontier="results/tables/frontier.csv",
    output:
        remedies="results/tables/remedies.csv",
        fallback="results/tables/fallback.csv",
    log:
        "results/logs/tabulate_remedies.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim({}),
        code=code("tabulate_remedies"),
    message:
        "Tabulate what each remedy mends"
    script:
        "../../scripts/tabulate_remedies.py"
