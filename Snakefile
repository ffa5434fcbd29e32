# Which examples does compression make a language model get wrong, do they matter, and why?

from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/endings.smk"
include: "workflow/rules/compressing.smk"
include: "workflow/rules/bringing.smk"
include: "workflow/rules/gating.smk"
include: "workflow/rules/settings.smk"
include: "workflow/rules/targets.smk"
include: "workflow/rules/data.smk"


if STUDY.given:

    include: "workflow/rules/given.smk"

else:

    include: "workflow/rules/encode.smk"
    include: "workflow/rules/train.smk"


include: "workflow/rules/pies.smk"
include: "workflow/rules/complexity.smk"
include: "workflow/rules/slices.smk"
include: "workflow/rules/scores.smk"


if STUDY.has_influence:

    include: "workflow/rules/influence.smk"
    include: "workflow/rules/claims.smk"


include: "workflow/rules/frontier.smk"
include: "workflow/rules/gate.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/share.smk"


localrules:
    all,
    gate,
    fetch,
    fetch_slice_columns,
    fetch_encoder,
    tabulate_pies,
    compare_pie_sets,
    build_dictionary,
    tabulate_influence,
    tabulate_claims,
    tabulate_frontier,
    tabulate_effectiveness,
    pick_examples,
    judge_gate,
    plot_pies,
    plot_texts,
    plot_claims,
    plot_paper_comparison,
    plot_layers,
    build_report,
    share_predictions,


rule all:
    default_target: True
    input:
        results(),
        tables(),
        rules.plot_pies.output,
        rules.plot_texts.output,
        rules.plot_claims.output if STUDY.has_influence else [],
        rules.plot_paper_comparison.output if is_published() else [],
        rules.plot_layers.output if STUDY.cells_by_layer else [],
        rules.build_report.output,
        rules.build_browser.output,
        rules.judge_gate.output,
    message:
        "The study is complete"


# Fails where the gate does, and prints nothing then: the end of the run does, below the noise. Judges
# again instead of believing a file.
rule gate:
    input:
        **dict(rules.judge_gate.input.items()),
        verdict=rules.judge_gate.output.json,
        screen=rules.judge_gate.output.screen,
        junit=rules.judge_gate.output.junit,
    log:
        "results/logs/gate.log",
    retries: 0  # a verdict is no accident
    conda:
        "envs/analysis.yaml"
    params:
        settings=verbatim(gate_job.settings(STUDY)),
        code=code("gate"),
    message:
        "The gate"
    script:
        "scripts/gate.py"
