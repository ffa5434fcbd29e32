"""A figure that is drawn once for all formats."""

import io

import numpy as np
import pytest
from matplotlib import image
from matplotlib import pyplot as plt
from matplotlib.patches import Circle

from pielab.figures import style
from pielab.figures.recording import Recording


def everything():
    """Return a figure of all kinds of things that figures are made of."""
    figure, (one, other, third) = plt.subplots(1, 3, figsize=(6, 2), layout="constrained")
    one.plot([0, 1, 2], [1, 3, 2], "o--", label="line")
    one.axhspan(1.5, 2.5, hatch="//", facecolor="0.9")
    one.set_ylim(1.2, 2.8)  # cuts the line
    one.set_ylabel("two\nlines", rotation=90)
    other.scatter([0, 1, 2], [1, 2, 3], s=[10, 40, 90], c=["r", "g", "b"], label="points")
    other.fill_between([0, 2], [0, 1], [1, 2], alpha=0.3)
    clipped = other.plot([0, 2], [3, 0])[0]
    clipped.set_clip_path(Circle((1, 1.5), 0.5, transform=other.transData))
    mesh = third.pcolormesh(np.arange(6).reshape(2, 3))
    figure.colorbar(mesh, ax=third, label="$x^2$")
    third.annotate("here", (1, 1), (2, 0.5), arrowprops={"arrowstyle": "->"})
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def pixels(figure, dpi):
    """Return a figure's brightness in squares of 4 x 4 pixels."""
    file = io.BytesIO()
    figure.savefig(file, dpi=dpi)
    file.seek(0)
    grey = image.imread(file)[:, :, :3].mean(axis=2)
    rows, columns = (size // 4 for size in grey.shape)
    return grey[: 4 * rows, : 4 * columns].reshape(rows, 4, columns, 4).mean(axis=(1, 3))


@pytest.mark.parametrize("dpi", [72, 200])
def test_a_recorded_figure_looks_as_it_does_without(dpi):
    with style.style():
        figure = everything()
        recorded = Recording(figure)  # which leaves the figure laid out
        plain, again = pixels(figure, dpi), pixels(recorded, dpi)
    assert plain.shape == again.shape
    differs = abs(plain - again) > 0.3  # a text may be off by half a pixel
    assert differs.mean() < 0.001, np.argwhere(differs)


def test_a_recorded_figure_is_the_same_svg_as_without(tmp_path):
    with style.style():
        figure = everything()
        recorded = Recording(figure)
        for name, drawn in {"plain": figure, "recorded": recorded}.items():
            drawn.savefig(tmp_path / f"{name}.svg", metadata={"Date": None})
    plain, again = ((tmp_path / f"{name}.svg").read_text() for name in ("plain", "recorded"))
    assert again.count("<text") == plain.count("<text")
    assert again.count("<use") == plain.count("<use")
    assert abs(len(again) - len(plain)) < 0.01 * len(plain)


def test_all_formats_of_a_figure_take_one_layout_and_one_drawing(tmp_path, monkeypatch):
    drawn = []
    with style.style():
        figure = everything()
        draw = type(figure.axes[0]).draw
        monkeypatch.setattr(
            type(figure.axes[0]), "draw", lambda own, to: (drawn.append(own), draw(own, to))
        )
        style.save(figure, [str(tmp_path / f"one.{name}") for name in ("svg", "pdf", "png")], 50)
    assert len(drawn) == len(figure.axes)


def test_what_cannot_be_recorded_is_an_error_and_not_left_out():
    with style.style():
        figure, axes = plt.subplots()
        axes.imshow(np.eye(3))
        with pytest.raises(NotImplementedError):
            Recording(figure)
