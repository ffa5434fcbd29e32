"""Answers of others' models are put in a split's order by id, or refused with the reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pielab.external.answers import Answers, align, left_out

IDS = ["a", "b", "c"]


def answers(rows):
    """Return answers of (id, model, logits)."""
    ids, models, logits = zip(*rows, strict=True)
    return Answers(list(ids), list(models), np.array(logits, np.float32))


def test_rows_are_joined_by_id_and_never_by_position():
    rows = [("c", "", [3, 0]), ("a", "", [1, 0]), ("x", "", [9, 9]), ("b", "", [2, 0])]
    models, logits = align(answers(rows), IDS, "f.csv")
    assert models == [""]
    assert logits.tolist() == [[[1, 0], [2, 0], [3, 0]]]


def test_models_are_in_natural_order():
    rows = [(name, seed, [float(seed), 0]) for seed in ("10", "9") for name in IDS]
    models, logits = align(answers(rows), IDS, "f.csv")
    assert models == ["9", "10"]
    assert logits[:, 0, 0].tolist() == [9, 10]


@given(st.permutations([(name, seed) for name in IDS for seed in ("0", "1")]))
def test_the_order_of_rows_says_nothing(order):
    rows = [(name, seed, [IDS.index(name), int(seed)]) for name, seed in order]
    models, logits = align(answers(rows), IDS, "f.csv")
    assert models == ["0", "1"]
    assert logits[1].tolist() == [[0, 1], [1, 1], [2, 1]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("a", "", [1, 0]), ("b", "", [1, 0])], "no row for 1 of 3 examples, such as 'c'"),
        (
            [(name, "", [1, 0]) for name in ["a", "a", "b", "c"]],
            "more than one row for 1 of 3 examples, such as 'a'",
        ),
        (
            [(name, seed, [1, 0]) for seed in "01" for name in IDS][:-1],
            "no row of '1' for 1 of 3 examples, such as 'c'",
        ),
        ([("0", "", [1, 0])], "no id of the dataset, such as 'a'; it has '0'"),
        ([(name, "", [np.nan, 0]) for name in IDS], "id 'a': a score that is no finite number"),
        ([(name, "", [np.inf, 0]) for name in IDS], "id 'a': a score that is no finite number"),
    ],
)
def test_what_does_not_fit_is_named(rows, reason):
    with pytest.raises(ValueError) as error:
        align(answers(rows), IDS, "f.csv")
    assert str(error.value).startswith("f.csv")
    assert reason in str(error.value)


def test_names_for_texts_that_are_numbered_come_with_the_key_that_names_texts():
    named = answers([("t0", "", [1, 0]), ("t1", "", [1, 0])])
    with pytest.raises(ValueError, match=r"it has 't0', 't1'; expected .* columns: \{id: NAME\}"):
        align(named, ["0", "1"], "f.csv")


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="it has no rows"):
        align(Answers([], [], np.empty((0, 2), np.float32)), IDS, "f.csv")


def test_ids_that_the_dataset_lacks_are_counted_and_refused_above_a_share():
    ids = [name for _ in "01" for name in [*IDS, "x", "y"]]
    with pytest.raises(
        ValueError,
        match=r"f\.csv: 2 of its 5 ids are not in the dataset, such as 'x', 'y'; .*0\.4 ",
    ):
        left_out(ids, IDS, 0.39, "f.csv")
    (said,) = left_out(ids, IDS, 0.4, "f.csv")
    assert (
        said == "f.csv: 2 of its 5 ids are not in the dataset, such as 'x', 'y': they are left out"
    )


def test_the_share_that_a_message_asks_for_is_enough():
    ids = [str(number) for number in range(30007)]
    with pytest.raises(ValueError, match=r"max_left_out to ([\d.]+) or more") as error:
        left_out(ids, set(ids[:20001]), 0, "f.csv")
    share = float(str(error.value).split("max_left_out to ")[1].split()[0])
    assert left_out(ids, set(ids[:20001]), share, "f.csv")


def test_where_all_ids_are_in_the_dataset_nothing_is_left_out():
    assert left_out(IDS, [*IDS, "x"], 0, "f.csv") == ()


def test_a_model_for_each_of_many_rows_is_refused_before_each_gets_a_row_an_example():
    ids = [f"d{row}" for row in range(10**5)]
    own = Answers(ids, [str(row) for row in range(10**5)], np.zeros((10**5, 2), np.float32))
    with pytest.raises(ValueError, match="100000 rows for 100000 models and 100000 examples"):
        align(own, ids, "p.csv")
