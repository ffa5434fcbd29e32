"""What a study compares: cells, and what each is compared with."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

PAIR = "{dataset}/{model}"
CELL = f"{PAIR}/{{method}}/s{{sparsity}}"


class Cell(NamedTuple):
    """One dataset, model, method and sparsity, the last as it stands in paths."""

    dataset: str
    model: str
    method: str
    sparsity: str

    @property
    def pair(self) -> tuple[str, str]:
        """The dataset and the model."""
        return self.dataset, self.model

    def row(self) -> dict[str, str | float]:
        """Return the key columns of the cell's rows in tables, with its sparsity in percent."""
        return self._asdict() | {"sparsity": float(self.sparsity)}


class Comparison(NamedTuple):
    """A cell and the models that it is compared with: dense ones, or a control."""

    dataset: str
    model: str
    method: str
    sparsity: str
    baseline: str

    @property
    def pair(self) -> tuple[str, str]:
        """The dataset and the model."""
        return self.dataset, self.model

    @property
    def cell(self) -> Cell:
        """The cell that is compared."""
        return Cell(*self[:4])

    @property
    def baseline_cell(self) -> Cell:
        """The models that it is compared with."""
        return Cell(self.dataset, self.model, self.baseline, "00")

    def row(self) -> dict[str, str | float]:
        """Return the key columns of the comparison's rows in tables, its sparsity in percent."""
        return self._asdict() | {"sparsity": float(self.sparsity)}


def sparsity_names(sparsities: Iterable[float]) -> list[str]:
    """Return sparsities (percent) as they stand in paths, exactly: 5 is 05, 99.5 stays."""
    return [np.format_float_positional(percent, trim="-").zfill(2) for percent in sparsities]


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return the sort key by which 10 comes after 9."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def fill(pattern: str, names: Mapping[str, str]) -> str:
    """Return a path with each {name} in place; what is not named stays."""
    for name, value in names.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def any_of(names: Iterable[str]) -> str:
    """Return a regular expression for just these names (for nothing, if there are none)."""
    return "|".join(map(re.escape, names)) or "(?!)"


def pie_files(comparisons: Iterable[Comparison], suffix: str) -> list[str]:
    """Return the path of the PIEs of each comparison with this suffix, such as test.parquet."""
    pattern = f"results/pies/{CELL}.{{baseline}}.{suffix}"
    return [pattern.format(**comparison._asdict()) for comparison in comparisons]
