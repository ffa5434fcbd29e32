"""Fonts of pdf files, cut to size once and not for each figure."""

import string
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

from matplotlib.font_manager import get_font

LETTERS = string.printable + "\u2212\ufb00\ufb01\ufb02\ufb03"  # minus, and ff, fi, fl and ffi
SETTING = ("GDEF", "GPOS", "GSUB", "kern")  # tables of a font that say how to set text


class Cut(NamedTuple):
    """A font without most of its glyphs, by the names of Matplotlib's own `SubsetResults`."""

    font: bytes
    glyph_index_map: dict[int, int]


@contextmanager
def cut_once() -> Iterator[None]:
    """Write within this context pdf files whose fonts have all of LETTERS, and what else they need.

    Such a font is cut once for all figures. Tables that say how to set text are left out.
    """
    from fontTools.subset import Options
    from matplotlib.backends import _backend_pdf_ps  # slow, and for pdf alone

    backend: Any = _backend_pdf_ps
    cut, as_file = backend.get_glyphs_subset, backend.font_as_file
    tables = Options._drop_tables_default

    def subset(path: Any, glyphs: Collection[int]) -> AbstractContextManager[Cut]:
        return nullcontext(_cut(cut, as_file, path, frozenset(glyphs) | _usual(path)))

    backend.get_glyphs_subset, backend.font_as_file = subset, BytesIO
    Options._drop_tables_default = [*tables, *SETTING]
    try:
        yield
    finally:
        backend.get_glyphs_subset, backend.font_as_file = cut, as_file
        Options._drop_tables_default = tables


@cache
def _usual(path: Any) -> frozenset[int]:
    """Return a font's numbers of the glyphs that LETTERS are set with."""
    glyphs = get_font(path).get_charmap()
    return frozenset(glyphs[ord(one)] for one in LETTERS if ord(one) in glyphs)


@cache
def _cut(
    cut: Callable[..., Any], as_file: Callable[..., BytesIO], path: Any, glyphs: frozenset[int]
) -> Cut:
    """Return a font that has no other glyphs."""
    with cut(path, glyphs) as subset:
        return Cut(as_file(subset.font).getvalue(), subset.glyph_index_map)
