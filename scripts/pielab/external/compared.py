"""Compare what is known of external models before their answers are believed.

The headers of predictions hold a description of each model; a baseline and a compressed model
should differ in their precision alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import logit

from pielab import files
from pielab.cells import natural
from pielab.vocabulary import EQUAL, INPUT, NOTE

DIGITS = 12
MOST_NAMED = 5  # models that a sentence names
TIED = 0.005  # share of the texts with tied scores that is worth a sentence
FACTS = (
    "device",
    "precision",
    "scores",
    "tokenizer",
    "tokens",
    "token_limit",
    "truncated",
    "tied",
    "label_order",
)


class External(NamedTuple):
    """The models of a group, in their order."""

    name: str  # the method, and its level if it has several
    is_rerun: bool  # the same models again, whose scores may be equal to others
    models: list[str]
    facts: list[dict[str, str]]  # file, digest and those of FACTS that are known, as text
    notes: list[str]
    scores: list[str]  # digest of each model's logits
    examples: int
    labels_only: bool
    # What leaves a decision open
    tie: str = "two scores are equal, so that the order of the classes decides"


def read_external(
    name: str,
    is_rerun: bool,
    paths: Sequence[str],
    multi_label: bool = False,
    threshold: float | None = None,
) -> External:
    """Return the models whose predictions are in these files, blocks of one group.

    Parameters
    ----------
    multi_label : bool
        Whether an example may have several classes.
    threshold : float, optional
        The probability that a decision must exceed, if the config says it.
    """
    read = External(name, is_rerun, [], [], [], [], 0, False)
    if multi_label or threshold is not None:
        read = read._replace(tie="a score lies on the threshold")
    for path in paths:
        arrays, header = files.read_arrays(path)
        logits = arrays["logits"]
        numbers = [
            str(number) for number in range(len(read.models), len(read.models) + len(logits))
        ]
        names = files.model_names(header) or numbers
        read.models.extend(names)
        facts = json.loads(header.get("models", "[]")) or [{} for _ in names]
        labels_only = header.get("scores") == "labels"
        if not labels_only:
            tied = count_tied(logits, multi_label, threshold)
            facts = [model | {"tied": str(count)} for model, count in zip(facts, tied, strict=True)]
        read.facts.extend(facts)
        read.notes.extend(json.loads(header.get("notes", "[]")))
        # Adding zero makes -0.0 and 0.0 alike
        read.scores.extend(hashlib.sha256((model + 0.0).tobytes()).hexdigest() for model in logits)
        read = read._replace(examples=logits.shape[1], labels_only=labels_only)
    return read


def count_tied(logits: np.ndarray, multi_label: bool, threshold: float | None) -> list[int]:
    """Return of how many examples each model leaves open what it decides: by equal scores.

    Of one class an example, the two largest are equal; of several, or where a threshold is given,
    a score lies on the threshold.

    Parameters
    ----------
    logits : float32 (models, examples, classes)
    """
    if logits.shape[2] < 2 and not multi_label:
        return [0] * len(logits)
    if multi_label or threshold is not None:
        margin = logits if multi_label else logits[..., 1:] - logits[..., :1]
        cut = logit(0.5 if threshold is None else threshold)
        tied = np.isclose(margin, cut, rtol=1e-6, atol=1e-6).any(axis=2)
    else:
        largest = np.partition(logits, -2, axis=2)[..., -2:]
        tied = largest[..., 0] == largest[..., 1]
    return [int(count) for count in tied.sum(axis=1)]


def differences(groups: Sequence[External], are_reruns: bool) -> list[tuple[int, str, str]]:
    """Return the group, the kind and a sentence for each reason to doubt a comparison.

    Parameters
    ----------
    groups : sequence of External
        Of one dataset and model; the baseline first.
    are_reruns : bool
        Whether the models of a group differ by nothing but a rerun, so that their scores may be
        equal.
    """
    found = []
    for place, group in enumerate(groups):
        repeated = [
            row for row, digest in enumerate(group.scores) if group.scores.count(digest) > 1
        ]
        if repeated and not (are_reruns or group.labels_only):
            reason = "have all scores equal to the last digit: are they the same model?"
            found.append((place, EQUAL, f"{_named(repeated, group)} {reason}"))
        for other in groups if place else []:  # one sentence for a baseline and another group
            found += [
                (place, *reason) for reason in _equal_scores(group, other) if other is not group
            ]
        if place:
            found += [(place, INPUT, reason) for reason in _inputs(groups[0], group)]
        found += [(place, NOTE, reason) for reason in [*group.notes, *_ties(group)]]
    return found


def _equal_scores(group: External, other: External) -> list[tuple[str, str]]:
    """Return the kind and a sentence if models of two groups answer all texts alike."""
    same = [row for row, digest in enumerate(group.scores) if digest in other.scores]
    if not same or group.is_rerun or other.is_rerun:
        return []
    kind, shared = EQUAL, "all scores equal to the last digit"
    if group.labels_only:  # as two good models may well have them
        kind, shared = NOTE, "all labels equal"
    verb = "has" if len(group.models) == 1 else "have"
    reason = (
        f"{_named(same, group)} {verb} {shared} to those of {other.name}: is it the same model?"
    )
    return [(kind, reason)]


def _ties(group: External) -> list[str]:
    """Return a sentence if scores are tied for more than a few texts."""
    most = max((int(model.get("tied", 0)) for model in group.facts), default=0)
    if not group.examples or most < TIED * group.examples:
        return []
    of_one = " of one model" if len(group.models) > 1 else ""
    return [
        f"{group.name}: for {most} of {group.examples} texts{of_one} {group.tie}: are the scores "
        "rounded? More decimals would tell"
    ]


def of_dataset(card: Mapping) -> list[str]:
    """Return a sentence on each thing in a dataset that is perhaps not meant.

    Parameters
    ----------
    card : mapping
        Of the dataset: `dataset`, `counts`, `warnings` and `left_out`, a number of rows.
    """
    name, left = card["dataset"], card.get("left_out", 0)
    lines = [f"{name}: {line}" for line in card.get("warnings", [])]
    if left:
        kept = sum(split["examples"] for split in card["counts"].values())
        lines.append(
            f"{name}: {left} of the {left + kept} rows of its source are left out, as the keys of "
            f"datasets.{name} ask for"
        )
    return lines


def _named(rows: Sequence[int], group: External) -> str:
    """Return some models of a group in words."""
    if len(rows) == len(group.models):
        return group.name
    listed = ", ".join(group.models[row] for row in rows[:MOST_NAMED])
    return f"{len(rows)} of {len(group.models)} models of {group.name} ({listed})"


def _inputs(baseline: External, group: External) -> list[str]:
    """Return in what two groups read their texts otherwise, a sentence each."""
    reasons = []
    limits, cut = (
        [_values(side, name) for side in (baseline, group)] for name in ("token_limit", "truncated")
    )
    if _differ(limits):
        reasons.append(
            f"{group.name} reads {' or '.join(limits[1])} tokens of a text and {baseline.name} "
            f"{' or '.join(limits[0])}: {group.name} cuts {' or '.join(cut[1])} of "
            f"{group.examples} texts, {baseline.name} {' or '.join(cut[0])}"
        )
    if _differ([_values(side, "tokens") for side in (baseline, group)]):
        names = [" or ".join(_values(side, "tokenizer")) for side in (baseline, group)]
        reasons.append(
            f"the tokenizers differ: {group.name} ({names[1]}) gives other tokens for the same "
            f"texts than {baseline.name} ({names[0]})"
        )
    orders = [_values(side, "label_order") for side in (baseline, group)]
    if _differ(orders):
        reasons.append(
            f"the labels' order differs: {' or '.join(orders[1])} for {group.name}, "
            f"{' or '.join(orders[0])} for {baseline.name}"
        )
    return reasons


def _values(group: External, name: str) -> list[str]:
    return sorted({model[name] for model in group.facts if model.get(name)}, key=natural)


def _differ(values: Sequence[Sequence[str]]) -> bool:
    """Return whether two groups differ in what is known of both."""
    return all(values) and values[0] != values[1]
