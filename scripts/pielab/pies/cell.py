"""The value that every analysis takes: what two groups of models predict for the same examples."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pielab.pies.votes import Ballots, contested
from pielab.vocabulary import TIES


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a group of models predicts for the examples of a split.

    Attributes
    ----------
    logits : float32 (seeds, examples, classes)
    decisions : bool (seeds, examples, classes)
        One class an example, or any number of them if there are several labels. In memory a class's
        stay side by side, which sums over classes and votes by class read in less time.
    multi_label : bool
    thresholds : float (seeds,), optional
        The probability above which each model decides for each of several labels, or for the
        second of two classes. It moves decisions; the logits stay as the model gave them.
    """

    logits: np.ndarray
    decisions: np.ndarray
    multi_label: bool
    thresholds: np.ndarray | None = None

    @property
    def n_models(self) -> int:
        """Return the number of models."""
        return len(self.decisions)

    def rows(self, first: int, step: int) -> "Predictions":
        """Return every so many models from the first on."""
        chosen = slice(first, None, step)
        cuts = None if self.thresholds is None else self.thresholds[chosen]
        return Predictions(self.logits[chosen], self.decisions[chosen], self.multi_label, cuts)

    @property
    def n_choices(self) -> int:
        """Return between how many classes a label chooses."""
        return 2 if self.multi_label else self.decisions.shape[2]

    @cached_property
    def choices(self) -> np.ndarray:
        """Return what each model chooses for each label, int8 or int16 (seeds, labels, examples).

        One label chooses between the classes; of several, each class is a label that chooses
        between off and on.
        """
        decided = np.moveaxis(self.decisions, 2, 0).view(np.int8)  # (classes, seeds, examples)
        if self.multi_label:
            return decided.swapaxes(0, 1)
        chosen = np.zeros(
            (self.n_models, 1, decided.shape[2]), np.int8 if len(decided) < 128 else np.int16
        )
        for index in range(1, len(decided)):
            chosen[:, 0] += chosen.dtype.type(index) * decided[index]
        return chosen

    @cached_property
    def votes(self) -> np.ndarray:
        """Return the models that make each choice, int32 (choices, labels, examples)."""
        return self.votes_of(np.arange(self.n_models))

    def votes_of(self, models: np.ndarray) -> np.ndarray:
        """Return the votes of some models, by their places."""
        on = self.decisions[models].sum(axis=0, dtype=np.int32).T  # (classes, examples)
        return np.stack([len(models) - on, on]) if self.multi_label else on[:, None]


def repeat(side: Predictions, times: int) -> Predictions:
    """Return predictions with each model so many times, side by side."""
    if times == 1:
        return side
    logits, decisions = (np.repeat(array, times, axis=0) for array in (side.logits, side.decisions))
    cuts = None if side.thresholds is None else np.repeat(side.thresholds, times)
    return Predictions(logits, decisions, side.multi_label, cuts)


@dataclass(frozen=True, eq=False)
class Cell:
    """Compressed models and those they are compared with; row s of both is the same seed.

    The baseline is the dense models, or the control, which is trained as long as the compressed.
    With several draws of calibration texts each seed has as many rows, side by side; those of the
    baseline are the same model again. What one model's draws say is not independent: all tests
    and intervals leave out, split and swap whole seeds, the replicates. With one seed each draw is
    a replicate, and the noise floor is that of the draws alone.

    Attributes
    ----------
    draws : int
        Rows of each seed.
    kind : str
        What replicates differ by: seed, draw or rerun.
    clusters : int (examples,), optional
        From 0: which examples share a passage or a source, so that they are not independent.
    labels : int64 (examples,), or uint8 (examples, classes) with several labels
    ids : (examples,)
    ties : str
        See votes.majority.

    Raises
    ------
    ValueError
        If the two sides or the labels do not fit each other, or the rule is unknown.
    """

    baseline: Predictions
    compressed: Predictions
    labels: np.ndarray
    ids: np.ndarray
    ties: str
    draws: int = 1
    kind: str = "seed"
    clusters: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.ties not in TIES:
            raise ValueError(f"ties: {self.ties!r}; expected one of {', '.join(TIES)}")
        shape = self.baseline.decisions.shape
        if self.compressed.decisions.shape[1:] != shape[1:]:
            raise ValueError(
                f"predictions: baseline {shape}, compressed {self.compressed.decisions.shape}; "
                "expected as many examples and classes in both"
            )
        expected = shape[1:] if self.multi_label else shape[1:2]
        if self.labels.shape != expected:
            raise ValueError(f"labels: {self.labels.shape}; expected {expected}, as predictions")

    @property
    def per_replicate(self) -> int:
        """Return the rows of a replicate, which is a seed, or a draw of the only seed."""
        return self.draws if self.baseline.n_models > self.draws else 1

    @property
    def n_replicates(self) -> int:
        """Return the number of replicates."""
        return self.baseline.n_models // self.per_replicate

    @property
    def differ_by(self) -> str:
        """Return what the models on each side differ by: such as seed, draw, or seed and draw."""
        if self.draws == 1:
            return self.kind
        return f"{self.kind} and draw" if self.per_replicate > 1 else "draw"

    def replicate_means(self, values: np.ndarray) -> np.ndarray:
        """Return means over each replicate's rows, (replicates, ...), of values (rows, ...)."""
        if self.per_replicate == 1:
            return values
        return values.reshape(self.n_replicates, self.per_replicate, *values.shape[1:]).mean(axis=1)

    def replicate_decisions(self, side: Predictions) -> np.ndarray:
        """Return what each replicate's majority decides, bool (replicates, examples, classes).

        Among equals the first class, and with several labels none.
        """
        if self.per_replicate == 1:
            return side.decisions
        shares = self.replicate_means(side.decisions)
        if self.multi_label:
            return shares > 0.5
        return shares.argmax(axis=2)[:, :, None] == np.arange(shares.shape[2])

    @property
    def multi_label(self) -> bool:
        """Return whether an example has several labels."""
        return self.baseline.multi_label

    @property
    def sides(self) -> tuple[Predictions, Predictions]:
        """Return the predictions of the baseline and of the compressed models."""
        return self.baseline, self.compressed

    @cached_property
    def truth(self) -> np.ndarray:
        """Return which classes each example has, bool (examples, classes)."""
        if self.multi_label:
            return self.labels.astype(bool, order="F")
        return (self.labels == np.arange(self.baseline.decisions.shape[2])[:, None]).T

    @property
    def are_right(self) -> tuple[np.ndarray, np.ndarray]:
        """Return whether the models of both sides are right about all of an example.

        bool (models, examples) each.
        """
        baseline, compressed = ((side.decisions == self.truth).all(axis=2) for side in self.sides)
        return baseline, compressed

    @cached_property
    def ballots(self) -> Ballots:
        """Return the choices on the examples that any two models differ on."""
        if self.baseline.n_models != self.compressed.n_models or self.n_replicates < 2:
            raise ValueError(
                f"seeds: {self.baseline.n_models} baseline, {self.compressed.n_models} compressed; "
                "expected as many, two or more"
            )
        choices = [side.choices for side in self.sides]
        return contested(choices, self.baseline.n_choices, self.ties, self.per_replicate)
