import numpy as np
import pytest

from pielab.stats.medians import medians


@pytest.mark.parametrize("number", [1, 2, 5, 8])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_medians_are_those_of_numpy_to_the_same_bits(number, kind):
    values = np.random.default_rng(number).normal(size=(4, 3, number)).astype(kind)
    found = medians(values)
    assert found.dtype == kind
    np.testing.assert_array_equal(found, np.median(values, axis=-1))


def test_the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle():
    assert medians(np.array([4.0, 1.0, 100.0, 2.0])) == 3.0
