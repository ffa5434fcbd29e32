import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.dataset_settings import SCHEMA, config
from pielab.cells import LEVEL, CellKey, Comparison, any_of, level_path, pie_files, read_level
from pielab.config import check_config
from pielab.study import Study

ENCODER = {"architecture": "encoder", "pretrained": "x", "seeds": 1}
CONTROL = {"criterion": "none", "schedule": "iterative"}


def study(**values):
    return Study(check_config(config(**values), SCHEMA))


def two_by_two():
    """Return a study of a BiLSTM and an encoder, of a method that prunes and a control."""
    training = config()["training"]["toy"]["bilstm"]
    return study(
        models__bert=ENCODER,
        training__toy={"bert": training, "bilstm": training},
        methods__control=CONTROL,
    )


def test_the_cells_are_each_pair_by_each_method_at_each_sparsity_and_a_control_once():
    assert two_by_two().cells == [
        CellKey("toy", "bert", "imp-ft", "sparsity50"),
        CellKey("toy", "bert", "imp-ft", "sparsity90"),
        CellKey("toy", "bert", "control", "none"),
        CellKey("toy", "bilstm", "imp-ft", "sparsity50"),
        CellKey("toy", "bilstm", "imp-ft", "sparsity90"),
        CellKey("toy", "bilstm", "control", "none"),
    ]


def test_pruned_cells_are_the_cells_without_those_of_controls():
    own = two_by_two()
    pruned = [each.cell for each in own.pruned_comparisons if each.baseline == "dense"]
    assert pruned == [cell for cell in own.cells if cell.method != "control"]
    assert own.controls == ["control"]


def test_a_model_that_is_described_and_not_trained_has_no_cell():
    own = study(models__bert=ENCODER, datasets__other={"source": "imdb_local"})
    assert own.pairs == [("toy", "bilstm")]
    assert own.studied_datasets == ["toy"]
    assert own.comparisons_of("toy", "bert") == []
    assert own.pretrained_models == ["bert"]
    assert own.word_models == ["bilstm"]


def test_only_methods_at_initialisation_do_without_the_dense_models():
    at_initialisation = {"criterion": "random", "schedule": "at-initialisation"}
    assert study(methods__rp=at_initialisation).iterative_methods == ["imp-ft"]


@pytest.mark.parametrize(
    ("seeds", "size", "blocks"),
    [
        (2, 10, ["0-1"]),
        (2, 1, ["0-0", "1-1"]),
        (10, 4, ["0-3", "4-7", "8-9"]),
        (8, 4, ["0-3", "4-7"]),
    ],
)
def test_seeds_are_cut_into_blocks_the_last_of_which_may_be_smaller(seeds, size, blocks):
    own = study(models__bilstm__seeds=seeds, models__bilstm__seeds_per_job=size)
    assert own.blocks("bilstm") == blocks


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
def test_blocks_hold_each_seed_once_and_more_seeds_leave_full_blocks_as_they_are(seeds, size, more):
    blocks, longer = (
        study(models__bilstm__seeds=number, models__bilstm__seeds_per_job=size).blocks("bilstm")
        for number in (seeds, seeds + more)
    )
    spans = [tuple(map(int, block.split("-"))) for block in blocks]
    assert [seed for first, last in spans for seed in range(first, last + 1)] == [*range(seeds)]
    full = seeds // size
    assert longer[:full] == blocks[:full]


def test_the_files_of_a_cell_are_one_a_block_or_one_a_split():
    own = study(models__bilstm__seeds_per_job=1)
    cell = CellKey("toy", "bilstm", "imp-ft", "sparsity50")
    folder = "results/predictions/toy/bilstm/imp-ft/sparsity50"
    assert own.prediction_files(cell, "test") == [
        f"{folder}/seeds0-0.test.safetensors",
        f"{folder}/seeds1-1.test.safetensors",
    ]
    path = "results/pies/toy/bilstm/imp-ft/sparsity50.control.test.parquet"
    assert pie_files([Comparison(*cell, "control")], "test.parquet") == [path]
    assert own.by_browsed_split("{dataset}.{split}") == ["toy.test", "toy.train"]


def test_a_pattern_gives_a_path_for_each_thing_that_its_wildcards_name():
    own = two_by_two()
    assert own.expand("{dataset}.csv") == ["toy.csv"]
    assert own.expand("{dataset}/{model}.csv") == ["toy/bert.csv", "toy/bilstm.csv"]
    assert own.expand("{dataset}/{model}/{method}/{level}") == ["/".join(c) for c in own.cells]
    assert study(models__bilstm__seeds_per_job=1).expand("{dataset}/{model}/{seeds}") == [
        "toy/bilstm/0-0",
        "toy/bilstm/1-1",
    ]
    paths = own.expand("{dataset}/{model}/{method}/{level}/{seeds}")
    assert paths[0] == "toy/bert/imp-ft/sparsity50/0-0"
    assert len(paths) == 6


def test_a_row_of_a_table_has_the_level_as_a_number():
    assert CellKey("toy", "bilstm", "imp-ft", "sparsity5").row() == {
        "dataset": "toy",
        "model": "bilstm",
        "method": "imp-ft",
        "level": 5.0,
    }


@pytest.mark.parametrize(
    ("spelled", "number", "unit", "text", "is_compressed"),
    [
        ("sparsity5", 5, "percent", "5 %", True),
        ("sparsity99.5", 99.5, "percent", "99.5 %", True),
        ("bits4", 4, "bits", "4 bits", True),
        ("as-given", 0, "none", "as given", True),
        ("none", 0, "none", "not compressed", False),
    ],
)
def test_paths_spell_a_level_with_its_unit(spelled, number, unit, text, is_compressed):
    assert read_level(spelled) == (number, unit, text, is_compressed)
    assert spelled in ("as-given", "none", level_path(number, unit))
    assert re.fullmatch(LEVEL, spelled)


@given(st.sets(st.floats(0, 100, exclude_min=True, exclude_max=True), min_size=1))
def test_levels_in_paths_are_distinct_match_the_workflows_pattern_and_give_the_number_back(
    percents,
):
    names = [level_path(percent, "percent") for percent in percents]
    assert len(set(names)) == len(percents)
    assert all(re.fullmatch(LEVEL, name) for name in names)
    assert [CellKey("a", "b", "c", name).row()["level"] for name in names] == list(percents)


def test_a_pattern_of_names_matches_just_these_names():
    assert re.fullmatch(any_of(["a", "a.b"]), "a.b")
    assert not re.fullmatch(any_of(["a", "a.b"]), "acb")
    assert not re.fullmatch(any_of([]), "")


RANDOM = {"criterion": "random", "schedule": "at-initialisation"}


@pytest.mark.parametrize(
    ("baseline", "imp_ft"),
    [("both", ["dense", "control"]), ("dense", ["dense"]), ("control", ["control"])],
)
def test_what_trains_longer_is_compared_with_a_control_that_does_too(baseline, imp_ft):
    control = {"criterion": "none", "schedule": "iterative"}
    own = study(methods__rp=RANDOM, methods__control=control, pies__baseline=baseline)
    assert own.baselines("imp-ft") == imp_ft
    assert own.baselines("rp") == own.baselines("control") == ["dense"]
    primary = {(each.method, each.baseline) for each in own.primary_comparisons}
    assert primary == {("imp-ft", imp_ft[-1]), ("rp", "dense"), ("control", "dense")}
    assert len(own.primary_comparisons) == len(own.cells)


def test_without_a_control_all_are_compared_with_the_dense_models():
    assert {each.baseline for each in study(methods__rp=RANDOM).comparisons} == {"dense"}
