"""The table of processors."""

import re

import pytest

from pielab.training import processors
from pielab.training.processors import FAMILIES, Processor, linear_kernel, measured, this_processor


@pytest.mark.parametrize(
    ("vendor", "family", "model", "kernel"),  # the same in training
    [
        ("AuthenticAMD", 25, 17, "MKL"),  # AVX-512 in two halves
        ("AuthenticAMD", 26, 2, "oneDNN"),
        ("GenuineIntel", 6, 167, "MKL"),
        ("GenuineIntel", 6, 85, "MKL"),  # not measured
        ("GenuineIntel", 26, 2, "MKL"),
        ("AuthenticAMD", 25, 1, "MKL"),
    ],
)
def test_the_kernel_of_linear_layers_is_known_by_family(vendor, family, model, kernel):
    processor = Processor(vendor, family, model)
    assert linear_kernel(processor) == linear_kernel(processor, trains=True) == kernel


def test_a_kernel_that_nobody_measured_in_training_does_not_train(monkeypatch):
    row = processors.Family("AuthenticAMD", 25, [18], 90, 180, 80)
    monkeypatch.setattr(processors, "FAMILIES", (row,))
    assert linear_kernel(Processor("AuthenticAMD", 25, 18)) == "oneDNN"
    assert linear_kernel(Processor("AuthenticAMD", 25, 18), trains=True) == "MKL"


def test_of_a_processor_that_nobody_measured_all_is_as_torch_chooses():
    assert measured(None) is None
    assert linear_kernel(None) == "MKL"


def test_no_processor_has_two_rows():
    for row in FAMILIES:
        for model in row.models or [0]:
            processor = Processor(row.vendor, row.family, model)
            assert [one for one in FAMILIES if measured(processor) == one] == [row]


def test_a_processor_is_named_as_linux_does(tmp_path):
    path = tmp_path / "cpuinfo"
    core = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n"
    path.write_text(f"processor\t: 0\n{core}\nprocessor\t: 1\n{core}")
    assert str(this_processor(path)) == "AuthenticAMD family 25 model 17"


@pytest.mark.parametrize("text", [None, "", "vendor_id : x\ncpu family : y\nmodel : 1\n"])
def test_where_no_processor_is_named_there_is_none(tmp_path, text):
    path = tmp_path / "cpuinfo"
    if text is not None:
        path.write_text(text)
    assert this_processor(path) is None


@pytest.mark.parametrize(
    ("model", "flags", "why"),
    [
        (17, "fma avx512_bf16", ""),
        (17, "fma", "has neither avx512_bf16 nor AMX"),
        (99, "amx_bf16", ""),  # not measured
        (18, "avx512_bf16", r"is slower with it \(80 GFLOP/s instead of 90\)"),
    ],
)
def test_bfloat16_needs_its_instructions_and_a_table_that_does_not_speak_against_it(
    tmp_path, monkeypatch, model, flags, why
):
    slow = processors.Family("AuthenticAMD", 25, [18], 90, 64, 80)
    monkeypatch.setattr(processors, "FAMILIES", (*FAMILIES, slow))
    path = tmp_path / "cpuinfo"
    path.write_text(f"vendor_id: AuthenticAMD\ncpu family: 25\nmodel: {model}\nflags: {flags}\n")
    said = processors.why_no_bfloat16(path)
    assert re.search(why, said) if why else said == ""
