"""Whether a device computes what a CPU does: gradients, masks, PIEs, resumed and parallel jobs."""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from random_study import easy_split, write_narrow_bert, write_pretrained
from torch import Tensor

from pielab.measures.pies import find_pies
from pielab.pies.cell import Cell
from pielab.pies.decisions import decide
from pielab.training import batches, checkpoints, devices, loop, models, predict, pruning

# Largest error of a vector by its size, |x - x_cpu| / |x_cpu|. One rounding errs by 2^-24, 2^-11
# or 2^-9 of a number; the operands of some ten products and of a recurrence are rounded on the
# way, which adds up to 20 to 50 times that (float32: and sums are taken in another order). What is
# computed wrongly, such as padding that is read or a term that is left out, errs by tens of percent
TOLERANCE = {"float32": 1e-3, "tensorfloat32": 1e-2, "bfloat16": 1e-1}
CPU = torch.device("cpu")


class Verdict(NamedTuple):
    """A line of the table; `right` is None where nothing could be checked."""

    what: str
    right: bool | None
    seen: str


@dataclass(frozen=True)
class Case:
    """A model's settings, the file that it starts from, its texts and how it is trained."""

    name: str
    settings: dict
    path: Path
    train: batches.Encoded
    test: batches.Encoded
    training: loop.Settings

    def build(self, device: torch.device, seed: int = 0) -> models.Classifier:
        """Return the model that a seed initialises."""
        return models.build(self.settings, self.path, 2, seed).to(device)

    def run(self, device: torch.device, seed: int = 0) -> loop.Run:
        """Return what trains it."""
        return loop.Run(self.train.to(device), self.training, seed)


def cases(folder: Path, examples: int) -> list[Case]:
    """Return a BiLSTM of the paper's size and a narrow BERT, both without dropout."""
    splits = easy_split(examples, 0), easy_split(examples, 1)
    bilstm = {"architecture": "bilstm", "vectors": "a file"}
    (folder / "bilstm").mkdir()
    vectors, weights = write_pretrained(bilstm, str(folder / "bilstm")), write_narrow_bert(folder)
    encoder = {"architecture": "encoder", "freeze_embeddings": False, "freeze_layers": None}
    return [
        Case("BiLSTM", bilstm, vectors, *splits, loop.Settings(3, 3e-3, 32)),
        Case("BERT", encoder, weights, *splits, loop.Settings(3, 1e-3, 32)),
    ]


def error(found: Tensor, expected: Tensor) -> float:
    """Return the error of a vector by its size."""
    difference = found.double().cpu() - expected.double().cpu()
    return float(difference.norm() / expected.double().norm())


def check_gradients(case: Case, device: torch.device) -> Verdict:
    """Compare the gradient of a first batch, as training computes it."""
    found = []
    for where in (device, CPU):
        model, run = case.build(where).train(), case.run(where)
        rows = torch.arange(min(64, len(run.encoded)), device=where)
        batch = batches.collate(run.encoded, rows, model.padding)
        with devices.autocast(where, model.autocasts):
            logits = model(batch)
        loop.loss_of(logits, batch.labels, False).backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        found.append(torch.cat([gradient.float().flatten().cpu() for gradient in gradients]))
    precision = devices.describe(device, model.autocasts)["precision"]
    return _by_tolerance(f"gradients, {case.name}", error(*found), precision)


def check_masks(case: Case, device: torch.device) -> Verdict:
    """Compare masks of half of the weights: the same by size and at random, nearly by impact."""
    shares = {}
    for criterion in ("magnitude", "random", "impact"):
        method, masks = pruning.Method(criterion, "at-initialisation"), []
        for where in (device, CPU):
            model = case.build(where)
            weights = pruning.prunable(model, False)
            full = {name: torch.ones_like(w, dtype=torch.bool) for name, w in weights.items()}
            pruned = pruning.prune_once(model, full, 0.5, method, case.run(where), 0)
            masks.append({name: mask.cpu() for name, mask in pruned.items()})
        kept = [[int(mask.sum()) for mask in side.values()] for side in masks]
        if kept[0] != kept[1]:
            return Verdict(f"masks, {case.name}", False, f"{criterion}: other numbers of weights")
        pairs = zip(masks[0].values(), masks[1].values(), strict=True)
        differ = sum(int((one != other).sum()) for one, other in pairs)
        shares[criterion] = differ / sum(mask.numel() for mask in masks[1].values())
    # Scores that err by e swap weights within e of the threshold, about a share of e of them
    most = TOLERANCE[devices.describe(device, False)["precision"]]
    right = shares["magnitude"] == shares["random"] == 0 and shares["impact"] <= most
    seen = ", ".join(f"{name} {share:.2g}" for name, share in shares.items())
    return Verdict(f"masks, {case.name}", right, f"share that differs: {seen} (impact: {most:g})")


