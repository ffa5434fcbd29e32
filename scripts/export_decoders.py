"""Write compressed decoders that the gate passed as folders that transformers loads."""

from collections.abc import Sequence
from pathlib import Path

from pielab import jobs
from pielab.gate.leaving import leave
from pielab.gate.model_card import decoder_card
from pielab.training import decoders, devices


def main(settings: dict, pretrained: Sequence[str], gate: str, output: str) -> None:
    """Export what the gate passes, each into a folder beside `output`.

    Raises
    ------
    ValueError
        If nothing may leave, or a folder does not hold what was compressed.
    """
    devices.make_deterministic(settings["threads"])

    def write(number: int, version: dict, folder: Path) -> tuple[dict, str]:
        job = settings["versions"][number]
        job_settings = job["settings"] | {"device": settings["device"]}
        facts = decoders.export(job_settings, pretrained[number], folder) | {"draw": job["draw"]}
        facts["report"] = "results/report/index.html of the study"
        return facts, decoder_card(version, facts)

    leave(settings, gate, output, write)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs["pretrained"], job.inputs["gate"], snakemake.output[0])
