"""Measure the influence of training examples, and how pruning treats the influential."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files, influence_measures, jobs
from pielab.analysis import by_probability, influence
from pielab.analysis.losses import loss_change, losses_by_model
from pielab.cells import NOT_COMPRESSED
from pielab.data.labels import examples_digest, label_array
from pielab.influence import Trace

KEPT = ("early", influence_measures.NORMS, influence_measures.EPOCHS)
COLUMNS = ("pie", "baseline_margin", "pie_probability")


def scores_by_measure(
    measures: list[str], kept: dict[str, np.ndarray], labels: np.ndarray
) -> dict[str, np.ndarray]:
    """Return each example's influence by each measure, from what dense training has kept.

    Parameters
    ----------
    kept : dict of float32 array
        `early` (models, examples, classes), and where a measure needs them `norms` (models,
        examples, 1) and `epochs` (models, epochs, examples, classes).
    """
    scores = {}
    for name in measures:
        needs = influence_measures.measure(name).needs
        logits = kept[needs] if needs == influence_measures.EPOCHS else kept["early"][:, None]
        norms = [None] * len(logits)
        if needs == influence_measures.NORMS:
            norms = list(kept[needs][:, :, 0])
        traces = (Trace(*pair) for pair in zip(logits, norms, strict=True))
        scores[name] = influence.of_models(name, traces, labels)
    return scores


def measure_cells(
    scores: dict[str, np.ndarray],
    labels: np.ndarray,
    settings: dict,
    paths: dict[str, list[str]],
    read: Callable[[list[str]], np.ndarray],
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the tables of bins and of the top of each cell."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for path in paths["predictions"]:
        groups.setdefault(Path(path).parts[-3:-1], []).append(path)  # by method and level

    @lru_cache(maxsize=3)  # what a cell and the next are compared with, and the cell
    def losses(method: str, level: str) -> np.ndarray:
        return losses_by_model(read(groups[method, level]), labels)

    for cell, path in zip(settings["cells"], paths["pies"], strict=True):
        level = Path(path).name.removesuffix(f".{cell['baseline']}.train.parquet")
        baseline = losses(cell["baseline"], NOT_COMPRESSED)
        compressed = losses(cell["method"], level)
        draws = len(compressed) // len(baseline)
        change = loss_change(np.repeat(baseline, draws, axis=0), compressed)
        pies = pd.read_parquet(path, columns=list(COLUMNS))
        pie, margin, probability = (pies[name].to_numpy() for name in COLUMNS)
        found = [
            describe(of_measure, settings["bins"], (pie, margin, probability), change, name)
            for name, of_measure in scores.items()
        ]
        by_bin, by_top = (
            pd.DataFrame([cell]).merge(pd.concat(tables), how="cross")
            for tables in zip(*found, strict=True)
        )
        yield by_bin, by_top


def describe(
    scores: np.ndarray,
    bins: int,
    pies: tuple[np.ndarray, np.ndarray, np.ndarray],
    change: pd.DataFrame,
    measure: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of a cell's bins and of its top, by one measure.

    Parameters
    ----------
    pies : tuple of array (examples,)
        Which are PIEs, the baseline's vote margin, and PIE probabilities.
    change : DataFrame
        From losses.loss_change.
    """
    pie, margin, probability = pies
    bin_of = influence.influence_bins(scores, bins)
    of_bins = influence.bin_table(scores, pie, change, bins)
    of_top = influence.top_table(scores, pie, margin)
    percents = of_top["top_percent"].tolist()
    named = {"influence_measure": measure}
    return (
        of_bins.join(by_probability.of_bins(bin_of, probability)).assign(**named),
        of_top.join(by_probability.of_top(scores, probability, margin, percents)).assign(**named),
    )


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    examples = pd.read_parquet(inputs["train"])
    labels = label_array(examples, len(files.read_json(inputs["card"])["classes"]))
    read = partial(files.read_logits, examples=examples_digest(examples, labels))
    kept = {name: read(inputs[name]) for name in KEPT if inputs[name]}
    scores = scores_by_measure(settings["measures"], kept, labels)
    bins = influence.influence_bins(scores[settings["measures"][0]], settings["bins"])
    table = {"example_id": examples["example_id"]} | scores | {"bin": bins}
    files.write_frame(outputs["scores"], pd.DataFrame(table))
    by_bin, of_top = zip(*measure_cells(scores, labels, settings, inputs, read), strict=True)
    files.write_frame(outputs["bins"], pd.concat(by_bin))
    files.write_frame(outputs["top"], pd.concat(of_top))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
