import numpy as np

from pielab.analysis.data_map import grid


def test_texts_are_counted_in_a_grid_by_hand():
    confidence = np.array([0.985, 0.99, 1.0, 0.5, np.nan])
    variability = np.array([0.005, 0.019, 0.0, 0.5, 0.1])
    pie = np.array([True, False, False, True, True])
    found = grid(confidence, variability, pie, "models")
    assert found.to_dict("records") == [
        {"over": "models", "variability": 0.01, "confidence": 0.99, "texts": 3, "pies": 1},
        {"over": "models", "variability": 0.49, "confidence": 0.51, "texts": 1, "pies": 1},
    ]


def test_a_map_of_nothing_has_its_columns():
    found = grid(np.array([np.nan]), np.array([0.1]), np.array([True]), "epochs")
    assert found.empty
    assert list(found) == ["over", "variability", "confidence", "texts", "pies"]
