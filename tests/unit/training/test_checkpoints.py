import itertools
import logging
from unittest.mock import Mock

import pytest
import torch
import transformers
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

import prune
import train_dense
from helpers.small_model import encoded
from pielab import files
from pielab.training import checkpoints, devices, loop
from pielab.training.architectures import bilstm as recurrent

SEEDS = range(1, 3)
EPOCHS = 2
TRAINING = {"epochs": EPOCHS, "learning_rate": 0.01, "batch_size": 8}
METHODS = {
    "imp-ft": {"criterion": "magnitude", "schedule": "iterative"},
    "iibp-wr": {"criterion": "impact", "schedule": "iterative", "rewind": True},
    "rp-ai": {"criterion": "random", "schedule": "at-initialisation"},
    "control": {"criterion": "none", "schedule": "iterative"},
    "imp-ft-focal": {"criterion": "magnitude", "schedule": "iterative"},
}
OBJECTIVES = {
    "imp-ft-focal": {"name": "focal-distillation", "teacher": "own"}
    | {"alpha": 1, "beta": 5, "temperature": 2}
}


class Killed(Exception):
    pass


class Study:
    """One model's inputs on disk, and its jobs, which can be stopped and started again."""

    def __init__(self, folder, architecture):
        self.folder, self.encoded, self.minutes = folder, folder / "train.safetensors", 0
        data = encoded(16)  # two batches an epoch
        names = ("ids", "offsets", "pair_start", "labels")
        header = {"n_classes": "2", "task": "single-label", "examples": "a1b2"}
        save_file({name: getattr(data, name) for name in names}, self.encoded, header)
        self.model = {"architecture": architecture, "freeze_embeddings": True}
        self.model["freeze_layers"] = None
        self.pretrained = folder / "model.safetensors"
        if architecture == "bilstm":
            vectors = torch.randn(20, 5, generator=torch.Generator().manual_seed(9))
            save_file({"vectors": vectors}, self.pretrained)
        else:
            torch.manual_seed(0)
            shape = {"vocab_size": 20, "hidden_size": 8, "num_attention_heads": 2}
            shape |= {"num_hidden_layers": 1, "intermediate_size": 8}  # and dropout of 0.1
            transformers.BertModel(transformers.BertConfig(**shape)).save_pretrained(folder)

    def run(self, method, result, code="", further=("early", "norms", "epochs"), **changes):
        """Run the job of a method, or train the dense models; return all that it wrote."""
        settings = {
            "model": self.model,
            "training": TRAINING | changes,
            "device": "cpu",
            "threads": 1,
        }
        inputs = [self.encoded, self.pretrained]
        params = [f"{method}{changes}", code]
        checkpoint = checkpoints.Checkpoint(result, self.minutes, params, inputs)
        paths = dict.fromkeys(("train", "test"), self.encoded) | {"pretrained": self.pretrained}
        outputs = {name: result.with_suffix(f".{name}") for name in ("train", "test")}
        outputs["weights"] = result
        if method == "dense":
            outputs |= {name: result.with_suffix(f".{name}") for name in further}
            train_dense.main(settings, SEEDS, checkpoint, paths, outputs)
        else:
            settings["method"] = METHODS[method] | {"impact_examples": 10}
            if method in OBJECTIVES:
                settings["objective"] = OBJECTIVES[method]
                paths["teachers"] = [str(self.folder / "dense.train")]
            if METHODS[method]["schedule"] == "iterative":
                paths["dense"] = self.folder / "dense.safetensors"
            prune.main(settings, SEEDS, 90, checkpoint, paths, outputs)
        return [path.read_bytes() for path in outputs.values()]


@pytest.fixture(scope="module", params=["bilstm", "encoder"])
def study(request, tmp_path_factory):
    study = Study(tmp_path_factory.mktemp(request.param), request.param)
    study.run("dense", study.folder / "dense.safetensors")
    return study


@pytest.fixture(scope="module")
def bilstm(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("one"), "bilstm")


@pytest.fixture(scope="module")
def whole(bilstm, tmp_path_factory):
    """Return all that the dense job writes that nothing stops."""
    return bilstm.run("dense", tmp_path_factory.mktemp("whole") / "whole.safetensors")


