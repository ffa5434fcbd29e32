import pytest

from pielab import machine


@pytest.fixture
def nodes(tmp_path, monkeypatch):
    """A folder of device files with one GPU, and a torch that can use it."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(machine, "version", lambda package: "2.13.0")
    for name in ("nvidia0", "nvidiactl"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_gpu_is_told_by_the_drivers_file_of_it(nodes):
    assert machine.has_gpu("auto", nodes)
    assert machine.has_gpu("cuda", nodes)
    (nodes / "nvidia0").unlink()
    assert not machine.has_gpu("auto", nodes)


def test_a_gpu_that_jobs_do_not_use_does_not_count(nodes, monkeypatch):
    assert not machine.has_gpu("cpu", nodes)
    monkeypatch.setattr(machine, "version", lambda package: "2.13.0+cpu")
    assert not machine.has_gpu("auto", nodes)
    monkeypatch.setattr(machine, "version", lambda package: "2.13.0")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not machine.has_gpu("auto", nodes)


def test_jobs_whose_torch_is_not_installed_here_may_use_a_gpu(nodes, monkeypatch):
    def missing(package):
        raise machine.PackageNotFoundError(package)

    monkeypatch.setattr(machine, "version", missing)
    assert machine.has_gpu("auto", nodes)
