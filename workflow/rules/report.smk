# Included last: the page has all figures of Snakemake's own report, and all tables.
rule build_report:
    input:
        cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        tables=tables(),
        figures=[path for path, _, _ in reported_figures()],
        captions=[path for _, path, _ in reported_figures()],
        gate="results/gate/gate.json",
        tried=STUDY.expand("results/gate/{dataset}/{model}.tried.csv"),
        columns=project_file("resources/columns.yaml"),
        glossary=project_file("docs/reference/glossary.md"),
        template=project_file("workflow/templates/index.html.j2"),
        common_style=project_file("workflow/templates/common.css"),
        style=project_file("workflow/templates/index.css"),
    output:
        html="results/report/index.html",
        provenance="results/provenance.json",
    log:
        "results/logs/build_report.log",
    localrule: True
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=2000, runtime=30),
    params:
        settings=report_settings(),
        code=code("build_report", *MEASURES),
        says_last=says_last,
    message:
        "Write the report"
    script:
        "../../scripts/build_report.py"


# One file with everything in it, so that it can be sent and opened anywhere.
rule build_browser:
    input:
        cards=expand("results/data/{dataset}/card.json", dataset=STUDIED),
        data=STUDY.by_browsed_split("results/data/{dataset}/{split}.parquet"),
        complexity=STUDY.by_browsed_split("results/complexity/{dataset}/{split}.parquet"),
        factors=STUDY.by_browsed_split("results/factors/{dataset}.{split}.parquet"),
        doubts=STUDY.expand("results/factors/{dataset}/{model}.parquet"),
        training=expand("results/data/{dataset}/train.parquet", dataset=STUDIED),
        influence=influential("results/influence/{dataset}/{model}.parquet"),
        cells="results/tables/pies.csv",
        pies=[
            path
            for split in STUDY.browsed_splits
            for path in pie_files(STUDY.comparisons, f"{split}.parquet")
        ],
        template=project_file("workflow/templates/browser.html.j2"),
        common_style=project_file("workflow/templates/common.css"),
        style=project_file("workflow/templates/browser.css"),
        script=project_file("workflow/templates/browser.js"),
        share_script=project_file("workflow/templates/browser_share.js"),
        compare_script=project_file("workflow/templates/browser_compare.js"),
        answers_script=project_file("workflow/templates/browser_answers.js"),
        answers="results/answers/shown.parquet" if STUDY.external and compared_logs() else [],
        table_style=project_file("resources/vendor/tabulator/tabulator_simple.min.css"),
        table_script=project_file("resources/vendor/tabulator/tabulator.min.js"),
    output:
        html="results/report/browser.html",
    log:
        "results/logs/build_browser.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        **doubling(mem_mb=8000, runtime=60),
    params:
        settings=verbatim(job_settings.build_browser(STUDY)),
        code=code("build_browser"),
    message:
        "Write the PIE browser"
    script:
        "../../scripts/build_browser.py"
