"""Layer-wise unstructured pruning: a method is a criterion, a schedule and rewinding."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pielab.seeds import derive_seed
from pielab.training import batches, devices, loop, models, text_scores
from pielab.training.criteria import criterion_module
from pielab.training.loop import Masks
from pielab.training.weights import MATRIX, NORM, roles

STEPS = 3  # prunings of an iterative schedule (paper, section 3)


@dataclass(frozen=True)
class Method:
    """How a model is compressed.

    `criterion`: magnitude, impact, random or none. `schedule`: iterative or
    at-initialisation. `rewind`: surviving weights go back to their initial values.
    `prune_layer_norm`: LayerNorm's weights are prunable too. `impact_examples`: how many training
    examples the impact criterion averages its gradient over. `impact_dropout`: with dropout.
    `ties`: see `prune_smallest`. `chosen`: how those examples are chosen, see
    `text_scores.choose`, and `text_scores`, by what.
    """

    criterion: str
    schedule: str
    rewind: bool = False
    prune_layer_norm: bool = False
    impact_examples: int = 100
    impact_dropout: bool = False
    ties: str = "position"
    chosen: str = "at-random"
    text_scores: Tensor | None = None

    def steps(self, sparsity: float) -> list[float]:
        """Return the share of the remaining weights (a fraction) that each pruning removes.

        `sparsity` is in percent; the k shares of an iterative schedule are 1 - (1 - s)^(1/k).
        """
        if self.schedule == "at-initialisation":
            return [sparsity / 100]
        return [1 - (1 - sparsity / 100) ** (1 / STEPS)] * STEPS


def prunable(model: nn.Module, layer_norm: bool) -> dict[str, nn.Parameter]:
    """Return the weights that may be pruned, by name.

    The matrices of linear layers and LSTMs, but never the embeddings, the last layer, or a weight
    that is tied to them; the weights of norms if `layer_norm`; never a bias, or what is frozen.
    """
    wanted = (MATRIX, NORM) if layer_norm else (MATRIX,)
    found = roles(model)
    return {
        name: parameter for name, parameter in model.named_parameters() if found[name] in wanted
    }


def prune_smallest(scores: Tensor, mask: Tensor, share: float, ties: str = "position") -> Tensor:
    """Return `mask` less the smallest of the remaining scores.

    Parameters
    ----------
    scores : float tensor
        Scores of all weights; those of weights already pruned are ignored.
    mask : bool tensor of the same shape
        True where a weight is left.
    share : float
        Fraction of the remaining weights to prune.
    ties : str
        `position`: exactly round(share * remaining) go, of equal scores the first. `keep`: those
        strictly below the share's percentile go (the authors' rule), which may be fewer.

    Raises
    ------
    ValueError
        If a remaining weight's score is not a number.
    """
    flat, left = scores.cpu().numpy().ravel(), mask.cpu().numpy().ravel()
    alive = flat if left.all() else flat[left]
    if np.isnan(alive.sum()) and np.isnan(alive).any():
        raise ValueError("a pruning score is not a number: the model has diverged")
    count = round(share * len(alive))
    if ties == "keep":
        kept = left & (flat >= np.percentile(alive, 100 * share)) if len(alive) else left
    elif count == 0:
        return mask
    else:
        threshold = np.partition(alive, count - 1)[count - 1]
        kept = left & (flat > threshold)
        tied = np.flatnonzero(left & (flat == threshold))
        kept[tied[count - (len(alive) - int(kept.sum()) - len(tied)) :]] = True
    return torch.from_numpy(kept.reshape(mask.shape)).to(mask.device)


def score(
    weights: dict[str, nn.Parameter], criterion: str, gradients: dict[str, Tensor], seed: int
) -> dict[str, Tensor]:
    """Return the scores by which weights are ranked: the smallest are pruned first."""
    return criterion_module(criterion).score(weights, gradients, seed)


def mean_gradient(
    model: models.Classifier,
    weights: dict[str, nn.Parameter],
    run: loop.Run,
    rows: Tensor,
    dropout: bool = False,
) -> dict[str, Tensor]:
    """Return dL/dw of each weight, L the mean loss over the examples `rows`."""
    encoded, settings = run.encoded, run.settings
    model.train(dropout)
    for module in model.modules():
        if isinstance(module, nn.RNNBase):
            module.train()  # cuDNN has no backward pass in eval mode; these have no dropout
    model.zero_grad(set_to_none=True)
    for part in rows.split(settings.batch_size):
        here = part.to(encoded.offsets.device)
        batch = batches.collate(encoded, here, model.padding, settings.pad_to)
        with devices.fast_linears(encoded.offsets.device, trains=True):
            logits = model(batch)
        loss = loop.loss_of(logits, batch.labels, encoded.multi_label)
        (loss * (len(part) / len(rows))).backward()
    gradients = {name: w.grad.clone() for name, w in weights.items() if w.grad is not None}
    model.zero_grad(set_to_none=True)
    return gradients


def prune_once(
    model: models.Classifier, masks: Masks, share: float, method: Method, run: loop.Run, step: int
) -> Masks:
    """Return masks that prune `share` of what is left of each tensor by the method's criterion."""
    if not masks:
        return masks
    weights = {name: p for name, p in model.named_parameters() if name in masks}
    gradients = {}
    if criterion_module(method.criterion).READS_GRADIENT:
        generator = torch.Generator().manual_seed(derive_seed(run.seed, "impact", step))
        choice = method.chosen, run.encoded, method.impact_examples
        rows = text_scores.choose(*choice, generator, method.text_scores)
        torch.manual_seed(derive_seed(run.seed, "impact dropout", step))
        gradients = mean_gradient(model, weights, run, rows, method.impact_dropout)
    scores = score(weights, method.criterion, gradients, derive_seed(run.seed, "mask", step))
    return {name: prune_smallest(scores[name], masks[name], share, method.ties) for name in masks}


def apply_masks(model: nn.Module, masks: Masks) -> None:
    """Set the pruned weights to zero."""
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, mask in masks.items():
            parameters[name].masked_fill_(~mask, 0)


def compress(
    model: models.Classifier,
    method: Method,
    sparsity: float,
    dense: dict[str, Tensor] | None,
    run: loop.Run,
) -> Masks:
    """Prune and train an initialised model in place by `method`; return the masks.

    Parameters
    ----------
    sparsity : float
        Percent of the prunable weights; ignored by the criterion `none`.
    dense : dict or None
        Weights after the first E epochs, which iterative methods share with the dense model.
    run : loop.Run
        Stages that its checkpoint holds are neither pruned nor trained again.

    Raises
    ------
    ValueError
        If the dense weights are not this model's, or training diverges.
    """
    initial = models.trainable_state(model)
    iterative = method.schedule == "iterative"
    if iterative:
        models.restore(model, dense or {})
    weights = {} if method.criterion == "none" else prunable(model, method.prune_layer_norm)
    masks = {name: torch.ones_like(w, dtype=torch.bool) for name, w in weights.items()}
    checkpoint = run.checkpoint
    reached = checkpoint.stage if checkpoint else -1
    for step, share in enumerate(method.steps(sparsity), start=int(iterative)):
        if step < reached:
            continue
        if checkpoint and step == reached:
            masks = {name: checkpoint.kept[name].to(mask.device) for name, mask in masks.items()}
        else:
            masks = prune_once(model, masks, share, method, run, step)
            if method.rewind:
                models.restore(model, initial)
            apply_masks(model, masks)
        if checkpoint:
            checkpoint.kept = masks
        loop.train(model, run, stage=step, masks=masks)
    return masks
