# A cell's splits together: multi-label thresholds come from the training split.
rule find_pies:
    input:
        card="results/data/{dataset}/card.json",
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
        dense_train=predictions("train", "dense", "00"),
        dense_test=predictions("test", "dense", "00"),
        pruned_train=predictions("train"),
        pruned_test=predictions("test"),
    output:
        train="results/pies/{dataset}/{model}/{method}/s{sparsity}.train.parquet",
        test="results/pies/{dataset}/{model}/{method}/s{sparsity}.test.parquet",
        scores="results/pies/{dataset}/{model}/{method}/s{sparsity}.scores.csv",
        certainty="results/pies/{dataset}/{model}/{method}/s{sparsity}.certainty.csv",
        seeds="results/pies/{dataset}/{model}/{method}/s{sparsity}.seeds.csv",
    log:
        "results/logs/find_pies/{dataset}.{model}.{method}.s{sparsity}.log",
    wildcard_constraints:
        method=one_of(METHODS),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(8000),
        runtime=growing(30),
    params:
        settings=provenance.canonical(STUDY["pies"]),
        code=code("find_pies"),
    message:
        "Find PIEs of {wildcards.model} on {wildcards.dataset}, {wildcards.method} {wildcards.sparsity} %"
    script:
        "../../scripts/find_pies.py"


rule tabulate_pies:
    input:
        train=pies_of(CELLS, "train.parquet"),
        test=pies_of(CELLS, "test.parquet"),
        scores=pies_of(CELLS, "scores.csv"),
        certainty=pies_of(CELLS, "certainty.csv"),
        seeds=pies_of(CELLS, "seeds.csv"),
    output:
        pies="results/tables/pies.csv",
        scores="results/tables/scores.csv",
        agreement="results/tables/agreement.csv",
        seeds="results/tables/seeds.csv",
    log:
        "results/logs/tabulate_pies.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=table_cells(),
        code=code("tabulate_pies"),
    message:
        "Tabulate PIEs, scores, agreement and seeds of all cells"
    script:
        "../../scripts/tabulate_pies.py"


# A join over all cells, since starting a process costs more than a cell.
rule compare_pie_sets:
    input:
        pies=pies_of(CELLS, "test.parquet"),
    output:
        overlap="results/tables/pie_overlap.csv",
        persistence="results/tables/persistence.csv",
    log:
        "results/logs/compare_pie_sets.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=compared_cells(),
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
        pies=pies_of(CELLS, "test.parquet"),
    output:
        table="results/tables/examples.csv",
    log:
        "results/logs/pick_examples.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=analysed_cells(seeds=True),
        code=code("pick_examples"),
    message:
        "Pick the PIEs whose votes changed most"
    script:
        "../../scripts/pick_examples.py"
