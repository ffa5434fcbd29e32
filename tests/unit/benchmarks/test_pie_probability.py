import sys

import numpy as np
import pytest

from helpers.benchmark_script import load
from pielab import files


@pytest.fixture
def predictions(tmp_path):
    """Return the predictions of seeds 0 to 7 of dense and of pruned models, in two blocks."""
    rng = np.random.default_rng(0)
    text = rng.normal(0, 1.5, (60, 2))
    for method, moved in (("dense/none", 0.0), ("mp/sparsity90", 1.0)):
        own = text + moved * rng.normal(size=text.shape)
        for block in (range(4), range(4, 8)):
            logits = own + 0.5 * rng.normal(size=(4, *text.shape))
            name = f"seeds{block.start}-{block.stop - 1}.test.safetensors"
            files.write_arrays(
                tmp_path / "reviews/net" / method / name,
                {"seeds": np.array(block), "logits": logits.astype(np.float32)},
            )
    return tmp_path


def run(monkeypatch, capsys, *options):
    monkeypatch.setattr(sys, "argv", ["pie_probability", *map(str, options)])
    load("pie_probability").main()
    return capsys.readouterr().out


def test_it_judges_each_cell_by_the_other_seeds(predictions, monkeypatch, capsys):
    few = ("--replicates", 4, "--null-replicates", 4, "--draws", 2, "--null-draws", 2)
    said = run(monkeypatch, capsys, "--predictions", predictions, *few)
    rows = {(line.split()[0], " ".join(line.split()[2:4])) for line in said.splitlines()}
    assert ("reviews/net/mp/sparsity90", "of judges") in rows
    assert ("reviews/net", "4 raw") in rows  # of dense


def test_a_probability_foresees_more_than_votes(predictions):
    script = load("pie_probability")
    ((_, dense, compressed),) = script.cells(predictions, "", "test")
    assert dense.shape == (8, 60, 2)
    scores = script.judge(dense, compressed, 3, 10)
    assert scores["probability"][1] < scores["vote"][1]


def test_a_folder_without_cells_is_refused(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="no cell with dense models"):
        run(monkeypatch, capsys, "--predictions", tmp_path)


def test_calibration_says_what_was_said_and_seen():
    said, seen = np.array([0.1, 0.1, 0.9, 1.0]), np.array([0, 1, 1, 1])
    text = load("pie_probability").calibration(said, seen)
    assert text.split("  ")[0] == "0.10/0.50 (50.0 %)"
    assert text.split("  ")[-1] == "0.95/1.00 (50.0 %)"
