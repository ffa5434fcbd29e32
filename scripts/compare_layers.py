"""Compare a cell with what dense layers put back change: which layer made which negative flip."""

import pandas as pd

from pielab import files, jobs
from pielab.analysis.layers import Mixtures, decide_like, layer_table, read_mixtures
from pielab.data.labels import examples_digest, label_array
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    n_classes = len(files.read_json(inputs["card"])["classes"])
    predicted = [split for split in ("train", "test") if inputs[f"dense_{split}"]]
    frames = {split: pd.read_parquet(inputs[f"{split}_examples"]) for split in predicted}
    labels = {split: label_array(frame, n_classes) for split, frame in frames.items()}
    dense, compressed = (
        decide(
            {
                split: files.read_logits(
                    inputs[f"{side}_{split}"], examples_digest(frame, labels[split])
                )
                for split, frame in frames.items()
            },
            labels["train"] if "train" in labels else labels["test"][:0],
        )["test"]
        for side in ("dense", "compressed")
    )
    known, logits = read_mixtures(inputs["mixtures"])
    ids = frames["test"]["example_id"].to_numpy()
    truth = Cell(dense, compressed, labels["test"], ids, settings["ties"]).truth
    decided = [decide_like(logits[kind], compressed) for kind in ("restored", "implanted")]
    mixed = Mixtures(known["layers"], *decided)
    table, lightened, negative_flips = layer_table(
        dense, compressed, mixed, truth, settings["ties"], known["sizes"]
    )
    files.write_frame(outputs["table"], table)
    shown = pd.DataFrame(lightened.T, columns=table["layer"]).rename_axis("flip").reset_index()
    shown = shown.melt("flip", var_name="layer", value_name="lightened")
    shown["example_id"] = ids[negative_flips][shown["flip"]]
    files.write_frame(outputs["map"], shown)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
