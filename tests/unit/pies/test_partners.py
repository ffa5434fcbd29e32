"""Baseline and compressed models that were made elsewhere pair by name."""

import json

import numpy as np
import pytest

from pielab import files
from pielab.pies.partners import check_partners, check_precision, read_names


def test_a_seed_without_a_partner_is_named():
    dense, int8 = [str(seed) for seed in range(1, 7)], [str(seed) for seed in range(2, 8)]
    with pytest.raises(ValueError, match="partner: 1 among the baseline, 7 among the compressed"):
        check_partners([dense, int8])


def test_a_single_model_has_a_single_partner_of_its_name():
    with pytest.raises(ValueError, match="partner: 1 among the baseline, 2 among the compressed"):
        check_partners([["1"], ["2"]])


@pytest.mark.parametrize(
    "groups",
    [
        [["1", "2"], ["2", "1"]],
        [["1", "2"], ["1/1", "1/2", "2/1", "2/2"]],
        [["1"], ["1"]],
        [["only"], ["a", "b"]],  # one dense model, and draws of it
        [[], ["1", "2"]],  # trained here, or read from logs
    ],
)
def test_models_with_partners_are_accepted(groups):
    check_partners(groups)


def test_names_are_read_where_they_pair(tmp_path):
    arrays, names = {"logits": np.zeros(2)}, {"names": json.dumps(["1", "2"])}
    files.write_arrays(tmp_path / "a", arrays, names)
    files.write_arrays(tmp_path / "b", arrays, names | {"unpaired": "logs"})
    files.write_arrays(tmp_path / "c", arrays)
    assert read_names([tmp_path / name for name in "abc"]) == ["1", "2"]


def test_names_of_a_file_of_the_last_release_are_read(tmp_path):
    files.write_arrays(tmp_path / "a", {"logits": np.zeros(2)}, {"members": '["1", "2"]'})
    assert read_names([tmp_path / "a"]) == ["1", "2"]


def test_a_single_model_has_a_name_only_if_its_file_has_one(tmp_path):
    arrays, names = {"logits": np.zeros(1)}, {"names": json.dumps(["dense"])}
    files.write_arrays(tmp_path / "a", arrays, names)
    files.write_arrays(tmp_path / "b", arrays, names | {"named": "by its file"})
    assert read_names([tmp_path / "a"]) == []
    assert read_names([tmp_path / "b"]) == ["dense"]


def test_models_in_bfloat16_are_not_compared_with_others(tmp_path):
    paths = []
    for seed, precision in enumerate(["float32", "tensorfloat32", "bfloat16", None]):
        header = {} if precision is None else {"precision": precision}
        paths.append(str(tmp_path / f"seeds{seed}-{seed}.test.safetensors"))
        files.write_arrays(paths[-1], {"logits": np.zeros((1, 2, 2), np.float32)}, header)
    check_precision([[paths[0], paths[1]], [paths[3]]])
    check_precision([[paths[2]], [paths[2]]])
    with pytest.raises(ValueError, match=r"seeds2-2.*in bfloat16, and .*seeds3-3.* not; expected"):
        check_precision([[paths[0], paths[2]], [paths[3]]])
