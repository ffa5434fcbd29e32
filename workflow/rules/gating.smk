# What the rules of the gate ask of the study, and what it says last.
try:
    GATED = gate_job.gated(STUDY)
except ValueError as error:
    raise WorkflowError(str(error)) from None


def print_gate():
    """Print the verdict, when all that Snakemake says of a job that fails has been said."""
    screen = Path("results/gate/gate.txt").read_text(encoding="utf-8")
    # A terminal may know fewer characters than the file
    known = sys.stdout.encoding or "ascii"
    print(f"\n{plain(screen).encode(known, 'replace').decode(known)}", flush=True)


def plain(text):
    """Return a text for a terminal: as it is, or in ASCII where the terminal does not know more."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return text.translate({0x2212: "-", 0x2013: "-", 0x2026: "...", 0x00D7: "x", 0x2192: "->"})
    return text


def gated_predictions(split):
    """Return a function that lists the predictions that the gate compares, of a pair."""

    def paths(wildcards):
        own = [each for each in GATED if each.pair == (wildcards.dataset, wildcards.model)]
        cells = {cell for each in own for cell in (each.cell, each.baseline_cell)}
        return [path for cell in sorted(cells) for path in STUDY.prediction_files(cell, split)]

    return paths


def harm_settings(wildcards):
    return gate_job.measured(STUDY, wildcards.dataset, wildcards.model)
