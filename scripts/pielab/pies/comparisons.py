"""Read the cells of several comparisons of a dataset and model, one after the other."""

from collections.abc import Iterator
from pathlib import Path

from pielab.cells import NOT_COMPRESSED, Comparison
from pielab.pies.cell import Cell
from pielab.pies.reading import read_cells


def read_comparisons(
    settings: dict, card: str, frames: dict[str, str], paths: dict[str, list[str]]
) -> Iterator[tuple[Comparison, Cell]]:
    """Yield each comparison in `settings` with its cell on the test split.

    Parameters
    ----------
    settings : dict
        `cells`, the comparisons as dicts, and what read_cells takes.
    frames : dict of str
        The path of the examples of each split.
    paths : dict of list of str
        The predictions of all groups of models on each split.
    """
    groups: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for split, own in paths.items():
        for path in own:  # by method and level
            groups.setdefault(Path(path).parts[-3:-1], {}).setdefault(split, []).append(path)
    for each in settings["cells"]:
        sides = [groups[each["baseline"], NOT_COMPRESSED], groups[each["method"], each["level"]]]
        yield Comparison(**each), read_cells(settings, card, frames, sides)["test"]
