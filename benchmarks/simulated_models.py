"""Simulated models whose truth is known, for the checks of the statistics."""

from dataclasses import dataclass

import numpy as np

from pielab.pies.cell import Cell, Predictions


@dataclass(frozen=True)
class Scenario:
    """How simulated models differ.

    A model adds noise to each example's class scores, and a leaning of its own towards some
    classes (standard deviation `bias`). A pruned model keeps a fraction `kept` of the predictions
    of the dense one of its seed, and scores class 0 higher by `shift`.
    """

    classes: int = 2
    labels: int = 0
    kept: float = 0.0
    bias: float = 0.0
    shift: float = 0.0


SCENARIOS = {
    "independent models": Scenario(),
    "dense and pruned alike": Scenario(kept=0.6),
    "models lean a little": Scenario(bias=0.3),
    "models lean a lot": Scenario(bias=1.0),
    "three classes": Scenario(classes=3),
    "three classes, lean": Scenario(classes=3, bias=0.5),
    "four labels, lean": Scenario(labels=4, bias=0.3),
}
EFFECTS = {
    "shift": Scenario(shift=0.7),
    "shift, lean a little": Scenario(shift=0.7, bias=0.3),
    "three classes, shift, lean": Scenario(classes=3, shift=0.7, bias=0.3),
}


def simulate(
    rng: np.random.Generator, seeds: int, examples: int, scenario: Scenario
) -> tuple[np.ndarray, ...]:
    """Return predictions of dense and pruned models that differ by the scenario's shift alone."""
    classes, labels = scenario.classes, scenario.labels
    items = examples * max(1, labels)
    scores = rng.normal(0, 1.5, (items, classes))
    sides = []
    for change in (0.0, scenario.shift):
        lean = rng.normal(0, scenario.bias, (seeds, 1, classes)) + change * (
            np.arange(classes) == 0
        )
        luck = rng.gumbel(size=(seeds, items, classes))
        sides.append((scores + lean + luck).argmax(axis=2).astype(np.int8))
    dense, pruned = sides
    pruned = np.where(rng.random(dense.shape) < scenario.kept, dense, pruned)
    if labels:
        return tuple(side.reshape(seeds, examples, labels) > 0 for side in (dense, pruned))
    return dense, pruned


def cell_of(dense: np.ndarray, pruned: np.ndarray, ties: str = "lowest") -> Cell:
    """Return the cell of simulated class ids or decisions, all labels 0."""
    multi_label = dense.ndim == 3
    if not multi_label:
        n_classes = int(max(dense.max(), pruned.max(), 1)) + 1
        dense, pruned = (side[:, :, None] == np.arange(n_classes) for side in (dense, pruned))
    first, second = (
        Predictions(side.astype(np.float32), side, multi_label) for side in (dense, pruned)
    )
    n_examples, n_classes = dense.shape[1:]
    labels = np.zeros((n_examples, n_classes) if multi_label else n_examples, dtype=int)
    return Cell(first, second, labels, np.arange(n_examples), ties)


def plant(
    rng: np.random.Generator, seeds: int, examples: int, change: tuple[float, float, float]
) -> tuple[np.ndarray, ...]:
    """Return which dense and which pruned models are right, and which examples pruning changes.

    A `change` is the fraction of examples changed, the share of dense models that are right on
    them, and the share of votes that they lose.
    """
    fraction, dense_share, share_lost = change
    changed = rng.random(examples) < fraction
    share = np.where(changed, dense_share, rng.beta(4, 1, examples))
    right = [rng.random((seeds, examples)) < p for p in (share, share - changed * share_lost)]
    return *right, changed
