"""Figures in the dark: what was white is dark, what must be seen is seen, heat maps stay."""

import pytest

from pielab.pages.dark_mode import (
    GROUND,
    INK,
    LEAST_CONTRAST,
    contrast,
    in_the_dark,
    with_dark_mode,
)

SVG = """<svg><defs></defs><path style="fill: #ffffff"/><path style="stroke: #482576"/>
<g id="QuadMesh_1"><path style="fill: #440154"/></g></svg>"""


def test_white_and_black_change_places_with_the_page_s_ground_and_ink():
    assert in_the_dark((255, 255, 255)) == GROUND
    assert in_the_dark((0, 0, 0)) == INK
    middle = in_the_dark((128, 128, 128))
    assert all(low < part < high for low, part, high in zip(GROUND, middle, INK, strict=True))


@pytest.mark.parametrize("colour", [(1, 115, 178), (72, 37, 118), (0, 0, 60), (222, 143, 5)])
def test_every_colour_can_be_told_from_the_ground(colour):
    assert contrast(in_the_dark(colour), GROUND) >= LEAST_CONTRAST
    if contrast(colour, GROUND) >= LEAST_CONTRAST:
        assert in_the_dark(colour) == colour


def test_contrast_is_21_of_black_and_white():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_the_style_holds_in_the_dark_only_and_leaves_heat_maps_as_they_are():
    styled = with_dark_mode(SVG)
    assert "@media (prefers-color-scheme: dark)" in styled
    assert "[style*='fill: #ffffff']:not([id^=\"QuadMesh\"] *) { fill: #14171b" in styled
    assert styled.index("<style>") < styled.index("<path")