@pytest.fixture(scope="module", autouse=True)
def narrow():
    """Let BiLSTMs have eight units a direction: what is kept and goes on is the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrent, "HIDDEN", 8)
        yield


@pytest.mark.parametrize(("epochs", "passes"), [(1, 1), (2, 2)])
def test_after_a_single_epoch_the_training_texts_are_predicted_once(
    bilstm, tmp_path, monkeypatch, epochs, passes
):
    predicted = []
    plain = train_dense.predict.predict
    monkeypatch.setattr(
        train_dense.predict, "predict", lambda *given: predicted.append(given) or plain(*given)
    )
    result = tmp_path / "one.safetensors"
    bilstm.run("dense", result, further=("early",), epochs=epochs)
    early, train = (load_file(result.with_suffix(f".{name}")) for name in ("early", "train"))
    assert torch.equal(early["logits"], train["logits"]) is (epochs == 1)
    assert len(predicted) == len(SEEDS) * (passes + 1)  # and those to test


@pytest.fixture(autouse=True)
def denormals():
    """Undo what a job does to the process's arithmetic, which other tests rely on."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture
def epochs(monkeypatch):
    """A list of the epochs that are trained; `killed_after` counts those that end."""
    trained = Epochs()
    own = checkpoints.Checkpoint.save
    real = loop._train_epoch

    def counted(*args):
        *_, run, stage, epoch = args
        trained.append((run.seed, stage, epoch))
        real(*args)

    def save(*args, **kwargs):
        own(*args, **kwargs)
        if len(trained) == trained.killed_after:
            raise Killed

    monkeypatch.setattr(loop, "_train_epoch", counted)
    monkeypatch.setattr(checkpoints.Checkpoint, "save", save)
    return trained


class Epochs(list):
    killed_after = None


def stopped(study, epochs, count, method, result, **changes):
    """Run a job that dies after `count` epochs, and return these."""
    epochs.clear()
    epochs.killed_after = count
    with pytest.raises(Killed):
        study.run(method, result, **changes)
    trained = list(epochs)
    epochs.clear()
    epochs.killed_after = None
    return trained


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dense", *METHODS])
def test_a_job_stopped_after_each_epoch_goes_on_there_and_ends_the_same(
    study, method, tmp_path, epochs
):
    expected = study.run(method, tmp_path / "whole.safetensors")
    everything = list(epochs)
    stages = 3 if METHODS.get(method, {}).get("schedule") == "iterative" else 1
    assert len(everything) == len(SEEDS) * stages * EPOCHS
    result = tmp_path / "seeds1-2.safetensors"
    for epoch in everything:  # killed again and again
        assert stopped(study, epochs, 1, method, result) == [epoch]
    assert study.run(method, result) == expected
    assert not epochs
    early = len(everything) // 4  # killed once, within a stage
    assert stopped(study, epochs, early, method, result) == everything[:early]
    assert study.run(method, result) == expected
    assert epochs == everything[early:]
    assert not list(tmp_path.glob("*checkpoint*"))


def test_predictions_say_what_they_are_for_and_what_computed_them(bilstm, tmp_path):
    bilstm.run("dense", tmp_path / "whole.safetensors")
    for split in ("train", "test", "early"):
        arrays, header = files.read_arrays(tmp_path / f"whole.{split}")
        computed = devices.describe(torch.device("cpu"), wanted=False, trains=True)
        assert header == {"examples": "a1b2"} | computed
        assert arrays["seeds"].tolist() == list(SEEDS)


def test_weights_of_a_job_that_died_do_not_count_as_written(bilstm, tmp_path, epochs):
    stopped(bilstm, epochs, 3, "dense", tmp_path / "seeds1-2.safetensors")
    assert not (tmp_path / "seeds1-2.safetensors").exists()


def test_nothing_is_written_before_so_many_minutes_and_then_what_is_finished(
    bilstm, whole, tmp_path, epochs, monkeypatch
):
    clock = itertools.count(step=60)  # each epoch looks at it once
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(bilstm, "minutes", 3)
    result = tmp_path / "seeds1-2.safetensors"
    stopped(bilstm, epochs, 2, "dense", result)
    assert not list(tmp_path.glob("*checkpoint*"))
    stopped(bilstm, epochs, 3, "dense", result)
    assert len(list(tmp_path.glob("*checkpoint*"))) == 2  # seed 1, long finished, too
    assert bilstm.run("dense", result) == whole
    assert epochs == [(2, 0, 2)]


