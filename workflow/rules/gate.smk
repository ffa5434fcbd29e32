# May it ship? What each version loses, with intervals, and one verdict from the config's rules.


# Apart from the verdict, so that other thresholds are judged at once. All cells of a pair in one
# job: starting a process costs more than a cell.
rule measure_harm:
    input:
        **{split: f"results/data/{{dataset}}/{split}.parquet" for split in STUDY.splits},
        **by_split(compared_predictions, GATED),
        card="results/data/{dataset}/card.json",
    output:
        table="results/gate/{dataset}/{model}.csv",
    log:
        "results/logs/measure_harm/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(gate_job.measured, "dataset", "model"),
        code=code("measure_harm"),
        content=shared_content(*by_split(compared_predictions, GATED).values()),
    message:
        "Measure what compression takes away from {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/measure_harm.py"


# Before the verdict, which names what lets a version pass. Only of versions that the rules stop.
rule try_remedies:
    input:
        **({"differences": rules.compare_external.output.differences} if STUDY.external else {}),
        **by_split(fallback_predictions, GATED),
        train=fallback_examples("train"),
        test=fallback_examples("test"),
        card="results/data/{dataset}/card.json",
        harms="results/gate/{dataset}/{model}.csv",
        cells="results/tables/pies.csv",
        slices="results/tables/slices.csv",
        slice_limits="results/gate/slices.csv",
        layers=kept_layers,
        layer_sizes=kept_layer_tables,
    output:
        table="results/gate/{dataset}/{model}.tried.csv",
    log:
        "results/logs/try_remedies/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=by_wildcards(gate_job.tried, "dataset", "model"),
        code=code("try_remedies"),
        content=shared_content(*by_split(fallback_predictions, GATED).values()),
    message:
        "Try which versions of {wildcards.model} on {wildcards.dataset} would pass with a remedy that trains nothing"
    script:
        "../../scripts/try_remedies.py"


# A join.
rule judge_gate:
    input:
        **({"differences": rules.compare_external.output.differences} if STUDY.external else {}),
        harms=STUDY.expand("results/gate/{dataset}/{model}.csv"),
        tried=STUDY.expand("results/gate/{dataset}/{model}.tried.csv"),
        cells="results/tables/pies.csv",
        examples="results/tables/examples.csv",
        slices="results/tables/slices.csv",
        slice_limits="results/gate/slices.csv",
    output:
        json="results/gate/gate.json",
        junit="results/gate/gate.xml",
        screen="results/gate/gate.txt",
    log:
        "results/logs/judge_gate.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=2000, runtime=30),
    params:
        settings=verbatim(gate_job.settings(STUDY)),
        code=code("judge_gate"),
    message:
        "Judge what may ship"
    script:
        "../../scripts/judge_gate.py"


# Fails where the gate does, and prints nothing then: the end of the run does, below the noise. Judges
# again instead of believing a file.
rule gate:
    input:
        **dict(rules.judge_gate.input.items()),
        verdict=rules.judge_gate.output.json,
        screen=rules.judge_gate.output.screen,
        junit=rules.judge_gate.output.junit,
    log:
        f"{LOGS_OF_READERS}/gate.log",
    retries: 0  # a verdict is no accident
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    params:
        settings=verbatim(gate_job.settings(STUDY)),
        code=code("gate"),
        says_last=says_last,
    message:
        "The gate"
    script:
        "../../scripts/gate.py"
