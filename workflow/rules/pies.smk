# A cell's splits together: multi-label thresholds come from the training split.
rule find_pies:
    input:
        **{split: f"results/data/{{dataset}}/{split}.parquet" for split in STUDY.splits},
        card="results/data/{dataset}/card.json",
        baseline_train=baseline_predictions("train"),
        baseline_test=baseline_predictions("test"),
        compressed_train=predictions("train"),
        compressed_test=predictions("test"),
    output:
        **{
            split: f"results/pies/{{dataset}}/{{model}}/{{method}}/{{level}}.{{baseline}}.{split}.parquet"
            for split in STUDY.splits
        },
        scores="results/pies/{dataset}/{model}/{method}/{level}.{baseline}.scores.csv",
        certainty="results/pies/{dataset}/{model}/{method}/{level}.{baseline}.certainty.csv",
        seeds="results/pies/{dataset}/{model}/{method}/{level}.{baseline}.seeds.csv",
    log:
        "results/logs/find_pies/{dataset}.{model}.{method}.{level}.{baseline}.log",
    wildcard_constraints:
        method=any_of(STUDY.methods),
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=30),
    params:
        settings=by_wildcards(job_settings.find_pies, "dataset", "model"),
        code=code("find_pies", *MEASURES),
        content=shared_content(
            *(
                side(split)
                for side in (baseline_predictions, predictions)
                for split in STUDY.splits
            )
        ),
        level=level_said,
    message:
        "Find PIEs of {wildcards.model} on {wildcards.dataset}, {wildcards.method}, {params.level}, against {wildcards.baseline}"
    script:
        "../../scripts/find_pies.py"


rule tabulate_pies:
    input:
        scores=pie_files(STUDY.comparisons, "scores.csv"),
        certainty=pie_files(STUDY.comparisons, "certainty.csv"),
        seeds=pie_files(STUDY.comparisons, "seeds.csv"),
    output:
        pies="results/tables/pies.csv",
        scores="results/tables/scores.csv",
        agreement="results/tables/agreement.csv",
        seeds="results/tables/seeds.csv",
    log:
        "results/logs/tabulate_pies.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.tabulate_pies(STUDY)),
        code=code("tabulate_pies", *MEASURES),
    message:
        "Tabulate PIEs, scores, agreement and seeds of all cells"
    script:
        "../../scripts/tabulate_pies.py"


# A join over all cells, since starting a process costs more than a cell.
rule compare_pie_sets:
    input:
        pies=pie_files(STUDY.primary_comparisons, "test.parquet"),
        cells="results/tables/pies.csv",
    output:
        overlap="results/tables/pie_overlap.csv",
        persistence="results/tables/persistence.csv",
    log:
        "results/logs/compare_pie_sets.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.compare_pie_sets(STUDY)),
        code=code("compare_pie_sets"),
    message:
        "Compare the PIE sets of all cells"
    script:
        "../../scripts/compare_pie_sets.py"


# A join over all cells: of each only a few rows are kept.
rule pick_examples:
    input:
        cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        frames=expand("results/data/{dataset}/test.parquet", dataset=STUDIED),
        pies=pie_files(STUDY.comparisons, "test.parquet"),
        cells="results/tables/pies.csv",
    output:
        table="results/tables/examples.csv",
    log:
        "results/logs/pick_examples.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=4000, runtime=30),
    params:
        settings=verbatim(job_settings.analysed_cells(STUDY, seeds=True)),
        code=code("pick_examples"),
    message:
        "Pick the PIEs whose votes changed most"
    script:
        "../../scripts/pick_examples.py"
