import collections
import dataclasses
import math

import numpy as np
import pytest
import torch

from helpers.small_model import bilstm, encoded, run
from pielab import files
from pielab.training import loop, pruning, text_scores
from pielab.training.objectives import Job, reweight


def several(labels):
    labels = torch.tensor(labels, dtype=torch.uint8)
    return dataclasses.replace(
        encoded(len(labels)), labels=labels, multi_label=True, n_classes=labels.shape[1]
    )


def single(labels, n_classes=2):
    return dataclasses.replace(
        encoded(len(labels)), labels=torch.tensor(labels), n_classes=n_classes
    )


def written(path, scores, digest=""):
    files.write_arrays(path, {"scores": np.array(scores, dtype=float)}, {"examples": digest})
    return str(path)


def test_a_class_that_is_three_times_as_rare_scores_three_times_as_much():
    scores = text_scores.scores_of("class", single([0, 0, 0, 1]))
    assert scores.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    assert scores.mean() == pytest.approx(1)


def test_of_several_labels_the_rarest_counts_and_none_is_one_class_more():
    scores = text_scores.scores_of("class", several([[1, 0], [1, 1], [1, 0], [0, 0]]))
    assert scores.tolist() == pytest.approx([4 / 9, 4 / 3, 4 / 9, 4 / 3])


def test_lengths_are_tokens():
    data = encoded()
    assert text_scores.scores_of("length", data).tolist() == data.lengths.tolist()


def test_scores_that_are_read_are_for_the_same_examples_and_what_is_unknown_gets_the_mean(tmp_path):
    data = dataclasses.replace(encoded(3), digest="a1b2")
    path = written(tmp_path / "s.safetensors", [1, np.nan, 3], "a1b2")
    assert text_scores.scores_of("el2n", data, path).tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match=r"s\.safetensors: scores for other examples"):
        text_scores.scores_of("el2n", encoded(3), path)
    empty = written(tmp_path / "t.safetensors", [0, 0, 0], "a1b2")
    with pytest.raises(ValueError, match=r"t\.safetensors: no score above 0"):
        text_scores.scores_of("el2n", data, empty)


# --- weights --------------------------------------------------------------------------------


def weighted(data, logits, rows, scores=None, **options):
    loss = reweight.prepare(Job({"weight": 1} | options, data, None, scores))
    rows = torch.tensor(rows)
    return float(loss(torch.tensor(logits), data.labels[rows], rows))


def test_weights_by_class_by_hand():
    # Weights 2/3 and 2, both models' probability of the truth 1/2
    data = single([0, 0, 0, 1])
    got = weighted(data, [[0.0, 0.0], [0.0, 0.0]], [0, 3], by="class")
    assert got == pytest.approx((2 / 3 + 2) / 2 * math.log(2))
    half = weighted(data, [[0.0, 0.0], [0.0, 0.0]], [0, 3], by="class", weight=0.5)
    assert half == pytest.approx((5 / 6 + 1.5) / 2 * math.log(2))


def test_of_several_labels_on_and_off_weigh_as_much_in_each_class():
    data = several([[1, 0], [0, 1], [0, 0], [0, 1]])
    weights = text_scores.decision_weights(data.labels)
    assert weights.tolist()[0] == pytest.approx([4 / 2, 4 / 4])
    for column, labels in zip(weights.T, data.labels.T, strict=True):
        assert column[labels == 1].sum() == column[labels == 0].sum() == 2


@pytest.mark.parametrize("multi_label", [False, True])
def test_the_weighted_mean_is_that_of_examples_taken_one_by_one(multi_label, tmp_path):
    generator = torch.Generator().manual_seed(0)
    data = encoded(12)
    if multi_label:
        labels = torch.randint(0, 2, (12, 3), generator=generator, dtype=torch.uint8)
        data = dataclasses.replace(data, labels=labels, multi_label=True, n_classes=3)
    scores = [float(score) for score in range(1, 13)]
    path = written(tmp_path / "s.safetensors", scores)
    logits, rows, total = torch.randn(5, 3, generator=generator), [3, 0, 11, 7, 2], 0.0
    for row, own in zip(rows, logits.tolist(), strict=True):
        if multi_label:
            truth = data.labels[row].tolist()
            each = [
                math.log(1 + math.exp(-x if on else x)) for x, on in zip(own, truth, strict=True)
            ]
            cross = sum(each) / 3
        else:
            cross = math.log(sum(math.exp(x) for x in own)) - own[int(data.labels[row])]
        total += scores[row] / 6.5 * cross
    got = weighted(data, logits.tolist(), rows, path, by="readability")
    assert got == pytest.approx(total / 5, rel=1e-5)


def test_a_batch_of_average_weights_trains_as_without():
    data = single([0, 1] * 12)
    loss = reweight.prepare(Job({"by": "class", "weight": 1}, data))
    logits, rows = torch.randn(24, 2), torch.arange(24)
    assert loss(logits, data.labels, rows) == pytest.approx(
        float(loop.cross_entropy(logits, data.labels, rows)), rel=1e-6
    )


# --- choices --------------------------------------------------------------------------------


def drawn(how, data, wanted, seed=0, scores=None):
    generator = torch.Generator().manual_seed(seed)
    return text_scores.choose(how, data, wanted, generator, scores)


def test_at_random_are_the_first_of_a_random_order_as_ever():
    order = torch.randperm(24, generator=torch.Generator().manual_seed(3))
    assert torch.equal(drawn("at-random", encoded(), 7, seed=3), order[:7])


def test_balanced_choices_hold_as_many_of_each_class_until_one_runs_out():
    data = single([0] * 20 + [1] * 8 + [2] * 2, n_classes=3)
    rows = drawn("class-balanced", data, 12)
    assert collections.Counter(data.labels[rows].tolist()) == {0: 5, 1: 5, 2: 2}
    assert len(rows.unique()) == 12
    assert not torch.equal(rows, drawn("class-balanced", data, 12, seed=1))


def test_balanced_choices_of_several_labels_go_by_the_rarest():
    data = several([[1, 0]] * 8 + [[1, 1]] * 2 + [[0, 0]] * 2)
    rows = drawn("class-balanced", data, 6).tolist()
    assert {8, 9, 10, 11} < set(rows)


def test_choices_by_score_are_drawn_in_proportion_to_it():
    scores = torch.tensor([1.0, 2.0, 5.0, 0.0])
    firsts = [int(drawn("el2n", encoded(4), 1, seed, scores)) for seed in range(4000)]
    shares = np.bincount(firsts, minlength=4) / 4000
    assert shares == pytest.approx([1 / 8, 2 / 8, 5 / 8, 0], abs=0.03)
    assert sorted(drawn("el2n", encoded(4), 3, 0, scores).tolist()) == [0, 1, 2]


def test_the_impact_criterion_reads_the_texts_that_are_chosen(monkeypatch):
    read = []

    def gradient(model, weights, run, rows, dropout):
        read.append(rows.tolist())
        return {name: torch.ones_like(weight) for name, weight in weights.items()}

    monkeypatch.setattr(pruning, "mean_gradient", gradient)
    scores = torch.zeros(24, dtype=torch.float64)
    scores[[4, 9, 17]] = 1
    method = pruning.Method("impact", "iterative", impact_examples=3, chosen="el2n")
    method = dataclasses.replace(method, text_scores=scores)
    model = bilstm()
    masks = {"hidden.0.weight": torch.ones(256, 200, dtype=torch.bool)}
    pruning.prune_once(model, masks, 0.5, method, run(), 0)
    assert [sorted(rows) for rows in read] == [[4, 9, 17]]
