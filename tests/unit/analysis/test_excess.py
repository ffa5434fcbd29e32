import pandas as pd

from pielab.analysis.excess import surely_above_seeds


def test_a_cell_with_fewer_pies_than_seeds_make_is_never_surely_above():
    cells = pd.DataFrame({"q": [0.01, 0.01, 0.2, 0.05, None], "excess": [3.0, -3.5, 3.0, 0.1, 1.0]})
    assert list(surely_above_seeds(cells)) == [True, False, False, True, False]
