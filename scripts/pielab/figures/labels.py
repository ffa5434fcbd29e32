"""Write labels beside points so that none lies on another, on a point or on a bar."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

RADII = (6, 10, 15, 21, 28, 36, 46, 58)  # points from a label's point to its nearest edge
ANGLES = (30, -30, 150, -150, 75, -75, 105, -105, 0, 180)  # degrees, in the order of taste
FAR = 12  # points from which on a line leads to the label
GAP = 1.5  # points between a label and anything else


class Label(NamedTuple):
    """A text and the point of the panel's data that it belongs to."""

    text: str
    x: float
    y: float


def place_labels(panel: Axes, labels: Sequence[Label], avoid: Sequence[Bbox]) -> list[Annotation]:
    """Write labels where there is room, and return them; one without any room is left out.

    The figure must be laid out, since room is known in pixels only.

    Parameters
    ----------
    avoid : sequence of Bbox
        What no label may cover, in pixels: points and bars.
    """
    figure = panel.get_figure(root=True)
    assert figure is not None
    canvas, unit = FigureCanvasAgg(figure), figure.dpi / 72  # pixels of a point
    inside, taken, written = panel.get_window_extent(), list(avoid), []
    for label in labels:
        note = panel.annotate(
            label.text,
            (label.x, label.y),
            xytext=(0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7,
            annotation_clip=False,
        )
        note.set_in_layout(False)
        extent = note.get_window_extent(canvas.get_renderer())
        width, height = extent.width / unit, extent.height / unit
        place = _place(width, height, extent, inside, taken, unit)
        if place is None:
            note.remove()
            continue
        (x, y), box = place
        note.set_position((x, y))
        taken.append(box)
        written.append(note)
        near = [
            min(max(0.0, middle - half), middle + half)
            for middle, half in ((x, width / 2), (y, height / 2))
        ]
        if math.hypot(*near) > FAR:
            panel.annotate(
                "",
                (label.x, label.y),
                xytext=(near[0], near[1]),
                textcoords="offset points",
                arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "0.5", "shrinkB": 3},
                annotation_clip=False,
            ).set_in_layout(False)
    return written


def _place(
    width: float, height: float, point: Bbox, inside: Bbox, taken: Sequence[Bbox], unit: float
) -> tuple[tuple[float, float], Bbox] | None:
    """Return the first offset in points, and the box there, that meets nothing; None if all do."""
    for radius in RADII:
        for angle in ANGLES:
            along, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            x, y = along * (radius + width / 2), up * (radius + height / 2)
            box = point.translated(x * unit, y * unit).padded(GAP * unit)
            if _within(box, inside) and not any(box.overlaps(other) for other in taken):
                return (x, y), box
    return None


def _within(box: Bbox, panel: Bbox) -> bool:
    return panel.x0 <= box.x0 and box.x1 <= panel.x1 and panel.y0 <= box.y0 and box.y1 <= panel.y1
