"""Give figures a look for the dark: greys turn round, colours keep their hue, heat maps stay."""

import re

GROUND, INK = (0x14, 0x17, 0x1B), (0xE8, 0xEA, 0xED)  # the page's, as in common.css
LEAST_CONTRAST = 3.0  # of a mark with its ground (WCAG 2.2, 1.4.11)
PAINT = re.compile(r"(fill|stroke): (#[0-9a-f]{6})")
HEAT_MAPS = ':not([id^="QuadMesh"] *)'  # a colour there is a number, which its scale says

Colour = tuple[int, ...]


def with_dark_mode(svg: str) -> str:
    """Return an SVG of Matplotlib with a style that holds where the reader's screen is dark."""
    rules = [f"text:not([style*='fill:']) {{ fill: {_hex(INK)} !important }}"]
    for paint, colour in sorted(set(PAINT.findall(svg))):
        dark = _hex(in_the_dark(_parts(colour)))
        if dark != colour:
            rules.append(
                f"[style*='{paint}: {colour}']{HEAT_MAPS} {{ {paint}: {dark} !important }}"
            )
    style = f"<style>@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>"
    return svg.replace("</defs>", f"{style}</defs>", 1)


def in_the_dark(colour: Colour) -> Colour:
    """Return a grey turned round between ink and ground, or a colour bright enough to be seen."""
    if len(set(colour)) == 1:
        return _mix(INK, GROUND, colour[0] / 255)
    light = 0.0
    while contrast(_mix(colour, (255,) * 3, light), GROUND) < LEAST_CONTRAST:
        light += 0.05
    return _mix(colour, (255,) * 3, light)


def contrast(first: Colour, second: Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour with a share of another."""
    return tuple(round(a + share * (b - a)) for a, b in zip(first, second, strict=True))


def _parts(colour: str) -> Colour:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
