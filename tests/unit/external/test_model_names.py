"""The models of a group are told apart by name, ordered by seed and draw, and counted."""

import pytest

from pielab.external.model_names import arrange, check_at_most, names_of_files

SETTINGS = {"files": ["f.csv"], "seeds": 2, "draws": 1}


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["dense/seed1.csv", "dense/seed10.csv"], ["1", "10"]),
        (["m/seed1/int8", "m/seed2/int8"], ["1", "2"]),
        (["resnet50-a.npz", "resnet50-b.npz"], ["a", "b"]),
        (["int8-seed1-draw2.csv", "int8-seed2-draw1.csv"], ["1/2", "2/1"]),
        (["a.csv", "b_final.csv"], ["a", "b_final"]),
        (["only7.csv"], ["only7"]),
        (["x/p.csv", "y/sub/p.csv"], ["x:p.csv", "y:sub:p.csv"]),
    ],
)
def test_files_of_one_model_each_are_named_by_what_varies(paths, names):
    assert names_of_files(paths) == names


def test_models_are_ordered_by_seed_and_draw_whatever_file_comes_first():
    names = ["10/1", "9/2", "10/2", "9/1"]
    order = arrange(names, SETTINGS | {"draws": 2})
    assert [names[row] for row in order] == ["9/1", "9/2", "10/1", "10/2"]


@pytest.mark.parametrize(
    ("names", "changed", "said"),
    [
        (["1", "1"], {}, "f.csv: the models 1 occur more than once; expected each once"),
        (["1"], {}, r"f.csv: 1 models \(1\); expected 2, the model's seeds"),
        (
            ["1/1", "1/2", "2/1", "3/1", "3/2", "3/3"],
            {"seeds": 3, "draws": 2},
            "f.csv: draws by seed 1: 2, 2: 1, 3: 3; expected 2 for each seed",
        ),
    ],
)
def test_models_that_are_missing_or_doubled_are_named(names, changed, said):
    with pytest.raises(ValueError, match=said):
        arrange(names, SETTINGS | changed)


def test_a_column_that_differs_in_each_row_is_no_seed():
    settings = SETTINGS | {"columns": {"seed": "run", "draw": "draw"}}
    with pytest.raises(
        ValueError, match=r"f\.csv: 3 models, one for each row; expected 2.*seed: run"
    ):
        check_at_most(["1", "2", "3"], "f.csv", settings)
    check_at_most(["1", "2", "2", "1"], "f.csv", settings)


def test_draws_of_a_seed_are_no_seeds():
    with pytest.raises(ValueError, match=r"draws by seed 1: 2; expected 1 for each seed"):
        arrange(["1/0", "1/1"], SETTINGS, is_named=True)
    assert arrange(["2/0", "1/0"], SETTINGS, is_named=True) == [1, 0]
    assert arrange(["01/05", "01/06"], SETTINGS) == [0, 1]  # parts of the names of files
