"""Read the predictions of both sides of a cell."""

import pandas as pd

from pielab import files
from pielab.data.labels import examples_digest, label_array
from pielab.pies import clusters
from pielab.pies.cell import Cell, repeat
from pielab.pies.decisions import decide
from pielab.pies.partners import check_partners, check_precision, read_names


def read_cells(
    settings: dict, card: str, frames: dict[str, str], sides: list[dict[str, list[str]]]
) -> dict[str, Cell]:
    """Return the cell on each split, from the paths of its examples and of both sides' logits.

    Parameters
    ----------
    settings : dict
        `ties`, and of predictions that others made `differ_by` and `threshold`.
    """
    kind = settings.get("differ_by", "seed")
    if "differ_by" not in settings:
        check_precision([[path for paths in side.values() for path in paths] for side in sides])
    if kind != "rerun":  # whose models have no partners
        check_partners([read_names(paths) for side in sides for paths in side.values()])
    n_classes = len(files.read_json(card)["classes"])
    examples = {split: pd.read_parquet(path) for split, path in frames.items()}
    labels = {split: label_array(frame, n_classes) for split, frame in examples.items()}
    digests = {split: examples_digest(examples[split], labels[split]) for split in frames}
    baseline, compressed = (
        decide(
            {split: files.read_logits(paths, digests[split]) for split, paths in side.items()},
            labels["train"] if "train" in labels else labels["test"][:0],
            settings.get("threshold"),
        )
        for side in sides
    )
    known = next(iter(frames))
    draws = max(1, compressed[known].n_models // baseline[known].n_models)
    return {
        split: Cell(
            repeat(baseline[split], draws),
            compressed[split],
            labels=labels[split],
            ids=frame["example_id"].to_numpy(),
            ties=settings["ties"],
            draws=draws,
            kind=kind,
            clusters=clusters.of_examples(frame),
        )
        for split, frame in examples.items()
    }
