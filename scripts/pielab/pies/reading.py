"""Read the predictions of both sides of cells."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab import files
from pielab.data.labels import examples_digest, label_array
from pielab.pies import clusters
from pielab.pies.cell import Cell, Predictions, repeat
from pielab.pies.decisions import decide
from pielab.pies.partners import check_partners, check_precision, read_names

READ = ("example_id", "label", "labels", clusters.COLUMN)  # of examples; their texts are long


class Examples(NamedTuple):
    """The examples of a split that predictions are for."""

    labels: np.ndarray
    ids: np.ndarray
    clusters: np.ndarray | None
    digest: str


class Reader:
    """Reads cells of a dataset and model; examples, and baselines of several cells, only once.

    Parameters
    ----------
    settings : dict
        `ties`, and of external predictions `differ_by` and `threshold`.
    card : str
    frames : mapping of str
        The path of each split's examples.
    """

    def __init__(self, settings: Mapping, card: str, frames: Mapping[str, str]):
        self.settings, self._kept = settings, dict[tuple, dict[str, Predictions]]()
        n_classes = len(files.read_json(card)["classes"])
        self.examples = {split: read_examples(path, n_classes) for split, path in frames.items()}

    def cells(
        self, sides: Sequence[Mapping[str, Sequence[str]]], keep: bool = False
    ) -> dict[str, Cell]:
        """Return the cell on each split.

        Parameters
        ----------
        sides : sequence of mappings
            The paths of each side's logits by split, the baseline's first.
        keep : bool
            Whether another cell has the same baseline.
        """
        settings = self.settings
        differ_by = settings.get("differ_by", "seed")
        if "differ_by" not in settings:
            check_precision([[path for paths in side.values() for path in paths] for side in sides])
        if differ_by != "rerun":  # whose models have no partners
            check_partners([read_names(paths) for side in sides for paths in side.values()])
        baseline, compressed = self._decided(sides[0], keep), self._decided(sides[1])
        known = next(iter(self.examples))
        draws = max(1, compressed[known].n_models // baseline[known].n_models)
        return {
            split: Cell(
                repeat(baseline[split], draws),
                compressed[split],
                labels=examples.labels,
                ids=examples.ids,
                ties=settings["ties"],
                draws=draws,
                kind=differ_by,
                clusters=examples.clusters,
            )
            for split, examples in self.examples.items()
        }

    def _decided(
        self, side: Mapping[str, Sequence[str]], keep: bool = False
    ) -> dict[str, Predictions]:
        """Return what a side decides on each split."""
        key = tuple(path for paths in side.values() for path in paths)
        if key in self._kept:
            return self._kept[key]
        examples = self.examples
        train = examples["train"].labels if "train" in examples else examples["test"].labels[:0]
        read = {
            split: files.read_logits(paths, examples[split].digest) for split, paths in side.items()
        }
        decided = decide(read, train, self.settings.get("threshold"))
        if keep:
            self._kept[key] = decided
        return decided


def read_examples(path: str, n_classes: int) -> Examples:
    """Return the examples of a split, without their texts."""
    from pyarrow import parquet

    there = set(parquet.read_schema(path).names)
    frame = pd.read_parquet(path, columns=[name for name in READ if name in there])
    labels = label_array(frame, n_classes)
    ids, digest = frame["example_id"].to_numpy(), examples_digest(frame, labels)
    return Examples(labels, ids, clusters.of_examples(frame), digest)


def has_several_labels(path: str) -> bool:
    """Return whether the examples in a file have several labels each."""
    from pyarrow import parquet

    return "labels" in parquet.read_schema(path).names


def read_cells(
    settings: dict, card: str, frames: dict[str, str], sides: list[dict[str, list[str]]]
) -> dict[str, Cell]:
    """Return the cell on each split, from the paths of its examples and of both sides' logits.

    The parameters are those of Reader.
    """
    return Reader(settings, card, frames).cells(sides)
