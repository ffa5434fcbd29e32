"""A figure laid out and drawn once, for files of any format.

What takes Matplotlib longest is to find out where ticks, labels and lines are, and it does so again
for each format. Here a figure is drawn into a list of what a renderer is asked for, in points. Each
format's own renderer is then asked for the same.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform, TransformedPath

POINTS = 72  # in an inch

IDENTITY = Affine2D().get_matrix()
Call = Callable[[Any, Affine2D], None]  # of a renderer, by which points become its pixels


class Recorder(RendererBase):
    """Keeps what it is asked to draw; positions are in points."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.size = (figure.bbox.width, figure.bbox.height)
        self.calls: list[Call] = []

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the figure's size in points."""
        return self.size

    def flipy(self) -> bool:
        """Say that texts are placed from below, as all else is."""
        return False

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Return the size of a line of text, in points."""
        return _size(s, prop, ismath)

    def _get_font_height_metrics(
        self, prop: FontProperties
    ) -> tuple[float | None, float | None, float | None]:
        """Return how far a font reaches above and below a line, and the gap between two.

        Matplotlib asks here first, and else opens the font each time that it places a text.
        """
        return _height(prop.copy())

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Keep that artists follow which belong together."""
        self.calls.append(lambda to, scale: to.open_group(s, gid))

    def close_group(self, s: str) -> None:
        """Keep that these artists end."""
        self.calls.append(lambda to, scale: to.close_group(s))

    def start_rasterizing(self) -> None:
        """Keep that vector formats hold what follows as an image, such as the shades of a key."""
        self.calls.append(lambda to, scale: to.start_rasterizing())

    def stop_rasterizing(self) -> None:
        """Keep that the image ends."""
        self.calls.append(lambda to, scale: to.stop_rasterizing())

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        """Keep a path."""
        gc, transform = _kept(gc), transform.frozen()
        self.calls.append(
            lambda to, scale: to.draw_path(_for(to, gc, scale), path, transform + scale, rgbFace)
        )

    def draw_markers(
        self, gc: Any, marker_path: Any, marker_trans: Any, path: Any, trans: Any, *fill: Any
    ) -> None:
        """Keep a marker and its places."""
        gc, own, places = _kept(gc), marker_trans.frozen(), trans.frozen()
        self.calls.append(
            lambda to, scale: to.draw_markers(
                _for(to, gc, scale), marker_path, own + scale, path, places + scale, *fill
            )
        )

    def draw_path_collection(
        self, gc: Any, master_transform: Any, paths: Any, *looks: Any, **named: Any
    ) -> None:
        """Keep many paths, and their places."""
        if not len(paths):  # Matplotlib asks whether this can be done
            return
        transforms, offsets, offset_trans, *rest = looks
        gc, own, places = _kept(gc), master_transform.frozen(), offset_trans.frozen()
        self.calls.append(
            lambda to, scale: to.draw_path_collection(
                _for(to, gc, scale),
                (own + scale).frozen(),
                paths,
                transforms,
                offsets,
                places + scale,
                *rest,
                **named,
            )
        )

    def draw_quad_mesh(self, gc: Any, master_transform: Any, *mesh: Any) -> None:
        """Keep a grid of coloured fields."""
        *fields, offset_trans, faces, smooth, edges = mesh
        gc, own, places = _kept(gc), master_transform.frozen(), offset_trans.frozen()
        self.calls.append(
            lambda to, scale: to.draw_quad_mesh(
                _for(to, gc, scale),
                (own + scale).frozen(),
                *fields,
                places + scale,
                faces,
                smooth,
                edges,
            )
        )

    def draw_text(self, gc: Any, x: float, y: float, *line: Any, **named: Any) -> None:
        """Keep a line of text: its letters, font, angle and artist."""
        letters, font, angle = line
        gc, font = _kept(gc), font.copy()

        def call(to: Any, scale: Affine2D) -> None:
            own_x, own_y = scale.transform((x, y))
            if to.flipy():
                own_y = to.get_canvas_width_height()[1] - own_y
            to.draw_text(_for(to, gc, scale), own_x, own_y, letters, font, angle, **named)

        self.calls.append(call)


class Canvas(FigureCanvasBase):
    """What a figure is laid out on and drawn by."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self.recorder = Recorder(figure)

    def get_renderer(self) -> Recorder:
        """Return what measures texts."""
        return self.recorder


class Recording(Figure):
    """A figure that draws what another one has drawn once, in any resolution."""

    def __init__(self, figure: Figure) -> None:
        figure.dpi = POINTS
        super().__init__(figsize=tuple(figure.get_size_inches()))
        recorder = Canvas(figure).get_renderer()
        if engine := figure.get_layout_engine():
            engine.execute(figure)
            figure.set_layout_engine(None)
        figure.draw(recorder)
        self.calls = recorder.calls

    def draw(self, renderer: RendererBase) -> None:
        """Ask a renderer for all that was drawn."""
        scales: dict[float, Affine2D] = {}
        for call in self.calls:
            dpi = self.dpi  # another one within images of vector formats
            scale = scales.setdefault(dpi, Affine2D().scale(dpi / POINTS))
            call(renderer, scale)


@cache
def _size(line: str, font: FontProperties, is_math: Any) -> tuple[float, float, float]:
    """Return width, height and descent of a line of text in points."""
    return RendererBase().get_text_width_height_descent(line, font, is_math)


@cache
def _height(font: FontProperties) -> tuple[float | None, float | None, float | None]:
    """Return ascent, descent and line gap of a font in points; None leaves them to Matplotlib."""
    opened = get_font(findfont(font))
    head, table = opened.get_sfnt_table("head"), opened.get_sfnt_table("OS/2")
    if head is None or table is None:
        return None, None, None
    scale = font.get_size_in_points() / head["unitsPerEm"]
    ascent, descent = table["sTypoAscender"], -table["sTypoDescender"]
    return ascent * scale, descent * scale, table["sTypoLineGap"] * scale


def _kept(gc: GraphicsContextBase) -> GraphicsContextBase:
    """Return how something is drawn, as it is now."""
    kept = GraphicsContextBase()
    kept.copy_properties(gc)
    if rectangle := gc.get_clip_rectangle():
        kept.set_clip_rectangle(rectangle.frozen())
    return kept


def _for(renderer: RendererBase, kept: GraphicsContextBase, scale: Affine2D) -> Any:
    """Return how something is drawn for a renderer."""
    gc = renderer.new_gc()
    gc.copy_properties(kept)
    if not np.array_equal(scale.get_matrix(), IDENTITY):
        if rectangle := kept.get_clip_rectangle():
            gc.set_clip_rectangle(rectangle.transformed(scale))
        path, transform = cast("tuple[Path | None, Transform]", kept.get_clip_path())
        if path is not None:
            gc.set_clip_path(TransformedPath(path, transform + scale))
    return gc
