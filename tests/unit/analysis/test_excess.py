import pandas as pd

from pielab.analysis.excess import surely_above_seeds


def test_a_cell_is_surely_above_seeds_if_both_test_and_interval_say_so():
    cells = pd.DataFrame(
        {"q": [0.01, 0.01, 0.2, 0.05, None], "excess_low": [3.0, -3.5, 3.0, 0.1, 1.0]}
    )
    assert list(surely_above_seeds(cells)) == [True, False, False, True, False]
