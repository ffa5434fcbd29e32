"""Decoders: what of them is compressed, by which texts, and what the harness is handed."""

import json
import subprocess
from pathlib import Path

import pytest
import torch
import transformers

from helpers import tiny_decoder
from pielab import files
from pielab.training import batches, decoders, matrices
from pielab.training.architectures import decoder

needs_harness = pytest.mark.skipif(not tiny_decoder.PYTHON.is_file(), reason="needs make harness")
CPU = torch.device("cpu")


@pytest.fixture
def fetched(tmp_path):
    """A function that fetches a tiny decoder and returns the path of its weights."""

    def fetch(kind="llama", **how):
        source, folder = tmp_path / f"{kind}-source", tmp_path / kind
        tiny_decoder.save(source, kind, **how)
        folder.mkdir()
        decoder.fetch({"revision": None}, str(source), str(folder))
        return folder / "model.safetensors"

    return fetch


@pytest.fixture
def settings(tmp_path):
    """A function that returns a job's settings, with a method or without."""
    tasks = tiny_decoder.write_tasks(tmp_path / "tasks")

    def of(method=None, level=None, draw=0):
        drawn = {"file": str(tasks / "calibration.jsonl"), "column": "text", "examples": 8}
        drawn |= {"tokens": 16, "draws": 3}
        method = method and {**method, **({"calibration": drawn} if "calibrates" in method else {})}
        own = {"model": {"architecture": "decoder"}, "device": "cpu", "threads": 1, "draw": draw}
        own |= {"tasks": ["colour", "word"], "tasks_from": str(tasks), "limit": None}
        own |= {"num_fewshot": None, "batch_size": 4, "level": level}
        return own | ({"method": method} if method else {})

    return of


WANDA = {"compressor": "wanda", "calibrates": True}
SPARSEGPT = {"compressor": "sparsegpt", "calibrates": True, "damping": 0.01, "block": 128}
MAGNITUDE = {"criterion": "magnitude", "schedule": "after-training"}


def states(model):
    return {name: own.detach().clone() for name, own in model.named_parameters()}


@pytest.mark.parametrize("kind", tiny_decoder.CONFIGS)
def test_all_linear_layers_but_the_head_are_compressed_and_no_embeddings(fetched, settings, kind):
    model = decoders.compressed(settings(), fetched(kind), CPU)
    found = set(matrices.matrices(model))
    linear = {
        f"{name}.weight"
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"
    }
    assert found == linear - {"model.lm_head.weight"}
    assert len(found) == (8 if kind == "gpt2" else 14)


@pytest.mark.parametrize("kind", tiny_decoder.CONFIGS)
def test_nothing_else_changes_when_a_decoder_is_rounded(fetched, settings, kind):
    path = fetched(kind)
    dense = states(decoders.compressed(settings(), path, CPU))
    method = {"compressor": "quantise", "bits": 8, "group": None}
    model = decoders.compressed(settings(method, 8), path, CPU)
    changed = {name for name, own in states(model).items() if not own.equal(dense[name])}
    assert changed == set(matrices.matrices(model))


@pytest.mark.parametrize("method", [MAGNITUDE, WANDA, SPARSEGPT], ids=["once", "wanda", "gpt"])
@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_half_of_each_matrix_is_pruned(fetched, settings, kind, method):
    model = decoders.compressed(settings(method, 50), fetched(kind), CPU)
    for weight in matrices.matrices(model).values():
        assert (weight == 0).sum() == weight.numel() // 2


def test_draws_are_of_different_texts_and_a_draw_is_the_same_each_time(fetched, settings):
    path = fetched()
    once, again, other = (
        states(decoders.compressed(settings(WANDA, 50, draw), path, CPU)) for draw in (0, 0, 1)
    )
    assert all(own.equal(again[name]) for name, own in once.items())
    assert any(not own.equal(other[name]) for name, own in once.items())


def test_wanda_prunes_what_is_small_times_what_the_first_tokens_of_all_texts_make_it_read(
    fetched, settings
):
    path = fetched()
    own = settings(WANDA, 50)
    own["method"]["calibration"]["examples"] = 20  # all of the file
    model = decoders.compressed(own, path, CPU)
    plain = transformers.AutoModelForCausalLM.from_pretrained(path.parent)
    layer, read = plain.model.layers[0].self_attn.q_proj, []
    layer.register_forward_pre_hook(lambda module, given: read.append(given[0][0]))
    lines = Path(own["method"]["calibration"]["file"]).read_text(encoding="utf-8").splitlines()
    for line in lines:
        ids = tiny_decoder.tokenizer()(json.loads(line)["text"])["input_ids"][:16]
        plain(torch.tensor([ids]))
    norms = torch.cat(read).detach().double().square().sum(dim=0).sqrt()
    scores = layer.weight.detach().abs().double() * norms
    kept = scores >= scores.sort(dim=1).values[:, 8, None]
    found = model.model.model.layers[0].self_attn.q_proj.weight
    assert (found != 0).equal(kept)


