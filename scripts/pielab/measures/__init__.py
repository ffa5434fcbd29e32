"""What is measured of a comparison: a module a measure, found by its name.

A module has `MEASURES`, each a part of a table with its columns: see Measure. The tables, what
the report says of their columns, and what is NaN without scores or with few replicates follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pielab.pies.cell import Cell
from pielab.registry import module_names
from pielab.stats.shift import margins
from pielab.vocabulary import SIDES

# Each table's measures run after those of the tables before it, whose columns they may read
TABLES = ("examples", "scores", "pies", "agreement", "seeds")
SIZES = (3, 5, 7, 9, 13, 19, 29, 49, 99)  # numbers of seeds, odd lest votes tie; and all
# The modules whose columns come first, in this order; others follow by name
FIRST = (
    "pies",
    "quality",
    "certainty",
    "random_scores",
    "shifts",
    "collapse",
    "agreement",
    "negative_flips",
    "single_models",
    "replicates",
    "seeds",
    "held_out",
)


class Column(NamedTuple):
    """What a column holds."""

    unit: str  # one that resources/columns.yaml explains
    meaning: str
    of_scores: bool = False  # whether labels alone cannot tell it


@dataclass
class Known:
    """A comparison, and what the measures before have found, by table and column.

    `rng` is for those measures that shipped with it; a new one makes its own, so that it changes
    no other.
    """

    cell: Cell
    scores_known: bool = True
    split: str = "test"
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def __post_init__(self) -> None:
        rows = np.arange(self.cell.baseline.n_models)
        seed, draw = rows // self.cell.draws, rows % self.cell.draws
        keys = {"side": np.repeat(SIDES, len(rows)), "seed": np.tile(seed, 2)}
        keys |= {"draw": np.tile(draw, 2)}
        sizes = [size for size in SIZES if size < self.cell.n_replicates]
        sizes += [self.cell.n_replicates] if self.cell.n_replicates > 1 else []
        self.tables = {name: {} for name in TABLES} | {"scores": keys, "seeds": {"seeds": sizes}}

    @property
    def pie(self) -> np.ndarray:
        """Return which examples are PIEs, bool (examples,)."""
        return np.asarray(self.tables["examples"]["pie"], dtype=bool)

    @cached_property
    def margins(self) -> tuple[np.ndarray, np.ndarray]:
        """Return cell_margins of the comparison."""
        return cell_margins(self.cell)


@dataclass(frozen=True)
class Measure:
    """Columns of one table, and what computes them.

    Attributes
    ----------
    table : str
        `examples` (a row for each example), `scores` (each model, the baseline's first), `pies` or
        `agreement` (the comparison), or `seeds` (each of some numbers of seeds).
    compute : function of Known
        Returns the values of `columns` by name: a value for the comparison, else an array. Columns
        of examples may be absent.
    lines : str
        Of each column a line: `name | unit | meaning`, with `| needs scores` if labels alone cannot
        tell it.
    fewest, most : int
        With fewer or more replicates on each side all columns are NaN.
    test_only : bool
        Whether all columns are NaN for the training split: of what is slow and that no page shows.
    """

    table: str
    compute: Callable[[Known], Mapping[str, Any]]
    lines: str
    fewest: int = 1
    most: float = np.inf
    test_only: bool = False

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Return the columns by their names, in their order."""
        found = {}
        for line in self.lines.strip().splitlines():
            name, unit, meaning, *needs = map(str.strip, line.split(" | "))
            assert needs in ([], ["needs scores"]), line
            found[name] = Column(unit, meaning, of_scores=bool(needs))
        return found

    def values(self, known: Known) -> dict[str, Any]:
        """Return the columns' values, NaN where they cannot be known.

        Raises
        ------
        ValueError
            If there is a column that is not declared.
        """
        of_scores = {name for name, column in self.columns.items() if column.of_scores}
        hidden = set() if known.scores_known else of_scores
        is_known = self.fewest <= known.cell.n_replicates <= self.most
        is_known &= known.split == "test" or not self.test_only
        if hidden == set(self.columns) or not is_known:
            return dict.fromkeys(self.columns, np.nan)
        found = self.compute(known)
        if undeclared := set(found) - set(self.columns):
            raise ValueError(
                f"a measure of {self.table}: {sorted(undeclared)} are not in its columns"
            )
        return {name: np.nan if name in hidden else values for name, values in found.items()}


@cache
def all_measures() -> tuple[Measure, ...]:
    """Return the measures of all modules, in the order of their columns."""
    names = module_names(Path(__file__).parent)
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple(measure for module in modules for measure in module.MEASURES)


def columns_of(table: str) -> dict[str, Column]:
    """Return the columns of a table that measures compute, in their order."""
    return {
        name: column
        for measure in all_measures()
        if measure.table == table
        for name, column in measure.columns.items()
    }


def describe(cell: Cell, scores_known: bool = True, split: str = "test") -> dict[str, pd.DataFrame]:
    """Return all that is measured of a comparison.

    Parameters
    ----------
    scores_known : bool
        False if external models gave labels only.
    split : {"train", "test"}

    Returns
    -------
    dict of DataFrame
        `examples`, `scores` and `seeds`, by the names of TABLES; and `row`, one row with the
        columns of `pies` and `agreement`.
    """
    known = Known(cell, scores_known, split)
    for name in TABLES:
        for measure in all_measures():
            if measure.table == name:
                known.tables[name] |= measure.values(known)
    pies, agreement = (known.tables.pop(name) for name in ("pies", "agreement"))
    tables = {name: pd.DataFrame(columns) for name, columns in known.tables.items()}
    return tables | {"row": pd.DataFrame([pies | agreement])}


def cell_margins(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Return the log odds by both sides, float32 (replicates, examples, classes).

    With several calibration draws, the mean over those of a seed. See shift.margins.
    """
    baseline, compressed = (
        cell.replicate_means(margins(side.logits, side.thresholds, side.multi_label))
        for side in cell.sides
    )
    return baseline, compressed
