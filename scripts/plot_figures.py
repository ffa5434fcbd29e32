"""Draw the figures of a rule from their tables."""

from collections.abc import Sequence

from pielab import jobs
from pielab.figures import drawing, style


def main(settings: dict, tables: dict[str, str], outputs: dict[str, Sequence[str]]) -> None:
    read = {name: drawing.read_table(path) for name, path in tables.items()}
    look = style.look(settings)
    with style.style():
        for name, paths in outputs.items():
            style.save(drawing.draw(name, read, look), paths, settings["dpi"])


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
