"""Fetch a pretrained model and its tokenizer, cut to the depth that the study uses."""

from pathlib import Path

from pielab import jobs, leftovers
from pielab.training import foreign_models, minilm
from pielab.training.architectures import architecture_module


def locate(source: str) -> str:
    """Return the folder of the model that a PyPI package has, else the source as it is."""
    return minilm.folder() if source == minilm.NAME else source


def main(settings: dict, outputs: list[str]) -> None:
    module = architecture_module(settings["architecture"])
    folders = settings.get("folders")
    source = folders[0] if folders else locate(settings["pretrained"])
    with leftovers.temporary_folder(Path(outputs[0]).parent) as temporary:
        with foreign_models.reading(source, settings["revision"]):
            module.fetch(settings, source, temporary)
            foreign_models.try_tokenizer(temporary)
        for output in outputs:
            (Path(temporary) / Path(output).name).replace(output)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, list(snakemake.output))
