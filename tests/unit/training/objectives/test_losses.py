"""Each objective by a case computed by hand, and against a slow reference in plain Python."""

import math

import pytest
import torch

from helpers.small_model import encoded
from pielab.objectives import names, objective
from pielab.training import losses
from pielab.training.objectives import Job, objective_module

LN3 = math.log(3)
OPTIONS = {
    "distillation": {"temperature": 3, "weight": 0.3},
    "focal-distillation": {"alpha": 0.5, "beta": 4, "temperature": 2},
    "logit-difference": {"top": 2, "margin": 0.2, "weight": 0.7},
    "performance-weighted": {"least": 0.4, "exponent": 2, "soft_labels": True},
}


def loss_of(name, options, logits, labels, teacher, rows=None):
    """Return an objective's loss of a batch; by default the rows are the first examples."""
    job = Job(options, encoded(), None if teacher is None else torch.tensor(teacher))
    rows = torch.arange(len(logits)) if rows is None else torch.tensor(rows)
    labels = torch.tensor(labels)
    labels = labels.to(torch.uint8) if labels.ndim == 2 else labels
    return float(objective_module(name).prepare(job)(torch.tensor(logits), labels, rows))


# --- by hand --------------------------------------------------------------------------------


def test_distillation_of_one_example_by_hand():
    # Model: 1/2, 1/2. Teacher at T = 2: 3/4, 1/4. KL = 3/4 ln(3/2) + 1/4 ln(1/2)
    divergence = 4 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    expected = 0.75 * math.log(2) + 0.25 * divergence
    options = {"temperature": 2, "weight": 0.25}
    got = loss_of("distillation", options, [[0.0, 0.0]], [0], [[2 * LN3, 0.0]])
    assert got == pytest.approx(expected, rel=1e-6)


def test_focal_distillation_counts_imitation_six_times_where_the_teacher_is_right():
    # Model: 1/2, 1/2 both times. Teacher: 3/4, 1/4; right for class 0, wrong for class 1
    divergence = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    options = {"alpha": 1, "beta": 5, "temperature": 1}
    for label, times in ((0, 6), (1, 1)):
        got = loss_of("focal-distillation", options, [[0.0, 0.0]], [label], [[LN3, 0.0]])
        assert got == pytest.approx(math.log(2) + times * divergence, rel=1e-6)


def test_logit_difference_counts_the_teachers_highest_classes_beyond_the_margin():
    # Of three classes the teacher ranks 0 and 2 highest: differences 1 and 0.5, less 0.5
    options = {"top": 2, "margin": 0.5, "weight": 1}
    got = loss_of("logit-difference", options, [[2.0, 9.0, 0.5]], [0], [[3.0, -1.0, 1.0]])
    assert got == pytest.approx((0.5**2 + 0) / 2)


def test_performance_weighting_by_hand():
    # Teacher 3/4, 1/4. Label 0: it is right, weight 1/2 + 1/2 (1/4)^2, its probabilities the
    # target, so that the model, at 1/2, costs ln 2. Label 1: wrong, weight 1/2 + 1/2 (3/4)^2.
    options = {"least": 0.5, "exponent": 2, "soft_labels": True}
    for label, weight in ((0, 0.5 + 0.5 / 16), (1, 0.5 + 0.5 * 9 / 16)):
        got = loss_of("performance-weighted", options, [[0.0, 0.0]], [label], [[LN3, 0.0]])
        assert got == pytest.approx(weight * math.log(2), rel=1e-6)


def test_soft_labels_are_the_teachers_only_where_it_is_right():
    options = {"least": 1, "exponent": 1, "soft_labels": True}
    sure = [[LN3, 0.0]]  # 3/4, 1/4
    got = loss_of("performance-weighted", options, sure, [0], [[LN3, 0.0]])
    assert got == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25), rel=1e-6)
    got = loss_of("performance-weighted", options, sure, [1], [[LN3, 0.0]])
    assert got == pytest.approx(-math.log(0.25), rel=1e-6)


