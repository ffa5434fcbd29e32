"""Figures in the dark: what was white is dark, what must be seen is seen, heat maps stay."""

import pytest

from pielab.pages.night import GROUND, INK, LEAST_CONTRAST, at_night, contrast, with_night

SVG = """<svg><defs></defs><path style="fill: #ffffff"/><path style="stroke: #482576"/>
<g id="QuadMesh_1"><path style="fill: #440154"/></g></svg>"""


def test_white_and_black_change_places_with_the_page_s_ground_and_ink():
    assert at_night((255, 255, 255)) == GROUND
    assert at_night((0, 0, 0)) == INK
    middle = at_night((128, 128, 128))
    assert all(low < part < high for low, part, high in zip(GROUND, middle, INK, strict=True))


@pytest.mark.parametrize("colour", [(1, 115, 178), (72, 37, 118), (0, 0, 60), (222, 143, 5)])
def test_every_colour_can_be_told_from_the_ground(colour):
    assert contrast(at_night(colour), GROUND) >= LEAST_CONTRAST
    if contrast(colour, GROUND) >= LEAST_CONTRAST:
        assert at_night(colour) == colour


def test_contrast_is_21_of_black_and_white():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_the_style_holds_in_the_dark_only_and_leaves_heat_maps_as_they_are():
    styled = with_night(SVG)
    assert "@media (prefers-color-scheme: dark)" in styled
    assert "[style*='fill: #ffffff']:not([id^=\"QuadMesh\"] *) { fill: #14171b" in styled
    assert styled.index("<style>") < styled.index("<path")
