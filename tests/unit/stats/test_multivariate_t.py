import numpy as np
import pytest

from pielab.stats import multivariate_t


@pytest.mark.parametrize("classes", [3, 4])
def test_winners_that_no_draw_can_change_are_those_of_all_draws(classes, monkeypatch):
    rng = np.random.default_rng(classes)
    loads = rng.normal(size=(300, 2 * classes, 2 * classes))
    scale = loads @ loads.swapaxes(1, 2) * rng.choice([1e-4, 0.1, 1], 300)[:, None, None]
    location = 3 * rng.normal(size=(300, 2 * classes))
    quick = multivariate_t.winners_differ(location, scale, 20.0)

    none = np.zeros(300, dtype=bool)
    found = []
    plain = multivariate_t._winners

    def nothing_is_certain(*arguments):
        found.append(plain(*arguments)[0])
        return none, none

    monkeypatch.setattr(multivariate_t, "_winners", nothing_is_certain)
    np.testing.assert_array_equal(quick, multivariate_t.winners_differ(location, scale, 20.0))
    assert 50 < found[0].sum() < 250  # both kinds of examples are among them


def test_the_winners_differ_for_sure_where_each_side_is_far_from_a_tie():
    location = np.array([[9.0, 0.0, 0.0, 0.0, 9.0, 0.0], [9.0, 0.0, 0.0, 9.0, 0.0, 0.0]])
    scale = np.repeat(0.01 * np.eye(6)[None], 2, axis=0)
    assert multivariate_t.winners_differ(location, scale, 30.0).tolist() == [1.0, 0.0]
