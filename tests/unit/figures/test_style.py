"""How figures are written."""

import io
import re
import zlib

from fontTools.subset import Options
from fontTools.ttLib import TTFont
from matplotlib import pyplot as plt

from pielab.figures import style


def test_the_fonts_of_a_pdf_hold_outlines_and_nothing_that_sets_text(tmp_path):
    path, default = tmp_path / "one.pdf", list(Options._drop_tables_default)
    with style.style():
        figure, axes = plt.subplots()
        axes.set_title("AVATAR")
        style.save(figure, [str(path)], 50)
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", path.read_bytes(), re.DOTALL)
    fonts = [own for own in map(unpacked, streams) if own.startswith(b"\x00\x01\x00\x00")]
    assert fonts
    for own in fonts:
        tables = set(TTFont(io.BytesIO(own)).keys())
        assert {"glyf", "loca", "hmtx"} <= tables
        assert not tables & {"GDEF", "GPOS", "GSUB", "kern"}
    assert Options._drop_tables_default == default  # of others' fonts nothing changes


def unpacked(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream
