"""Train one model for one stage."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from pielab.seeds import derive_seed
from pielab.training import adam, batches, checkpoints, devices, models

logger = logging.getLogger("pielab")

Masks = dict[str, Tensor]  # parameter name -> bool tensor of its shape, True where it is kept
Norms = dict[Tensor, Tensor]  # of gradients, by parameter
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]  # of logits, labels and the examples' rows


@dataclass(frozen=True)
class Settings:
    """How models are trained.

    `epochs` of one stage; `learning_rate` of Adam; `batch_size` in examples; `pad_to` in tokens
    or None.
    """

    epochs: int
    learning_rate: float
    batch_size: int
    pad_to: int | None = None


def loss_of(logits: Tensor, labels: Tensor, multi_label: bool) -> Tensor:
    """Return the mean cross-entropy, or binary cross-entropy with several labels, in nats."""
    if multi_label:
        return functional.binary_cross_entropy_with_logits(logits.float(), labels.float())
    return functional.cross_entropy(logits.float(), labels)


def cross_entropy(logits: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
    """Return what `loss_of` returns, whatever the rows."""
    return loss_of(logits, labels, labels.ndim == 2)


@dataclass(frozen=True)
class Run:
    """What a model is trained on and how, its seed, and where its finished epochs are kept.

    `checkpoint` is opened for this seed; None keeps nothing. `loss` is what training makes small.
    """

    encoded: batches.Encoded
    settings: Settings
    seed: int
    checkpoint: checkpoints.Checkpoint | None = None
    loss: Loss = cross_entropy


def train(
    model: models.Classifier,
    run: Run,
    stage: int,
    masks: Masks | None = None,
    after_epoch: Callable[[int], None] = lambda epoch: None,
) -> None:
    """Train `model` in place for one stage of `run.settings.epochs` epochs, with a fresh Adam.

    Pruned weights (masks False, already zero) get no gradient, so that they stay exactly zero
    and do not count in the norm at which gradients are clipped. Epochs of this stage that
    the run's checkpoint holds are not trained again.

    Raises
    ------
    ValueError
        If the loss stops being a finite number.
    """
    masks, epochs, checkpoint = masks or {}, run.settings.epochs, run.checkpoint
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = adam.Adam(parameters, run.settings.learning_rate)
    done = checkpoint.resume(stage, model, optimizer) if checkpoint else 0
    with _masking(model, masks) as norms:
        for epoch in range(done + 1, epochs + 1):
            model.train()
            _train_epoch(model, optimizer, norms, run, stage, epoch)
            after_epoch(epoch)
            if checkpoint:
                checkpoint.save(stage, epoch, model, optimizer, stage_ends=epoch == epochs)


@contextmanager
def _masking(model: nn.Module, masks: Masks) -> Iterator[Norms]:
    """Take pruned weights out of each gradient as soon as it is computed; yield gradients' norms.

    At once, since then a gradient is in the cache of a CPU, where later it would be read from
    memory twice. Masks are numbers: to multiply by bools, torch makes numbers of them at every
    step. A matrix of which nothing is pruned has none.
    """
    norms: Norms = {}

    def hook(mask: Tensor | None) -> Callable[[Tensor], None]:
        def take(parameter: Tensor) -> None:
            gradient = parameter.grad
            assert gradient is not None
            if mask is not None:
                gradient.mul_(mask)
            norms[parameter] = torch.linalg.vector_norm(gradient)

        return take

    with ExitStack() as stack:
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                mask = masks.get(name)
                own = None if mask is None or mask.all() else mask.to(parameter.dtype)
                handle = parameter.register_post_accumulate_grad_hook(hook(own))
                stack.callback(handle.remove)
        yield norms


def _train_epoch(
    model: models.Classifier,
    optimizer: adam.Adam,
    norms: Norms,
    run: Run,
    stage: int,
    epoch: int,
) -> None:
    start = time.perf_counter()
    encoded, settings = run.encoded, run.settings
    parameters, device = optimizer.parameters, optimizer.parameters[0].device
    torch.manual_seed(derive_seed(run.seed, "dropout", stage, epoch))
    order = torch.Generator().manual_seed(derive_seed(run.seed, "order", stage, epoch))
    total = torch.zeros(2, dtype=torch.float64, device=device)  # loss, correct decisions
    if settings.pad_to:  # nothing is saved by batches of like length
        rows = list(batches.random_batches(len(encoded), settings.batch_size, order))
    else:
        rows = list(batches.shuffled_batches(encoded.lengths.cpu(), settings.batch_size, order))
    label = f"seed {run.seed} stage {stage} epoch {epoch}"
    for part in tqdm(rows, desc=label, disable=None, leave=False):
        here = part.to(device)
        batch = batches.collate(encoded, here, model.padding, settings.pad_to)
        with devices.fast_linears(device, trains=True), devices.autocast(device, model.autocasts):
            logits = model(batch)
        loss = run.loss(logits, batch.labels, here)
        optimizer.zero_grad()
        loss.backward()
        _clip(parameters, norms)
        optimizer.step()
        with torch.no_grad():
            total += torch.stack([loss * len(part), _correct(logits, batch.labels)])
    _report(total / len(encoded), label, len(encoded), time.perf_counter() - start)


def _clip(parameters: list[nn.Parameter], norms: Norms) -> None:
    """Scale gradients down to a norm of 1 in place, as `nn.utils.clip_grad_norm_` does.

    Shorter ones are left as they are on a CPU. To know that they are, a GPU would have to wait.
    """
    own = [norms[p] for p in parameters if p.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack(own))
    if norm.device.type != "cpu" or not norm + 1e-6 <= 1:
        nn.utils.clip_grads_with_norm_(parameters, 1.0, norm)


def _correct(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the number of examples that are right (several labels: the sum of their shares)."""
    if labels.ndim == 2:
        return ((logits > 0) == labels.bool()).double().mean(dim=1).sum()
    return (logits.argmax(dim=1) == labels).sum()


def _report(means: Tensor, label: str, examples: int, seconds: float) -> None:
    loss, accuracy = means.tolist()
    if not np.isfinite(loss):
        raise ValueError(
            f"{label}: the training loss is {loss}; "
            "expected a finite number (try a lower learning_rate)"
        )
    logger.info(
        "%s: loss %.4f, training accuracy %.4f, %.1f s, %.0f examples/s",
        label,
        loss,
        accuracy,
        seconds,
        examples / seconds,
    )