def check_predictions(case: Case, device: torch.device) -> Verdict:
    """Compare logits of a model that was trained on the CPU."""
    model = case.build(CPU)
    loop.train(model, case.run(CPU), 0)
    expected = predict.predict(model, case.test)
    found = predict.predict(model.to(device), case.test.to(device))
    precision = devices.describe(device, model.autocasts)["precision"]
    off = error(torch.from_numpy(found), torch.from_numpy(expected))
    return _by_tolerance(f"logits, {case.name}", off, precision)


def _by_tolerance(what: str, off: float, precision: str) -> Verdict:
    most = TOLERANCE[precision]
    return Verdict(what, off <= most, f"error {off:.2g}, at most {most:g} ({precision})")


def check_pies(case: Case, device: torch.device, seeds: int) -> Verdict:
    """Compare the PIE sets of models that were trained on either device.

    Training amplifies roundings, so that single models differ on texts near their boundary. At most
    half as many texts may differ as if other seeds had voted, or 2 %.
    """

    def pies(where: torch.device, first: int) -> np.ndarray:
        sides: list[list[np.ndarray]] = [[], []]
        for seed in range(first, first + seeds):
            for side, sparsity in zip(sides, (0, 90), strict=True):
                model, run = case.build(where, seed), case.run(where, seed)
                method = pruning.Method("magnitude", "at-initialisation")
                masks = pruning.compress(model, method, sparsity, None, run)
                weights = dict(model.named_parameters())
                if any(bool(weights[name][~mask].any()) for name, mask in masks.items()):
                    raise ValueError(f"{case.name} on {where}: a pruned weight is not zero")
                side.append(predict.predict(model, case.test.to(where)))
        labels = case.test.labels.numpy()
        dense, pruned = (decide({"train": np.stack(s)}, labels)["train"] for s in sides)
        cell = Cell(dense, pruned, labels, np.arange(len(labels)), "lowest")
        return find_pies(cell)["pie"].to_numpy(dtype=bool)

    expected = pies(CPU, 0)
    differ, of_seeds = (
        int((other != expected).sum()) for other in (pies(device, 0), pies(CPU, seeds))
    )
    seen = f"{expected.sum()} of {len(expected)}; {differ} differ, by other seeds {of_seeds}"
    most = max(of_seeds / 2, len(expected) / 50)
    return Verdict(f"PIEs, {case.name}", differ <= most, seen)


class _Stopped(Exception):
    pass


def check_resumed(case: Case, device: torch.device) -> Verdict:
    """Compare a job that is stopped and goes on with one that is not, and that one with itself."""

    def train(result: Path, stop: bool) -> Tensor:
        checkpoint = checkpoints.Checkpoint(result, 0, ["settings"], [case.path])
        checkpoint.open(0)
        model, run = case.build(device), replace(case.run(device), checkpoint=checkpoint)

        def after(epoch: int) -> None:
            if stop and epoch == 2:
                raise _Stopped

        try:
            loop.train(model, run, 0, after_epoch=after)
        except _Stopped:
            return train(result, False)
        checkpoint.discard([0])
        return _weights(model)

    with tempfile.TemporaryDirectory() as folder:
        whole, again, resumed = (
            train(Path(folder) / name, name == "stopped") for name in ("one", "two", "stopped")
        )
    return _repeats(f"a resumed job, {case.name}", again, resumed, whole)


def _weights(model: models.Classifier) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in models.trainable_state(model).values()])


def _repeats(what: str, again: Tensor, other: Tensor, whole: Tensor) -> Verdict:
    """Judge a run by how far the device repeats itself: to the last bit, if it does that."""
    own, off = error(again, whole), error(other, whole)
    seen = "the same bits" if off == 0 else f"error {off:.2g}, of the same job twice {own:.2g}"
    return Verdict(what, off <= 10 * own, seen)


def train_job(case: Case, device: str) -> tuple[Tensor, float]:
    """Return a job's weights, and when it had them after it began to train."""
    devices.make_deterministic(1)
    where = torch.device(device)
    model = case.build(where)
    start = time.perf_counter()
    loop.train(model, case.run(where), 0)
    return _weights(model), time.perf_counter() - start


def check_sharing(case: Case, device: torch.device, jobs: int) -> Verdict:
    """Compare jobs that share the device with one that has it alone; say how long they take."""
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        submit: Callable = lambda: pool.submit(train_job, case, str(device))  # noqa: E731
        (whole, _), (again, alone) = submit().result(), submit().result()
        several = [one.result() for one in [submit() for _ in range(jobs)]]
    worst = max((weights for weights, _ in several), key=lambda weights: error(weights, whole))
    verdict = _repeats(f"{jobs} jobs on one card, {case.name}", again, worst, whole)
    slower = max(seconds for _, seconds in several) / alone
    return verdict._replace(seen=f"{verdict.seen}; together in {slower:.1f} times one's time")
