"""Find the PIEs of a cell in both splits, and score its models on them and on all examples."""

import json

import numpy as np
import pandas as pd

from pielab import data, files, logs, pies


def read_logits(paths: list[str]) -> np.ndarray:
    """Return the logits of all blocks of seeds, float32 (seeds, examples, classes)."""
    return np.concatenate([files.read_arrays(path)[0]["logits"] for path in paths])


def decide(logits: dict[str, np.ndarray], train_labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the decisions on each split; thresholds come from the training split."""
    if train_labels.ndim == 1:
        return {split: pies.decide_single(values) for split, values in logits.items()}
    thresholds = np.array([pies.best_threshold(one, train_labels) for one in logits["train"]])
    return {split: pies.decide_multi(values, thresholds) for split, values in logits.items()}


def main(
    settings: dict,
    card: str,
    frames: dict[str, str],
    dense: dict[str, list[str]],
    pruned: dict[str, list[str]],
    train: str,
    test: str,
    scores: str,
) -> None:
    classes = len(files.read_json(card)["classes"])
    examples = {split: pd.read_parquet(path) for split, path in frames.items()}
    labels = {split: data.label_array(frame, classes) for split, frame in examples.items()}
    both = [
        decide({split: read_logits(paths) for split, paths in side.items()}, labels["train"])
        for side in (dense, pruned)
    ]
    tables = []
    for split, path in (("train", train), ("test", test)):
        sides = [side[split] for side in both]
        ids = examples[split]["example_id"].to_numpy()
        found = pies.find_pies(*sides, labels[split], ids, settings["ties"])
        files.write_frame(path, found)
        tables.append(pies.score_table(*sides, labels[split], found["pie"], split))
        logs.logger.info("%s: %d PIEs of %d examples", split, found["pie"].sum(), len(found))
    files.write_frame(scores, pd.concat(tables))


if "snakemake" in globals():
    given = snakemake.input
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings),
            given.card,
            {"train": given.train, "test": given.test},
            {"train": list(given.dense_train), "test": list(given.dense_test)},
            {"train": list(given.pruned_train), "test": list(given.pruned_test)},
            **dict(snakemake.output.items()),
        )
