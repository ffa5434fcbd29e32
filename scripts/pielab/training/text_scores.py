"""Scores of training texts, by which an objective weighs them or a method chooses them."""

import torch
from torch import Tensor

from pielab import files
from pielab.training import batches


def scores_of(by: str, examples: batches.Encoded, path: str | None = None) -> Tensor:
    """Return a score for each training text, float64 (examples,) on the CPU, not below 0.

    Parameters
    ----------
    by : str
        `class`: how rare the example's class is, of several the rarest. `length`: tokens. All
        others are read from `path`.

    Raises
    ------
    ValueError
        If the file is for other examples, or no score is above 0.
    """
    if by == "length":
        return examples.lengths.cpu().double()
    if by == "class":
        return rarity(examples.labels.cpu(), examples.n_classes)
    assert path is not None
    with files.open_arrays(path, "pt") as file:
        if file.metadata().get("examples", "") != examples.digest:
            raise ValueError(f"{path}: scores for other examples; expected {examples.digest}")
        scores = file.get_tensor("scores").double()
    known = scores.isfinite()
    if not scores[known].sum() > 0:
        raise ValueError(f"{path}: no score above 0; expected some")
    return torch.where(known, scores, scores[known].mean())  # a text without a word has no measure


def rarity(labels: Tensor, n_classes: int) -> Tensor:
    """Return examples / (classes * examples of the class), float64 (examples,).

    With several labels that of the rarest; an example without labels counts as of one class more.
    """
    if labels.ndim == 1:
        counts = torch.bincount(labels, minlength=n_classes).double()
        return len(labels) / (n_classes * counts[labels])
    with_none = torch.cat([labels.bool(), ~labels.bool().any(dim=1, keepdim=True)], dim=1)
    counts = with_none.sum(dim=0).double().clamp(min=1)
    rare = len(labels) / (with_none.shape[1] * counts)
    return torch.where(with_none, rare, 0.0).max(dim=1).values


def decision_weights(labels: Tensor) -> Tensor:
    """Return the weight of each decision with several labels, float64 (examples, classes).

    On and off weigh as much in each class: examples / (2 * examples that are so).
    """
    on = labels.double()
    counts = on.sum(dim=0)
    weights = on * len(on) / (2 * counts.clamp(min=1))
    return weights + (1 - on) * len(on) / (2 * (len(on) - counts).clamp(min=1))


def choose(
    how: str,
    examples: batches.Encoded,
    wanted: int,
    generator: torch.Generator,
    scores: Tensor | None = None,
) -> Tensor:
    """Return the training texts that are chosen, int64 (wanted,), fewer if there are fewer.

    Parameters
    ----------
    how : str
        `at-random`; `class-balanced`: as many of each class, with several labels by the rarest; any
        other: drawn one after the other with probabilities in proportion to `scores` (Efraimidis
        and Spirakis 2006).
    """
    count = len(examples)
    if how == "at-random":
        return torch.randperm(count, generator=generator)[:wanted]
    if how == "class-balanced":
        order = torch.randperm(count, generator=generator)
        groups = _rarest_class(examples)[order]
        place = torch.zeros(count, dtype=torch.int64)
        for group in groups.unique():
            of_group = groups == group
            place[of_group] = torch.arange(int(of_group.sum()))
        return order[place.argsort(stable=True)][:wanted]
    assert scores is not None
    uniform = torch.rand(count, generator=generator, dtype=torch.float64)
    keys = uniform.clamp(min=1e-300).log() / scores.clamp(min=1e-300)
    return keys.argsort(descending=True, stable=True)[:wanted]


def _rarest_class(examples: batches.Encoded) -> Tensor:
    """Return each example's class, int64 (examples,); of several the rarest, -1 of none."""
    labels = examples.labels.cpu()
    if labels.ndim == 1:
        return labels
    counts = labels.long().sum(dim=0)
    ranked = torch.where(labels.bool(), counts, len(labels) + 1)
    return torch.where(labels.bool().any(dim=1), ranked.argmin(dim=1), -1)
