"""What a measure declares decides its table: its columns, and when they are unknown."""

import dataclasses

import numpy as np
import pytest
import yaml

from helpers.cells import cell_of
from helpers.described_columns import DESCRIPTIONS
from pielab import measures
from pielab.measures import TABLES, Known, Measure, all_measures, columns_of, describe

TWO = "two | count | two\n", "sure | log odds | needs scores | needs scores\n"


def made(**changes):
    """Return a measure of a cell with two columns, one of which needs scores."""
    compute = lambda known: {"two": 2, "sure": known.cell.n_replicates}  # noqa: E731
    measure = Measure("pies", compute, "".join(TWO))
    return dataclasses.replace(measure, **changes)


def known_of(seeds, scores_known=True):
    return Known(cell_of(np.zeros((seeds, 3), int), np.ones((seeds, 3), int)), scores_known)


def test_a_column_that_needs_scores_is_unknown_where_there_are_labels_only():
    assert made().values(known_of(2)) == {"two": 2, "sure": 2}
    found = made().values(known_of(2, scores_known=False))
    assert found["two"] == 2
    assert np.isnan(found["sure"])


def test_a_measure_that_needs_scores_alone_is_not_computed_from_labels():
    measure = made(compute=lambda known: 1 / 0, lines=TWO[1])
    assert np.isnan(measure.values(known_of(2, scores_known=False))["sure"])


@pytest.mark.parametrize(("seeds", "is_known"), [(1, False), (2, True), (3, True), (4, False)])
def test_too_few_and_too_many_replicates_leave_all_columns_unknown(seeds, is_known):
    found = made(fewest=2, most=3).values(known_of(seeds))
    assert list(found) == ["two", "sure"]
    assert np.isfinite(list(found.values())).all() == is_known


def test_a_column_that_is_not_declared_is_refused():
    with pytest.raises(ValueError, match="a measure of pies: \\['sure'\\] are not in its columns"):
        made(lines=TWO[0]).values(known_of(2))


def test_a_measure_that_is_added_gets_columns_at_the_end_of_its_table(monkeypatch):
    before = describe(known_of(2).cell)["row"]
    every = (*all_measures(), made(table="agreement"))
    monkeypatch.setattr(measures, "all_measures", lambda: every)
    after = describe(known_of(2).cell)["row"]
    assert list(after) == [*before, "two", "sure"]
    assert after[list(before)].equals(before)


def test_every_column_is_declared_once_with_a_unit_that_is_explained():
    units = yaml.safe_load(DESCRIPTIONS.read_text())["units"]
    for table in TABLES:
        declared = [measure.columns for measure in all_measures() if measure.table == table]
        names = [name for columns in declared for name in columns]
        assert len(names) == len(set(names)) > 0
        assert {column.unit for columns in declared for column in columns.values()} <= set(units)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seeds", [1, 4])
def test_tables_hold_the_declared_columns_in_their_order(several, seeds):
    rng = np.random.default_rng(0)
    shape = (2, seeds, 20, 3) if several else (2, seeds, 20)
    sides = rng.random(shape) < 0.5 if several else rng.integers(0, 3, shape)
    tables = describe(cell_of(*sides))
    assert list(tables["row"]) == [*columns_of("pies"), *columns_of("agreement")]
    assert list(tables["scores"]) == ["side", "seed", "draw", *columns_of("scores")]
    assert list(tables["seeds"]) == ["seeds", *columns_of("seeds")]
    declared = [name for name in columns_of("examples") if name in tables["examples"]]
    assert list(tables["examples"]) == declared
