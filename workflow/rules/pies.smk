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
        train=cell_paths("train.parquet"),
        test=cell_paths("test.parquet"),
        scores=cell_paths("scores.csv"),
        certainty=cell_paths("certainty.csv"),
        seeds=cell_paths("seeds.csv"),
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
