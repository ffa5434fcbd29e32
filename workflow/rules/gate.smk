# May it ship? What each version loses, with intervals, and one verdict from the config's rules.
try:
    GATED = gate_job.gated(STUDY)
except ValueError as error:
    raise WorkflowError(str(error)) from None


def print_gate():
    """Print the verdict, when all that Snakemake says of a job that fails has been said."""
    screen = Path("results/gate/gate.txt").read_text(encoding="utf-8")
    print(f"\n{screen}", flush=True)


def gated_predictions(split):
    """Return a function that lists the predictions that the gate compares, of a pair."""

    def paths(wildcards):
        own = [each for each in GATED if each.pair == (wildcards.dataset, wildcards.model)]
        cells = {cell for each in own for cell in (each.cell, each.baseline_cell)}
        return [path for cell in sorted(cells) for path in STUDY.prediction_files(cell, split)]

    return paths


def harm_settings(wildcards):
    return gate_job.measured(STUDY, wildcards.dataset, wildcards.model)


# Apart from the verdict, so that other thresholds are judged at once. All cells of a pair in one
# job: starting a process costs more than a cell.
rule measure_harm:
    input:
        **{split: f"results/data/{{dataset}}/{split}.parquet" for split in STUDY.splits},
        card="results/data/{dataset}/card.json",
        train_predictions=gated_predictions("train"),
        test_predictions=gated_predictions("test"),
    output:
        table="results/gate/{dataset}/{model}.csv",
    log:
        "results/logs/measure_harm/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=doubling_per_attempt(8000),
        runtime=doubling_per_attempt(60),
    params:
        settings=harm_settings,
        code=code("measure_harm"),
    message:
        "Measure what compression takes away from {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/measure_harm.py"


# A join.
rule judge_gate:
    input:
        harms=STUDY.expand("results/gate/{dataset}/{model}.csv"),
        cells="results/tables/pies.csv",
        examples="results/tables/examples.csv",
    output:
        json="results/gate/gate.json",
        junit="results/gate/gate.xml",
        screen="results/gate/gate.txt",
    log:
        "results/logs/judge_gate.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=doubling_per_attempt(2000),
        runtime=doubling_per_attempt(30),
    params:
        settings=verbatim(gate_job.settings(STUDY)),
        code=code("judge_gate"),
    message:
        "Judge what may ship"
    script:
        "../../scripts/judge_gate.py"
