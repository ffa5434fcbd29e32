"""Write compressed decoders that the gate passed as folders that transformers loads."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from pielab import files, jobs, logs
from pielab.gate.model_card import decoder_card
from pielab.gate.verdicts import may_leave
from pielab.training import decoders, devices
from pielab.vocabulary import KEYS


def main(settings: dict, pretrained: Sequence[str], gate: str, output: str) -> None:
    """Export what the gate passes, each into a folder beside `output`.

    Raises
    ------
    ValueError
        If nothing may leave, or a folder does not hold what was compressed.
    """
    devices.make_deterministic(settings["threads"])
    versions = {tuple(one[name] for name in KEYS): one for one in files.read_json(gate)["versions"]}
    made = []
    for job, weights in zip(settings["versions"], pretrained, strict=True):
        version = versions[tuple(job["cell"][name] for name in KEYS)]
        folder = Path(output).parent.joinpath(*job["folder"])
        shutil.rmtree(folder, ignore_errors=True)
        name = ", ".join(job["folder"])
        if not may_leave(version, settings):
            logs.logger.warning("%s: not exported: %s", name, version["verdict"])
            continue
        folder.mkdir(parents=True)
        try:
            own = job["settings"] | {"device": settings["device"]}
            facts = decoders.export(own, weights, folder) | {"draw": job["draw"]}
        except BaseException:
            shutil.rmtree(folder)
            raise
        facts["report"] = "results/report/index.html of the study"
        files.write_text(folder / "README.md", decoder_card(version, facts))
        made.append({key: version[key] for key in KEYS} | {"folder": str(folder)} | facts)
        logs.logger.info("%s: %s", name, folder)
    if not made:
        raise ValueError(
            "export: no version that the gate passes; expected one (results/gate/gate.txt says "
            "why; export.force: true exports all)"
        )
    files.write_text(output, json.dumps({"exported": made}, indent=1, ensure_ascii=False) + "\n")


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs["pretrained"], job.inputs["gate"], snakemake.output[0])