@pytest.mark.parametrize("kind", tiny_decoder.CONFIGS)
def test_a_batch_gives_what_transformers_says_of_the_next_token(fetched, settings, kind):
    path = fetched(kind)
    model = decoders.compressed(settings(), path, CPU)
    plain = transformers.AutoModelForCausalLM.from_pretrained(path.parent)
    texts = batches.from_ids([[3, 4, 5], [7], [9, 8]])
    batch = batches.collate(texts, torch.arange(3), model.padding)
    for row, ids in enumerate([[3, 4, 5], [7], [9, 8]]):
        expected = plain(torch.tensor([ids])).logits[0, -1]
        torch.testing.assert_close(model(batch)[row], expected, rtol=1e-5, atol=1e-5)


def test_a_model_answers_in_the_precision_in_which_it_is_saved(fetched, settings):
    path = fetched(dtype=torch.bfloat16)
    model = decoders.compressed(settings(MAGNITUDE, 50), path, CPU)
    assert next(model.parameters()).dtype == torch.float32
    assert model.answering().dtype == torch.bfloat16


def test_a_classifier_or_a_folder_without_a_model_is_refused_in_one_line(tmp_path):
    with pytest.raises(ValueError, match="no causal language model") as caught:
        decoder.fetch({"revision": None}, str(tmp_path), str(tmp_path / "out"))
    assert "\n" not in str(caught.value)


def test_a_calibration_text_is_cut_to_its_first_tokens():
    found = decoders.first_tokens(["abcdef", "xy"], tiny_decoder.tokenizer(), 3)
    assert [len(ids) for ids in found] == [3, 2]
    with pytest.raises(ValueError, match="has no tokens"):
        decoders.first_tokens([""], tiny_decoder.tokenizer(), 3)


def asked(tmp_path, job):
    """Run a job in the environment of the harness, and return its logs and results."""
    outputs = {"samples": [f"{tmp_path}/{name}.jsonl" for name in job["settings"]["tasks"]]}
    more = {name: f"{tmp_path}/{name}.json" for name in ("results", "weights")}
    job = job | {"outputs": outputs | more}
    (tmp_path / "job.json").write_text(json.dumps(job))
    command = [tiny_decoder.PYTHON, "-m", "pielab.training.asking", tmp_path / "job.json"]
    run = subprocess.run(command, capture_output=True, text=True, env=OFFLINE, check=False)
    assert run.returncode == 0, run.stderr
    rows = {
        name: [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
        for name, path in zip(job["settings"]["tasks"], outputs["samples"], strict=True)
    }
    return rows, files.read_json(f"{tmp_path}/results.json")


OFFLINE = {"PYTHONPATH": "scripts", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
OFFLINE |= {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"}


@needs_harness
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_the_harness_says_of_the_model_in_memory_what_its_command_says_of_the_exported_folder(
    tmp_path, fetched, settings, kind, monkeypatch
):
    monkeypatch.setitem(OFFLINE, "HF_HOME", str(tmp_path / "hub"))
    path, own = fetched(kind), settings(WANDA, 50, 1)
    rows, results = asked(tmp_path, {"settings": own, "inputs": {"pretrained": str(path)}})
    folder = tmp_path / "exported"
    decoders.export(own, str(path), folder)
    command = [tiny_decoder.PYTHON.parent / "lm_eval", "run", "--model", "hf", "--tasks"]
    command += ["colour,word", "--include_path", own["tasks_from"], "--batch_size", "4"]
    command += ["--model_args", f"pretrained={folder}", "--device", "cpu", "--log_samples"]
    command += ["--output_path", tmp_path / "out"]
    run = subprocess.run(command, capture_output=True, text=True, env=OFFLINE, check=False)
    assert run.returncode == 0, run.stderr
    for task, logged in rows.items():
        (log,) = (tmp_path / "out").rglob(f"samples_{task}_*.jsonl")
        assert [json.loads(line) for line in log.read_text("utf-8").splitlines()] == logged
    (said,) = (tmp_path / "out").rglob("results_*.json")
    for task, scores in files.read_json(said)["results"].items():
        own_scores = results["results"][task]
        assert {key: value for key, value in scores.items() if "stderr" not in key} == {
            key: value for key, value in own_scores.items() if "stderr" not in key
        }


@needs_harness
@pytest.mark.slow
def test_a_task_that_the_harness_does_not_know_is_refused_by_name(tmp_path, fetched, settings):
    job = {"settings": settings() | {"tasks": ["colour", "taste"]}, "inputs": {}}
    job["inputs"] = {"pretrained": str(fetched())}
    with pytest.raises(AssertionError, match="ValueError: tasks: 'taste'; expected a task in"):
        asked(tmp_path, job)
