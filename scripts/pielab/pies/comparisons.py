"""Read the cells of several comparisons of a dataset and model, one after the other."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pielab import files
from pielab.cells import NOT_COMPRESSED, Comparison
from pielab.pies.cell import Cell
from pielab.pies.reading import Reader, has_several_labels


class PairFiles(NamedTuple):
    """The files of a dataset and model: its card, and examples and predictions by split."""

    card: str
    frames: dict[str, str]
    predictions: dict[str, list[str]]  # of all groups of models

    @property
    def classes(self) -> list[str]:
        """The names of the classes."""
        return [str(name) for name in files.read_json(self.card)["classes"]]


def pair_files(inputs: Mapping[str, Any]) -> PairFiles:
    """Return the files among a job's inputs; a split without examples is left out."""
    frames = {split: inputs[split] for split in ("train", "test") if inputs.get(split)}
    predictions = {split: list(inputs[f"{split}_predictions"]) for split in frames}
    return PairFiles(inputs["card"], frames, predictions)


def read_comparisons(
    settings: dict, pair: PairFiles, split: str = "test"
) -> Iterator[tuple[Comparison, Cell]]:
    """Yield each comparison in `settings` with its cell on a split.

    Parameters
    ----------
    settings : dict
        `cells`, the comparisons as dicts, and what read_cells takes.
    """
    # Labels of which an example has several take their thresholds from the training split
    read = {"train", split} if has_several_labels(pair.frames[split]) else {split}
    frames = {which: path for which, path in pair.frames.items() if which in read}
    groups: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for which in frames:
        for path in pair.predictions[which]:  # by method and level
            groups.setdefault(Path(path).parts[-3:-1], {}).setdefault(which, []).append(path)
    reader = Reader(settings, pair.card, frames)
    for keys in settings["cells"]:
        sides = [groups[keys["baseline"], NOT_COMPRESSED], groups[keys["method"], keys["level"]]]
        yield Comparison(**keys), reader.cells(sides, keep=True)[split]
