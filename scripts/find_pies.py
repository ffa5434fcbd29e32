"""Find the PIEs of a cell in both splits, score its models on them, and say how sure they are."""

import json

import pandas as pd

from pielab import files, logs
from pielab.analysis import certainty
from pielab.data.labels import examples_digest, label_array
from pielab.pies.decisions import decide


def main(
    ties: str,
    card: str,
    frames: dict[str, str],
    dense: dict[str, list[str]],
    pruned: dict[str, list[str]],
    outputs: dict[str, str],
) -> None:
    classes = len(files.read_json(card)["classes"])
    examples = {split: pd.read_parquet(path) for split, path in frames.items()}
    labels = {split: label_array(frame, classes) for split, frame in examples.items()}
    digests = {split: examples_digest(examples[split], labels[split]) for split in frames}
    logits = [
        {split: files.read_logits(paths, digests[split]) for split, paths in side.items()}
        for side in (dense, pruned)
    ]
    sides = [decide(side, labels["train"]) for side in logits]
    tables = {"scores": [], "certainty": [], "seeds": []}
    for split in frames:
        found, *rest = certainty.describe(
            [side[split] for side in sides],
            [side[split] for side in logits],
            labels[split],
            examples[split]["example_id"].to_numpy(),
            ties,
        )
        files.write_frame(outputs[split], found)
        for name, table in zip(tables, rest, strict=True):
            tables[name].append(table.assign(split=split))
        logs.logger.info("%s: %d PIEs of %d examples", split, found["pie"].sum(), len(found))
    for name, parts in tables.items():
        files.write_frame(outputs[name], pd.concat(parts))


if "snakemake" in globals():
    given = snakemake.input
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings)["ties"],
            given.card,
            {"train": given.train, "test": given.test},
            {"train": list(given.dense_train), "test": list(given.dense_test)},
            {"train": list(given.pruned_train), "test": list(given.pruned_test)},
            dict(snakemake.output.items()),
        )
