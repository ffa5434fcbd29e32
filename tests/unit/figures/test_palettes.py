"""seaborn's palettes are those of seaborn, without its imports."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import seaborn

from pielab.figures import palettes

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.mark.parametrize("name", ["colorblind", "husl", "flare", "crest_r", "Set2", "ch:s=.25"])
def test_a_palette_has_the_colours_of_seaborn(name):
    assert palettes.color_palette(name, 7) == list(seaborn.color_palette(name, 7))


def test_a_colour_map_has_the_colours_of_seaborn():
    shares = np.linspace(0, 1, 99)
    expected = seaborn.color_palette("vlag_r", as_cmap=True)(shares)
    assert (palettes.color_map("vlag_r")(shares) == expected).all()


@pytest.mark.slow
def test_seaborn_s_palettes_do_not_import_scipy_stats_and_seaborn_can_still_be_imported():
    code = (
        "import sys\n"
        "from pielab.figures import palettes\n"
        "colours = palettes.color_palette('flare', 3)\n"
        "assert not {'scipy.stats', 'seaborn'} & set(sys.modules)\n"
        "import seaborn\n"
        "assert seaborn.color_palette('flare', 3) == colours\n"
        "assert palettes.color_palette('flare', 3) == colours\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
