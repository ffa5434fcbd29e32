"""Put dense blocks back into a compressed decoder and let lm-evaluation-harness ask it."""

import json
from collections.abc import Mapping
from typing import Any

from pielab import harness_python, jobs


def main(settings: dict, inputs: Mapping[str, Any], mixtures: str) -> None:
    job = {"settings": settings, "inputs": inputs, "outputs": {"mixtures": mixtures}}
    harness_python.run("pielab.external.restored_decoders", job, mixtures)


if "snakemake" in globals():
    with jobs.job(snakemake):
        read = snakemake.input
        main(
            json.loads(snakemake.params.settings) | json.loads(snakemake.params.untracked),
            {name: read[name] for name in ("pretrained", "card", "examples")}
            | {"ranking": read.get("ranking")},
            snakemake.output[0],
        )
