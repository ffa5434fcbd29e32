"""Where models compute."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from pielab.training import devices, processors


@pytest.fixture
def by_onednn(monkeypatch):
    """Compute on a processor whose linear layers are faster by oneDNN."""
    monkeypatch.setattr(processors, "linear_kernel", lambda processor, trains=False: "oneDNN")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")


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


@pytest.mark.parametrize("shape", [(7, 12), (3, 5, 12), (1, 12)])
@pytest.mark.parametrize("bias", [True, False])
def test_fast_linear_layers_say_the_same_and_each_row_whatever_rows_are_beside_it(
    shape, bias, by_onednn
):
    layer, read = nn.Linear(12, 9, bias), torch.randn(shape, generator=torch.manual_seed(0))
    with torch.no_grad():
        expected = layer(read)
        with devices.fast_linears(torch.device("cpu")):
            assert nn.functional.linear is not torch._C._nn.linear
            found, alone = layer(read), layer(read[:1])
    assert found.layout == torch.strided
    assert torch.allclose(found, expected, atol=1e-5)
    assert torch.allclose(found[:1], alone, atol=1e-6)
    assert nn.functional.linear is torch._C._nn.linear


def trained(layer, read, kernel):
    """Return what a layer says and its gradients, of the same loss by either kernel."""
    layer.zero_grad()
    own = read.detach().requires_grad_()
    with kernel:
        output = layer(own[:, :2])  # with gaps between its rows
    output.square().sum().backward()
    return [output, own.grad, *(parameter.grad for parameter in layer.parameters())]


@pytest.mark.parametrize("shape", [(40, 2, 12), (9, 3, 12), (40, 12)])
@pytest.mark.parametrize("bias", [True, False])
def test_training_computes_the_same_gradients_and_the_same_bits_each_time(shape, bias, by_onednn):
    layer, read = nn.Linear(12, 9, bias), torch.randn(shape, generator=torch.manual_seed(0))
    layer = layer if len(shape) == 3 else nn.Linear(2, 9, bias)
    expected = trained(layer, read, nullcontext())
    found, again = (
        trained(layer, read, devices.fast_linears(torch.device("cpu"), trains=True)) for _ in "ab"
    )
    assert "_Linear" in found[0].grad_fn.name()
    for own, other, third in zip(expected, found, again, strict=True):
        assert (own - other).norm() <= 1e-5 * own.norm()
        assert torch.equal(other, third)


def test_frozen_weights_get_no_gradient_and_those_behind_them_do(by_onednn):
    layers = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 5).requires_grad_(False))
    with devices.fast_linears(torch.device("cpu"), trains=True):
        layers(torch.ones(20, 5)).sum().backward()
    assert layers[0].weight.grad is not None
    assert layers[1].weight.grad is None


def test_few_rows_train_by_torch_s_own_kernel(by_onednn):
    layer, read = nn.Linear(12, 9), torch.ones(devices.FEWEST_ROWS, 12)
    with devices.fast_linears(torch.device("cpu"), trains=True):
        assert "_Linear" in layer(read).grad_fn.name()
        assert "_Linear" not in layer(read[1:]).grad_fn.name()


def test_bfloat16_is_left_to_torch(by_onednn):
    cpu, layer = torch.device("cpu"), nn.Linear(12, 9)
    with devices.fast_linears(cpu), torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        assert layer(torch.ones(20, 12)).dtype == torch.bfloat16


def test_weights_of_other_kinds_than_float32_are_left_to_torch(by_onednn):
    class Tagged(torch.Tensor):
        """A weight that computes by itself."""

    read = torch.randn(3, 12)
    for weight in (torch.randn(9, 12).as_subclass(Tagged), torch.randn(9, 12).double()):
        with torch.no_grad(), devices.fast_linears(torch.device("cpu")):
            found = nn.functional.linear(read.to(weight.dtype), weight)
        assert type(found) is type(weight)
        assert found.dtype == weight.dtype


def test_linear_layers_compute_as_ever_where_the_table_of_processors_does_not_say_otherwise(
    by_onednn, monkeypatch
):
    monkeypatch.setattr(processors, "linear_kernel", lambda processor, trains=False: "MKL")
    assert isinstance(devices.fast_linears(torch.device("cpu")), nullcontext)


def test_predictions_name_the_processor_and_the_kernel_that_made_them(monkeypatch):
    zen = processors.Processor("AuthenticAMD", 26, 2)
    monkeypatch.setattr(processors, "this_processor", lambda: zen)
    assert devices.describe(torch.device("cpu"), wanted=True) == {
        "device": "cpu",
        "precision": "float32",
        "processor": "AuthenticAMD family 26 model 2",
        "kernel": "oneDNN",
    }
    described = devices.describe(torch.device("cpu"), wanted=True, trains=True)
    assert described["training_kernel"] == "oneDNN"
    monkeypatch.setattr(processors, "this_processor", lambda: None)
    assert devices.describe(torch.device("cpu"), True) == {"device": "cpu", "precision": "float32"}


def test_linear_layers_compute_as_ever_on_a_gpu_and_on_narrow_processors(by_onednn, monkeypatch):
    assert isinstance(devices.fast_linears(torch.device("cuda")), nullcontext)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    assert isinstance(devices.fast_linears(torch.device("cpu")), nullcontext)


@pytest.fixture
def computing():
    """What sets this process up to compute; all is as ever afterwards."""
    threads = torch.get_num_threads()
    yield devices.make_deterministic
    devices.make_deterministic(threads)


def test_by_itself_no_cpu_computes_in_bfloat16(computing, monkeypatch):
    monkeypatch.setattr(processors, "why_no_bfloat16", lambda: "")
    cpu = torch.device("cpu")
    for precision, taken in {"auto": False, "float32": False, "bfloat16": True}.items():
        computing(1, precision)
        assert devices.takes_bfloat16(cpu) is taken
        assert devices.describe(cpu, wanted=True)["precision"] == (
            "bfloat16" if taken else "float32"
        )
        assert devices.describe(cpu, wanted=False)["precision"] == "float32"  # a BiLSTM
        with devices.autocast(cpu, wanted=True):
            product = torch.randn(2, 3) @ torch.randn(3, 2)
        assert product.dtype == (torch.bfloat16 if taken else torch.float32)


@pytest.mark.parametrize(
    ("precision", "has", "taken"),
    [("auto", True, True), ("auto", False, False), ("float32", True, False)],
)
def test_a_gpu_that_has_bfloat16_takes_it_unless_the_config_says_float32(
    computing, monkeypatch, precision, has, taken
):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has)
    computing(1, precision)
    assert devices.takes_bfloat16(torch.device("cuda")) is taken


def test_bfloat16_is_refused_where_the_device_lacks_it(computing, monkeypatch):
    computing(1, "bfloat16")
    monkeypatch.setattr(processors, "why_no_bfloat16", lambda: "x has none")
    with pytest.raises(ValueError, match=r"compute\.precision: bfloat16; x has none: expected"):
        devices.autocast(torch.device("cpu"), wanted=True)
    assert not devices.autocast(torch.device("cpu"), wanted=False).__dict__["_enabled"]
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    with pytest.raises(ValueError, match="the GPU has no bfloat16"):
        devices.takes_bfloat16(torch.device("cuda"))
