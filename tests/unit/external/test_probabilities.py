"""Probabilities of external files become logits; rounded ones need not add up to 1 exactly."""

import numpy as np
import pytest
from scipy.special import softmax

from pielab.external.probabilities import decimals, notes_on, to_logits

SINGLE = {"scores": "probabilities", "multi_label": False}


def of_many_classes(n_classes, number, seed=0):
    """Return probabilities of many classes, rounded to some decimals."""
    own = np.random.default_rng(seed).normal(size=(40, n_classes), scale=2)
    return softmax(own, axis=1).round(number)


def test_150_classes_with_3_decimals_miss_1_and_are_scaled_to_it():
    given = of_many_classes(150, 3)
    assert np.abs(given.sum(axis=1) - 1).max() > 0.01
    logits = to_logits(given, SINGLE, "p.csv")
    expected = given / given.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax(logits, axis=1), expected, atol=3e-5)


def test_rounded_numbers_in_float32_are_accepted_too():
    given = of_many_classes(150, 3).astype(np.float32)
    assert to_logits(given.astype(np.float64), SINGLE, "p.parquet").shape == (40, 150)


def test_a_miss_that_rounding_does_not_explain_is_refused_with_what_to_do():
    given = np.array([[0.5, 0.25, 0.15], [0.25, 0.25, 0.5]])  # 0.015 at most
    with pytest.raises(
        ValueError,
        match=r"^p\.csv, row 0 \(from 0\): probabilities that add up to 0\.9, more than rounding "
        r"to 2 decimals explains; expected 1\. Is the column of a class missing.*divide",
    ):
        to_logits(given, SINGLE, "p.csv")


def test_a_miss_of_numbers_that_are_not_rounded_is_refused():
    given = of_many_classes(150, 12) * 0.98
    with pytest.raises(ValueError, match=r"add up to 0\.98; expected 1"):
        to_logits(given, SINGLE, "p.csv")


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ([0.5, 1, 0], 1),
        ([0.25, 0.75], 2),
        ([0.125], 3),
        ([1 / 3], None),
        ([], 1),
        ([0.00001], 5),
        ([0.000001], None),
    ],
)
def test_decimals_are_those_of_the_number_that_has_most(values, number):
    assert decimals(np.array(values, np.float64)) == number


def test_percentages_are_named_and_not_taken_for_logits():
    with pytest.raises(ValueError, match=r"75; expected .*divide percentages by 100"):
        to_logits(np.array([[75.0, 25.0], [1.0, 99.0]]), SINGLE, "p.csv")


def test_probabilities_that_are_scaled_are_noted():
    given = np.array([[0.33, 0.33, 0.325], [0.5, 0.25, 0.25]])
    assert notes_on(given, SINGLE, "p.csv") == (
        "p.csv: probabilities of 1 of 2 rows, rounded to 3 decimals, add up to 0.985 to 1 and are "
        "scaled to 1; loss and calibration are less exact for it",
    )
    assert notes_on(given[1:], SINGLE, "p.csv") == ()
    assert notes_on(given, SINGLE | {"multi_label": True}, "p.csv") == ()
    assert notes_on(given * 2, SINGLE | {"scores": "logits"}, "p.csv") == ()


def test_logits_that_are_perhaps_probabilities_are_noted():
    given = np.array([[0.25, 0.75], [0.5, 0.5]])
    (said,) = notes_on(given, SINGLE | {"scores": "logits"}, "p.csv")
    assert "all logits lie in 0 to 1 and add up to 1" in said
    assert notes_on(given - [0.3, -0.3], SINGLE | {"scores": "logits"}, "p.csv") == ()
