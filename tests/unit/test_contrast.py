"""PIEs' text complexity against that of the other examples."""

import numpy as np
import pandas as pd

from pielab import contrast


def test_means_medians_and_delta_of_a_hand_made_measure():
    measures = pd.DataFrame({"tokens": [4, 6, 1, 3], "smog": [1.0, np.nan, 2.0, 2.0]})
    table = contrast.contrast_measures(measures, np.array([True, True, False, False]))
    tokens, smog = (row for _, row in table.iterrows())
    assert (tokens["pies"], tokens["others"], smog["pies"], smog["others"]) == (2, 2, 1, 2)
    assert (tokens["mean_pies"], tokens["mean_others"], tokens["mean_all"]) == (5, 2, 3.5)
    assert (tokens["median_pies"], tokens["median_others"]) == (5, 2)
    assert (tokens["cliffs_delta"], smog["cliffs_delta"]) == (1, -1)


def test_a_cell_without_pies_has_no_effect_and_no_error():
    table = contrast.contrast_measures(pd.DataFrame({"tokens": [4, 6]}), np.zeros(2, dtype=bool))
    row = table.iloc[0]
    assert (row["pies"], row["others"], row["mean_others"]) == (0, 2, 5)
    assert np.isnan([row["mean_pies"], row["cliffs_delta"], row["median_pies"]]).all()
