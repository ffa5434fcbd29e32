# What is left of negative flips if the texts on which a compressed model is least sure go to the
# baseline's model that it is paired with.


# Apart from find_pies, so that it runs again by itself. All cells of a pair in one job: starting a
# process costs more than a cell.
rule measure_fallback:
    input:
        train=fallback_examples("train"),
        test=fallback_examples("test"),
        card="results/data/{dataset}/card.json",
        train_predictions=fallback_predictions("train", STUDY.pruned_comparisons),
        test_predictions=fallback_predictions("test", STUDY.pruned_comparisons),
    output:
        table="results/fallback/{dataset}/{model}.csv",
    log:
        "results/logs/measure_fallback/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(job_settings.measure_fallback, "dataset", "model"),
        code=code("measure_fallback"),
        content=shared_content(
            fallback_predictions("train", STUDY.pruned_comparisons),
            fallback_predictions("test", STUDY.pruned_comparisons),
        ),
    message:
        "Send the least sure texts of {wildcards.model} on {wildcards.dataset} to its baseline"
    script:
        "../../scripts/measure_fallback.py"


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


# After the verdict, which does not wait for it: most versions pass, or no fallback helps them.
rule try_fallback:
    input:
        train=fallback_examples("train"),
        test=fallback_examples("test"),
        card="results/data/{dataset}/card.json",
        gate="results/gate/gate.json",
        train_predictions=fallback_predictions("train", GATED),
        test_predictions=fallback_predictions("test", GATED),
    output:
        table="results/fallback/{dataset}/{model}.gate.csv",
    log:
        "results/logs/try_fallback/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(gate_job.tried, "dataset", "model"),
        code=code("try_fallback"),
        content=shared_content(
            fallback_predictions("train", GATED), fallback_predictions("test", GATED)
        ),
    message:
        "Try which versions of {wildcards.model} on {wildcards.dataset} would pass with a fallback"
    script:
        "../../scripts/try_fallback.py"
