"""Compare what is known of external models before their answers are believed.

The headers of predictions hold a description of each model; a baseline and a compressed model
should differ in their precision alone.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

from pielab import files
from pielab.cells import natural
from pielab.vocabulary import EQUAL, INPUT, NOTE

DIGITS = 12
MOST_NAMED = 5  # models that a sentence names
FACTS = (
    *("device", "precision", "scores", "tokenizer", "tokens", "token_limit", "truncated"),
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


def read_external(name: str, is_rerun: bool, paths: Sequence[str]) -> External:
    """Return the models whose predictions are in these files, blocks of one group."""
    read = External(name, is_rerun, [], [], [], [], 0, False)
    for path in paths:
        arrays, header = files.read_arrays(path)
        logits = arrays["logits"]
        numbers = [
            str(number) for number in range(len(read.models), len(read.models) + len(logits))
        ]
        own = json.loads(header.get("members", "[]")) or numbers
        read.models.extend(own)
        read.facts.extend(json.loads(header.get("models", "[]")) or [{} for _ in own])
        read.notes.extend(json.loads(header.get("notes", "[]")))
        # Adding zero makes -0.0 and 0.0 alike
        read.scores.extend(hashlib.sha256((each + 0.0).tobytes()).hexdigest() for each in logits)
        labels_only = header.get("scores") == "labels"
        read = read._replace(examples=logits.shape[1], labels_only=labels_only)
    return read


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
    for place, own in enumerate(groups):
        repeated = [row for row, each in enumerate(own.scores) if own.scores.count(each) > 1]
        if repeated and not (are_reruns or own.labels_only):
            said = "have all scores equal to the last digit: are they the same model?"
            found.append((place, EQUAL, f"{_named(repeated, own)} {said}"))
        for other in groups if place else []:  # one sentence for a baseline and another group
            found += [(place, *said) for said in _equal_scores(own, other) if other is not own]
        if place:
            found += [(place, INPUT, said) for said in _inputs(groups[0], own)]
        found += [(place, NOTE, said) for said in own.notes]
    return found


def _equal_scores(own: External, other: External) -> list[tuple[str, str]]:
    """Return the kind and a sentence if models of two groups answer all texts alike."""
    same = [row for row, each in enumerate(own.scores) if each in other.scores]
    if not same or own.is_rerun or other.is_rerun:
        return []
    kind, what = EQUAL, "all scores equal to the last digit"
    if own.labels_only:  # as two good models may well have them
        kind, what = NOTE, "all labels equal"
    verb = "has" if len(own.models) == 1 else "have"
    said = f"{_named(same, own)} {verb} {what} to those of {other.name}: is it the same model?"
    return [(kind, said)]


def _named(rows: Sequence[int], group: External) -> str:
    """Return some models of a group in words."""
    if len(rows) == len(group.models):
        return group.name
    listed = ", ".join(group.models[row] for row in rows[:MOST_NAMED])
    return f"{len(rows)} of {len(group.models)} models of {group.name} ({listed})"


def _inputs(baseline: External, own: External) -> list[str]:
    """Return in what two groups read their texts otherwise, a sentence each."""
    said = []
    limits, cut = (
        [_values(each, name) for each in (baseline, own)] for name in ("token_limit", "truncated")
    )
    if _differ(limits):
        said.append(
            f"{own.name} reads {' or '.join(limits[1])} tokens of a text and {baseline.name} "
            f"{' or '.join(limits[0])}: {own.name} cuts {' or '.join(cut[1])} of {own.examples} "
            f"texts, {baseline.name} {' or '.join(cut[0])}"
        )
    if _differ([_values(each, "tokens") for each in (baseline, own)]):
        names = [" or ".join(_values(each, "tokenizer")) for each in (baseline, own)]
        said.append(
            f"the tokenizers differ: {own.name} ({names[1]}) gives other tokens for the same "
            f"texts than {baseline.name} ({names[0]})"
        )
    orders = [_values(each, "label_order") for each in (baseline, own)]
    if _differ(orders):
        said.append(
            f"the labels' order differs: {' or '.join(orders[1])} for {own.name}, "
            f"{' or '.join(orders[0])} for {baseline.name}"
        )
    return said


def _values(group: External, name: str) -> list[str]:
    return sorted({each[name] for each in group.facts if each.get(name)}, key=natural)


def _differ(values: Sequence[Sequence[str]]) -> bool:
    """Return whether two groups differ in what is known of both."""
    return all(values) and values[0] != values[1]
