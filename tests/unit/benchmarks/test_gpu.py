import multiprocessing
import sys
from contextlib import nullcontext
from functools import partial
from unittest.mock import Mock

import pytest
import torch
import transformers

from helpers.benchmark_script import load
from pielab.training.architectures import bilstm

CARD = torch.device("cpu:0")  # not the same as "cpu": the tests' card


@pytest.fixture(autouse=True)
def denormals():
    """Undo what a job does to the process's arithmetic, which other tests rely on."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture(scope="module")
def gpu():
    return load("gpu")


@pytest.fixture(scope="module", autouse=True)
def narrow():
    """Let models be narrow: they pass through the same checks, in a tenth of the time."""
    narrow = {"hidden_size": 48, "intermediate_size": 64, "vocab_size": 1000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bilstm, "HIDDEN", 8)
        patch.setattr(transformers, "BertConfig", partial(transformers.BertConfig, **narrow))
        yield


@pytest.fixture(scope="module")
def all_cases(gpu, tmp_path_factory):
    return gpu.gpu_checks.cases(tmp_path_factory.mktemp("models"), 40)


def on_a_card_that_is_off_by(share, case):
    """Return the case on a card whose weights are off by this share."""

    class Off(type(case)):
        def build(self, device, seed=0):
            model = super().build(device, seed)
            if device == CARD:
                with torch.no_grad():
                    for weight in model.parameters():
                        weight.mul_(1 + share * torch.randn_like(weight))
            return model

    return Off(**vars(case))


@pytest.mark.slow
def test_without_a_gpu_it_runs_through_and_says_what_could_not_be_checked(
    gpu, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    few = ("--examples", "16", "--seeds", "1", "--jobs", "1")
    where = ("--throughput", str(tmp_path / "throughput.csv"))
    monkeypatch.setattr(sys, "argv", ["gpu", *few, *where])
    with gpu.gpu_checks.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        same = Mock(return_value=nullcontext(pool))  # to start one imports torch
        monkeypatch.setattr(gpu.gpu_checks, "ProcessPoolExecutor", same)
        gpu.main()
    assert [made.args[0] for made in same.call_args_list] == [1, 1]
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    said = {line.split(" | ")[0].strip("| "): line.split(" | ")[1] for line in lines[1:]}
    for what in ("gradients", "logits", "masks", "PIEs", "a resumed job", "1 jobs on one card"):
        assert {said[f"{what}, {model}"] for model in ("BiLSTM", "BERT")} == {
            "no GPU, the CPU agrees with itself"
        }
    for what in ("speed against padded float32", "throughput"):
        assert said[what] == "not checked: no GPU"
    assert not (tmp_path / "throughput.csv").exists()


@pytest.mark.parametrize("model", [0, 1])
def test_a_card_that_rounds_agrees_and_one_that_is_wrong_does_not(gpu, all_cases, model):
    checks = gpu.gpu_checks
    for share, right in ((1e-5, True), (0.2, False)):
        case = on_a_card_that_is_off_by(share, all_cases[model])
        assert checks.check_gradients(case, CARD).right is right
    masks = checks.check_masks(on_a_card_that_is_off_by(0.2, all_cases[model]), CARD)
    assert not masks.right
    assert "random 0," in masks.seen


@pytest.mark.slow
def test_pies_of_a_card_may_differ_by_half_of_what_seeds_change_or_by_a_fiftieth(gpu, all_cases):
    verdict = gpu.gpu_checks.check_pies(all_cases[1], CARD, 1)
    assert verdict.right
    assert "; 0 differ" in verdict.seen


def test_a_run_is_judged_by_how_far_the_card_repeats_itself(gpu):
    repeats, whole = gpu.gpu_checks._repeats, torch.ones(4)
    assert repeats("a job", whole, whole, whole).seen == "the same bits"
    assert not repeats("a job", whole, whole + 1e-6, whole).right
    assert repeats("a job", whole + 1e-6, whole + 2e-6, whole).right
    assert not repeats("a job", whole + 1e-6, whole + 1e-3, whole).right


@pytest.mark.slow
def test_both_ways_to_train_take_turns_at_small_shapes(gpu, monkeypatch):
    monkeypatch.setattr(gpu, "ROUNDS", 1)
    for verdict in (gpu.time_bilstm(CARD, 4, 2), gpu.time_bert(CARD, 4, 2, 1)):
        assert "times as fast as padded float32" in verdict.seen


def test_a_check_that_fails_ends_with_its_name(gpu, monkeypatch, capsys):
    monkeypatch.setattr(gpu, "check", lambda *given: iter([gpu.Verdict("masks", False, "off")]))
    monkeypatch.setattr(sys, "argv", ["gpu"])
    with pytest.raises(SystemExit, match="not as it should be: masks"):
        gpu.main()
    assert "| masks | NO | off |" in capsys.readouterr().out
