"""Score the training texts of a dataset, by which methods weigh or choose them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pielab import files, jobs
from pielab.analysis.influence import el2n
from pielab.data.labels import examples_digest, label_array
from pielab.pies.decisions import decide
from pielab.stats.expected_pies import example_probability
from pielab.stats.shift import margins


def pie_probability(dense: np.ndarray, compressed: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how probable each training example is a PIE, float64 (examples,).

    Parameters
    ----------
    dense, compressed : float32 (models, examples, classes)
        Logits of models of the same seeds.
    """
    sides = (decide({"train": logits}, labels)["train"] for logits in (dense, compressed))
    first, second = (margins(side.logits, side.thresholds, side.multi_label) for side in sides)
    return example_probability(first, second, multi_label=labels.ndim == 2)


def main(inputs: Mapping[str, Any], output: str) -> None:
    """Score by what is there: measures of texts, early logits, or logits of two groups."""
    examples = pd.read_parquet(inputs["train"])
    labels = label_array(examples, len(files.read_json(inputs["card"])["classes"]))
    digest = examples_digest(examples, labels)
    read = partial(files.read_logits, examples=digest)
    if "measures" in inputs:
        scores = pd.read_parquet(inputs["measures"])["gunning_fog"].to_numpy(dtype=np.float64)
    elif "early" in inputs:
        scores = el2n(read(list(inputs["early"])), labels)
    else:
        dense, compressed = (read(list(inputs[side])) for side in ("dense", "compressed"))
        scores = pie_probability(dense, compressed, labels)
    files.write_arrays(output, {"scores": scores}, {"examples": digest})


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.inputs, job.outputs["scores"])