@pytest.mark.parametrize("change", [{"code": "other"}, {"learning_rate": 0.02}])
def test_other_settings_or_code_start_anew(bilstm, tmp_path, epochs, caplog, change):
    expected = bilstm.run("dense", tmp_path / "whole.safetensors", **change)
    everything = list(epochs)
    result = tmp_path / "seeds1-2.safetensors"
    stopped(bilstm, epochs, 3, "dense", result)
    with caplog.at_level(logging.INFO):
        assert bilstm.run("dense", result, **change) == expected
    assert epochs == everything
    assert "seeds1-2.seed1.checkpoint.safetensors is of other settings" in caplog.text
    assert not list(tmp_path.glob("*checkpoint*"))


def test_inputs_that_were_made_again_start_anew(bilstm, tmp_path, epochs):
    result = tmp_path / "seeds1-2.safetensors"
    stopped(bilstm, epochs, 3, "dense", result)
    bilstm.encoded.write_bytes(bilstm.encoded.read_bytes())
    bilstm.run("dense", result)
    assert len(epochs) == len(SEEDS) * EPOCHS


@pytest.mark.parametrize("length", [0, 7, 500, -1])
def test_a_torn_checkpoint_is_not_used_and_the_job_says_so(
    bilstm, whole, tmp_path, epochs, caplog, length
):
    result = tmp_path / "seeds1-2.safetensors"
    stopped(bilstm, epochs, 3, "dense", result)
    torn = tmp_path / "seeds1-2.seed2.checkpoint.safetensors"
    torn.write_bytes(torn.read_bytes()[:length])
    assert bilstm.run("dense", result) == whole
    assert epochs == [(2, 0, 1), (2, 0, 2)]
    assert "seed2.checkpoint.safetensors cannot be read and is not used" in caplog.text


@pytest.mark.parametrize("place", [-1, -3000, 0.5])
def test_a_checkpoint_with_a_flipped_bit_is_not_used_and_the_job_says_so(
    bilstm, whole, tmp_path, epochs, caplog, place
):
    result = tmp_path / "seeds1-2.safetensors"
    stopped(bilstm, epochs, 3, "dense", result)
    path = tmp_path / "seeds1-2.seed2.checkpoint.safetensors"
    content = bytearray(path.read_bytes())
    content[place if isinstance(place, int) else int(place * len(content))] ^= 4
    path.write_bytes(content)
    assert bilstm.run("dense", result) == whole
    assert epochs == [(2, 0, 1), (2, 0, 2)]
    assert "seed2.checkpoint.safetensors is damaged and is not used" in caplog.text


@pytest.mark.parametrize("error", [OSError("disk full"), SafetensorError("disk full")])
def test_a_job_goes_on_where_a_checkpoint_cannot_be_written(
    bilstm, whole, tmp_path, caplog, monkeypatch, error
):
    monkeypatch.setattr(checkpoints, "save_file", Mock(side_effect=error))
    assert bilstm.run("dense", tmp_path / "seeds1-2.safetensors") == whole
    path = tmp_path / "seeds1-2.seed1.checkpoint.safetensors"
    assert f"no checkpoint: {path}: not written: disk full" in caplog.text
    assert not [path for path in tmp_path.iterdir() if "checkpoint" in path.name]


def test_a_checkpoint_holds_no_optimizer_of_a_finished_stage_and_what_kills_left_is_removed(
    bilstm, tmp_path, epochs
):
    result = tmp_path / "seeds1-2.safetensors"
    stopped(bilstm, epochs, 3, "dense", result)
    finished, begun = (load_file(path) for path in sorted(tmp_path.glob("*checkpoint*")))
    assert {name.split("/")[0] for name in finished} == {"model", "kept"}
    assert {name.split("/")[0] for name in begun} == {"model", "kept", "adam"}
    left = tmp_path / ".0a1b2c3d.seeds1-2.seed2.checkpoint.safetensors"
    left.touch()
    bilstm.run("dense", result)
    assert not left.exists()


def test_dense_training_keeps_the_logits_of_each_epoch_and_what_the_last_layer_reads(study):
    kept = {
        name: load_file(study.folder / f"dense.{name}")["logits"]
        for name in ("early", "norms", "epochs", "train")
    }
    assert kept["epochs"].shape == (len(SEEDS), EPOCHS, *kept["early"].shape[1:])
    assert torch.allclose(kept["epochs"][:, 0].float(), kept["early"], atol=2e-3)
    assert torch.allclose(kept["epochs"][:, -1].float(), kept["train"], atol=2e-3)
    assert kept["norms"].shape == (*kept["early"].shape[:2], 1)
    assert (kept["norms"] > 0).all()
