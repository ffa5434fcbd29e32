# What the rules of the gate ask of the study.
try:
    GATED = gate_job.gated(STUDY)
except ValueError as error:
    raise WorkflowError(str(error)) from None


def gated_predictions(split):
    """Return a function that lists the predictions that the gate compares, of a pair."""

    def paths(wildcards):
        own = [each for each in GATED if each.pair == (wildcards.dataset, wildcards.model)]
        cells = {cell for each in own for cell in (each.cell, each.baseline_cell)}
        return predicted(sorted(cells), split)

    return paths


def harm_settings(wildcards):
    return gate_job.measured(STUDY, wildcards.dataset, wildcards.model)