# --- slow references ------------------------------------------------------------------------


def softmax(logits, temperature=1.0):
    powers = [math.exp(x / temperature) for x in logits]
    return [p / sum(powers) for p in powers]


def as_decisions(logits, labels, teacher):
    """Yield each decision as (probabilities function, label, teacher's): of several labels two."""
    for own, label, other in zip(logits, labels, teacher, strict=True):
        if isinstance(label, list):
            for x, y, t in zip(own, label, other, strict=True):
                yield [0.0, x], y, [0.0, t]
        else:
            yield own, label, other


def kl(p, q):
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def slow(name, options, logits, labels, teacher):
    """Return the mean loss of decisions, one at a time."""
    found = []
    for own, label, other in as_decisions(logits, labels, teacher):
        cross = -math.log(softmax(own)[label])
        right = max(range(len(other)), key=lambda k: other[k]) == label
        if name in ("distillation", "focal-distillation"):
            t = options["temperature"]
            imitated = t * t * kl(softmax(other, t), softmax(own, t))
            if name == "distillation":
                w = options["weight"]
                found.append((1 - w) * cross + w * imitated)
            else:
                found.append(cross + (options["alpha"] + options["beta"] * right) * imitated)
        elif name == "performance-weighted":
            least = options["least"]
            weight = least + (1 - least) * (1 - softmax(other)[label]) ** options["exponent"]
            truth = [float(k == label) for k in range(len(own))]
            target = softmax(other) if right else truth
            cross = -sum(p * math.log(q) for p, q in zip(target, softmax(own), strict=True))
            found.append(weight * cross)
    return sum(found) / len(found)


def batch(several, seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = (3 * torch.randn(9, 4, generator=generator)).tolist()
    teacher = (3 * torch.randn(9, 4, generator=generator)).tolist()
    shape = (9, 4) if several else (9,)
    labels = torch.randint(0, 2 if several else 4, shape, generator=generator).tolist()
    return logits, labels, teacher


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("name", ["distillation", "focal-distillation", "performance-weighted"])
def test_a_loss_is_that_of_decisions_taken_one_at_a_time(name, several):
    logits, labels, teacher = batch(several)
    expected = slow(name, OPTIONS[name], logits, labels, teacher)
    assert loss_of(name, OPTIONS[name], logits, labels, teacher) == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize("several", [False, True])
def test_logit_differences_are_those_of_classes_taken_one_at_a_time(several):
    logits, labels, teacher = batch(several)
    options, found = OPTIONS["logit-difference"], []
    for own, other in zip(logits, teacher, strict=True):
        ranked = sorted(range(4), key=lambda k: -other[k])
        for k in ranked if several else ranked[: options["top"]]:
            found.append(max(0, abs(own[k] - other[k]) - options["margin"]) ** 2)
    decisions = list(as_decisions(logits, labels, teacher))
    cross = sum(-math.log(softmax(own)[label]) for own, label, _ in decisions) / len(decisions)
    expected = 0.3 * cross + 0.7 * sum(found) / len(found)
    got = loss_of("logit-difference", options, logits, labels, teacher)
    assert got == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", OPTIONS)
def test_the_teacher_of_a_batch_is_that_of_its_rows(name):
    logits, labels, teacher = batch(several=False)
    rows = [4, 0, 7]
    part = [[values[row] for row in rows] for values in (logits, labels, teacher)]
    expected = loss_of(name, OPTIONS[name], *part)
    got = loss_of(name, OPTIONS[name], part[0], part[1], teacher, rows)
    assert got == pytest.approx(expected)


@pytest.mark.parametrize("several", [False, True])
def test_a_model_that_is_its_teacher_diverges_from_it_by_nothing(several):
    logits, *_ = batch(several)
    logits = torch.tensor(logits)
    assert losses.divergences(logits, logits, 2, several).abs().max() < 1e-5


def test_every_objective_that_imitates_is_tested_here():
    assert set(OPTIONS) == {name for name in names() if objective(name).teacher}
