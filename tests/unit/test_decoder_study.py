"""The shipped study of a decoder that is trained as a classifier."""

from pathlib import Path

import pytest
import yaml

from helpers.dataset_settings import SCHEMA
from pielab.config import check_config
from pielab.job_settings import jobs
from pielab.study import Study

ROOT = Path(__file__).parents[2]


def study(name):
    config = yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8"))
    return Study(check_config(config, SCHEMA))


@pytest.fixture(scope="module")
def decoder():
    return study("decoder.yaml")


def test_it_reads_the_texts_of_the_default_study_as_long_as_that_does(decoder):
    default = study("config.yaml")
    assert jobs.fetch(decoder, "bbc") == jobs.fetch(default, "bbc")
    tokens = {
        own["max_tokens"] for each in (decoder, default) for own in each.training["bbc"].values()
    }
    assert tokens == {32}


def test_two_of_thirty_layers_of_five_seeds_are_compressed_at_two_levels_with_one_draw(decoder):
    model = decoder.models["smollm2"]
    assert (model["architecture"], model["freeze_layers"]) == ("transformer", 28)
    assert decoder.blocks("smollm2") == ["0-2", "3-4"]
    cells = {(cell.method, cell.level) for cell in decoder.cells}
    levels = {f"sparsity{level}" for level in (50, 90)}
    assert {("imp-ft", level) for level in levels} <= cells
    assert {("wanda", level) for level in levels} <= cells
    assert ("int8", "bits8") in cells
    assert all(decoder.n_models("smollm2", method) == 5 for method, _ in cells)
