"""Where models compute."""

import pytest
import torch

from pielab.training import devices


def test_a_gpu_that_was_asked_for_or_given_is_not_replaced_by_a_cpu_in_silence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv("SLURM_JOB_GPUS", raising=False)
    assert devices.choose_device("auto").type == devices.choose_device("cpu").type == "cpu"
    with pytest.raises(ValueError, match=r"compute.device: cuda; torch .* finds none"):
        devices.choose_device("cuda")
    monkeypatch.setenv("SLURM_JOB_GPUS", "0")
    assert devices.choose_device("cpu").type == "cpu"
    with pytest.raises(ValueError, match="SLURM gave this job a GPU"):
        devices.choose_device("auto")


def test_memory_is_kept_where_malloc_can_and_nothing_happens_elsewhere(monkeypatch):
    asked = []

    class Library:
        mallopt = staticmethod(lambda *pair: asked.append(pair))

    monkeypatch.setattr(devices.ctypes, "CDLL", lambda name: Library)
    devices.keep_memory()
    assert asked == [(-3, 2**29), (-1, -1)]
    monkeypatch.setattr(devices.ctypes, "CDLL", lambda name: object())
    devices.keep_memory()
