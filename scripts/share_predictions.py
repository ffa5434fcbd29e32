"""Write a study's predictions in half precision, where decisions stay, for others to read."""

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


def main(settings: dict, predictions: list[str], shared: list[str]) -> None:
    for path, output in zip(predictions, shared, strict=True):
        shrink(path, output, Path(path).parts[-5] in settings["single_label"])
    size = sum(Path(path).stat().st_size for path in shared)
    logs.logger.info("%d files of predictions, %.1f MB", len(shared), size / 1e6)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs["predictions"], job.outputs["predictions"])
