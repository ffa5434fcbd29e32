"""The figures of PIE probabilities: what is drawn is what the tables say."""

import numpy as np
import pytest

from helpers.result_tables import DRAWN, MEASURES, study
from pielab.figures import drawing, style


@pytest.fixture(scope="module")
def made():
    methods, tables = study("one pair")
    tables = {
        name: table.query("split == 'test'") if "split" in table else table
        for name, table in tables.items()
    }
    return methods, tables


def draw(made, name, **changed):
    methods, tables = made
    settings = {"methods": methods, "palette": "colorblind", "measures": MEASURES, "drawn": DRAWN}
    with style.style():
        return drawing.draw(name, tables | changed, style.look(settings))


def test_what_few_seeds_know_is_the_mean_over_cells_that_work(made):
    seeds = made[1]["seeds"]
    seeds = seeds.assign(precision_votes=seeds["precision_votes"] * (1 + seeds["level"] / 100))
    precision, brier, *_ = draw(made, "few_seeds", seeds=seeds).axes
    lines = {line.get_label(): line for line in precision.get_lines()}
    own = seeds.query("primary and not collapsed and level > 0")
    means = own.groupby("seeds")["precision_votes"].mean().dropna()
    np.testing.assert_allclose(lines["vote's PIEs"].get_xdata(), means.index)
    np.testing.assert_allclose(lines["vote's PIEs"].get_ydata(), means)
    assert brier.get_ylabel() == "Brier score"


def test_too_few_seeds_say_why_nothing_is_drawn(made):
    unknown = {name: np.nan for name in ("precision_votes", "precision_probability")}
    panel = draw(made, "few_seeds", seeds=made[1]["seeds"].assign(**unknown)).axes[0]
    assert not panel.get_lines()
    (words,) = [text.get_text() for text in panel.texts]
    assert "12 are needed" in words


def test_cells_lie_at_their_share_by_vote_and_by_probability(made):
    panel = draw(made, "vote_or_probability").axes[0]
    lines = {line.get_label(): line for line in panel.get_lines()}
    pies = made[1]["pies"].query("primary and not collapsed and level > 0")
    np.testing.assert_allclose(lines["cells"].get_xdata(), 100 * pies["pie_share"])
    share = 100 * pies["expected_pies"] / pies["examples"]
    np.testing.assert_allclose(lines["cells"].get_ydata(), share)
    assert {"classes", "influence bins"} <= set(lines)


def test_one_seed_has_no_probabilities_and_says_so(made):
    unknown = {
        "pies": made[1]["pies"].assign(expected_pies=np.nan),
        "classes": made[1]["classes"].assign(pie_rate_by_probability=np.nan),
        "influence_bins": made[1]["influence_bins"].assign(pie_share_by_probability=np.nan),
    }
    panel = draw(made, "vote_or_probability", **unknown).axes[0]
    assert "one seed" in panel.texts[0].get_text()
