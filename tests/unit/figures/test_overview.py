"""The first screen's picture: what is far away stands at the edge, and no label hides another."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from pielab.figures import drawing, style
from pielab.figures.levels import levels_of_study
from pielab.figures.overview import overview

COLOURS = {"imp-ft": (0.0, 0.2, 0.6), "ibp-ai": (0.7, 0.4, 0.0)}
ROW = {"dataset": "films", "model": "bert", "baseline": "dense", "primary": True, "seeds": 9}
ROW |= {"collapsed": False, "examples": 100, "replicates": 9, "differ_by": "seed", "q": 0.01}
ROW |= {"is_compressed": True, "level_unit": "percent", "split": "test", "score_baseline": 0.9}


def pies(points):
    """Return rows of pies.csv for points (change, excess) in percent, three levels a method."""
    names = [(method, level) for method in COLOURS for level in (50.0, 90.0, 99.0)]
    return pd.DataFrame(
        ROW
        | {"method": method, "level": level, "level_text": f"{level:g} %"}
        | {"score_compressed": 0.9 + change / 100, "excess": excess}
        | {"excess_low": excess - 1, "excess_high": excess + 1}
        for (method, level), (change, excess) in zip(names, points, strict=False)
    )


def draw(points, **changes):
    with style.style(), levels_of_study(pies(points)):
        figure = overview(pies(points).assign(**changes), COLOURS, {"films": "Accuracy"})
        figure.canvas.draw()
        notes = [one for one in figure.axes[0].get_children() if isinstance(one, Annotation)]
        return figure.axes[0], [one for one in notes if one.get_text()]


NEAR = [(0.4, 0.1), (-0.6, 1.5), (-6.6, 5.3), (-0.4, 0.7), (-5.8, 4.8)]


def test_a_version_far_from_all_others_stands_at_the_edge_with_its_numbers():
    panel, notes = draw([*NEAR, (-60.3, 54.5)])
    low, high = panel.get_xlim()
    assert (low > -12, high < 3, panel.get_ylim()[1] < 12) == (True, True, True)
    said = [note.get_text() for note in notes]
    assert "99 %: −60.3 points, +54.5 %" in said
    assert sorted(set(said)) == ["50 %", "90 %", "99 %", "99 %: −60.3 points, +54.5 %"]
    (at,) = [note.xy for note in notes if "points" in note.get_text()]
    assert low < at[0] < -6
    assert 6 < at[1] < panel.get_ylim()[1]


@pytest.mark.parametrize("points", [[*NEAR, (-9.0, 8.0)], [(0.4, 0.1), (-12.0, 15.0)]])
def test_what_is_not_far_or_alone_with_few_others_keeps_its_place(points):
    panel, notes = draw(points)
    assert panel.get_xlim()[0] < min(change for change, _ in points)
    assert not [note for note in notes if "points" in note.get_text()]


def test_a_collapsed_version_stands_at_the_edge_too():
    panel, notes = draw([*NEAR, (-60.3, 54.5)], collapsed=[False] * 5 + [True])
    assert panel.get_xlim()[0] > -12
    assert "99 %: −60.3 points, +54.5 %" in [note.get_text() for note in notes]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_no_label_lies_on_another_or_outside_however_close_six_versions_are(seed):
    rng = np.random.default_rng(seed)
    spread = (0.05, 0.3, 1.0, 4.0)[seed % 4]
    _, notes = draw([(x, y) for x, y in rng.normal(0, spread, (6, 2))] + [(5.0, 5.0)])
    panel = notes[0].axes.get_window_extent()
    boxes = [note.get_window_extent() for note in notes]
    assert len(notes) == 6
    for at, box in enumerate(boxes):
        assert panel.x0 <= box.x0 <= box.x1 <= panel.x1
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_the_picture_has_the_primary_comparison_alone():
    rows = pd.concat([pies(NEAR), pies(NEAR).assign(primary=False, baseline="control")])
    look = style.Look(COLOURS, list(COLOURS), {"films": "Macro-F1"}, "colorblind")
    with style.style():
        figure = drawing.draw("overview", {"pies": rows}, look)
    marks = [line for line in figure.axes[0].get_lines() if line.get_marker() in ("o", "s")]
    assert sum(len(line.get_xdata()) for line in marks if line.get_ms() < 9) == len(NEAR)
    assert figure.axes[0].get_xlabel() == "Macro-F1 change (points)"
