import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from pielab.stats.shift import shift

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from shift_power import shift_power, shift_seeds_needed


def test_without_a_prior_and_of_one_test_it_is_the_t_tests():
    # All examples change: Benjamini and Hochberg's procedure passes p <= 0.05 * power(p), which
    # is 0.05 where the power is 1
    found = shift_power(8, 3.0, fdr=0.05, changed=1.0, prior_freedom=0.0)
    reach = stats.t.isf(0.025, 7)
    assert found == pytest.approx(stats.nct.sf(reach, 7, 3 * 8**0.5), abs=1e-3)


def test_no_shift_and_one_seed_are_not_found():
    assert shift_power(20, 0.0) == 0
    assert shift_power(1, 5.0) == 0


def test_more_seeds_and_larger_shifts_and_weaker_levels_are_found_more_often():
    assert shift_power(10, 1.5) > shift_power(8, 1.5) > 0
    assert shift_power(10, 2.0) > shift_power(10, 1.5)
    assert shift_power(10, -2.0) == shift_power(10, 2.0)
    assert shift_power(10, 1.5, fdr=0.2) > shift_power(10, 1.5)
    assert shift_power(10, 1.5, changed=0.2) > shift_power(10, 1.5)


@pytest.mark.slow
def test_the_fewest_seeds_are_the_first_that_suffice():
    needed = shift_seeds_needed(2.0)
    assert shift_power(needed, 2.0) >= 0.8 > shift_power(needed - 1, 2.0)
    assert shift_seeds_needed(0.01) is None


@pytest.mark.parametrize(("seeds", "size"), [(6, 3.0), (10, 1.5)])
def test_the_power_is_what_a_simulation_finds(seeds, size):
    rng, found = np.random.default_rng(0), []
    for _ in range(10):
        deviation = np.sqrt(3 / rng.chisquare(3, 3000))
        changed = rng.random(3000) < 0.05
        moved = deviation * (rng.normal(size=(seeds, 3000)) + changed * size)
        q = shift(np.zeros((seeds, 3000, 1)), moved[:, :, None]).q
        found.append((q <= 0.05)[changed].mean())
    assert np.mean(found) == pytest.approx(shift_power(seeds, size), abs=0.05)
