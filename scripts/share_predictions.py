"""Write a study's predictions in half precision, where decisions stay, for others to read.

And, as they are, the embeddings of its texts.
"""

import shutil
from pathlib import Path

import numpy as np

from pielab import files, jobs, logs
from pielab.pies.decisions import in_half_precision


def shrink(path: str, output: str, single_label: bool) -> None:
    """Copy a block's predictions; a model's own thresholds would move with several labels."""
    arrays, header = files.read_arrays(path)
    if single_label:
        arrays["logits"] = in_half_precision(arrays["logits"])
    numbers = {name: array.astype(np.int32) for name, array in arrays.items() if name != "logits"}
    files.write_arrays(output, arrays | numbers, header)


def main(settings: dict, inputs: dict, outputs: dict) -> None:
    for path, output in zip(inputs["predictions"], outputs["predictions"], strict=True):
        shrink(path, output, Path(path).parts[-5] in settings["single_label"])
    for path, output in zip(inputs["embeddings"], outputs["embeddings"], strict=True):
        with files.replacing(output) as temporary:
            shutil.copyfile(path, temporary)
    shared = [*outputs["predictions"], *outputs["embeddings"]]
    size = sum(Path(path).stat().st_size for path in shared)
    logs.logger.info("%d files of predictions and embeddings, %.1f MB", len(shared), size / 1e6)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
