"""What a study compares: cells, and what each is compared with."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np

PAIR = "{dataset}/{model}"
CELL = f"{PAIR}/{{method}}/{{level}}"
BY_TASK = ("metric", "filter", "right_from", "drop")  # keys of predictions, perhaps by task
NOT_COMPRESSED = "none"  # the level of dense models and controls, in paths
AS_GIVEN = "as-given"  # that of external models whose level the config does not state
LEVEL = rf"{NOT_COMPRESSED}|{AS_GIVEN}|[a-z_]+\d+(\.\d+)?"  # how paths spell levels


class Level(NamedTuple):
    """How much a method compresses."""

    number: float  # 0 where nothing is compressed or the level is not known
    unit: str  # percent, bits or none
    text: str  # for people, such as 90 % or 8 bits
    is_compressed: bool

    def columns(self) -> dict[str, float | str | bool]:
        """Return the columns of tables that describe the level."""
        return {
            **{"level": self.number, "level_unit": self.unit, "level_text": self.text},
            "is_compressed": self.is_compressed,
        }


def level_path(number: float, unit: str) -> str:
    """Return a level as paths spell it, exactly: sparsity5 for 5 percent, sparsity99.5, bits4."""
    name = "sparsity" if unit == "percent" else unit
    return name + np.format_float_positional(number, trim="-")


def read_level(path_part: str) -> Level:
    """Return the level that a part of a path spells: sparsity90, bits4, as-given or none."""
    if path_part == NOT_COMPRESSED:
        return Level(0.0, "none", "not compressed", is_compressed=False)
    if path_part == AS_GIVEN:
        return Level(0.0, "none", "as given", is_compressed=True)
    name = path_part.rstrip("0123456789.")
    number, unit = float(path_part.removeprefix(name)), "percent" if name == "sparsity" else name
    return Level(number, unit, level_text(number, unit), is_compressed=True)


def level_text(number: float, unit: str = "percent") -> str:
    """Return a level for people, such as 90 % or 8 bits."""
    return f"{number:g} {'%' if unit == 'percent' else unit}"


class CellKey(NamedTuple):
    """What names a cell: dataset, model, method and level, the last as paths spell it."""

    dataset: str
    model: str
    method: str
    level: str

    @property
    def pair(self) -> tuple[str, str]:
        """The dataset and the model."""
        return self.dataset, self.model

    def row(self) -> dict[str, str | float]:
        """Return the key columns of the cell's rows in tables, with the level's number."""
        return self._asdict() | {"level": read_level(self.level).number}


class Comparison(NamedTuple):
    """A cell and the models that it is compared with: dense ones, or a control."""

    dataset: str
    model: str
    method: str
    level: str
    baseline: str

    @property
    def pair(self) -> tuple[str, str]:
        """The dataset and the model."""
        return self.dataset, self.model

    @property
    def cell(self) -> CellKey:
        """The cell that is compared."""
        return CellKey(*self[:4])

    @property
    def baseline_cell(self) -> CellKey:
        """The models that it is compared with."""
        return CellKey(self.dataset, self.model, self.baseline, NOT_COMPRESSED)

    def row(self) -> dict[str, str | float]:
        """Return the key columns of the comparison's rows in tables, with the level's number."""
        return self._asdict() | {"level": read_level(self.level).number}


def of_pair(cells: Iterable[Any], dataset: str, model: str) -> list[Any]:
    """Return the cells, or comparisons, of a dataset and model."""
    return [cell for cell in cells if cell.pair == (dataset, model)]


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return the sort key by which 10 comes after 9."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def fill(pattern: str, names: Mapping[str, str]) -> str:
    """Return a path with each {name} in place; what is not named stays."""
    for name, value in names.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def chosen_for(chosen: Any, name: str) -> Any:
    """Return what a config chooses for a task or dataset: one value for all, or a mapping.

    Of a mapping that of the name, else of the first pattern that fits, else None.
    """
    if not isinstance(chosen, Mapping):
        return chosen
    fitting = [value for pattern, value in chosen.items() if fnmatchcase(name, pattern)]
    return chosen.get(name, next(iter(fitting), None))


def any_of(names: Iterable[str]) -> str:
    """Return a regular expression for just these names (for nothing, if there are none)."""
    return "|".join(map(re.escape, names)) or "(?!)"


def pie_files(comparisons: Iterable[Comparison], suffix: str) -> list[str]:
    """Return the path of the PIEs of each comparison with this suffix, such as test.parquet."""
    pattern = f"results/pies/{CELL}.{{baseline}}.{suffix}"
    return [pattern.format(**comparison._asdict()) for comparison in comparisons]
