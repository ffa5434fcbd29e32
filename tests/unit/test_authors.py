"""Our measures against the authors', on the same random predictions.

What their functions compute (github.com/pietrotrope/AsEasyAsPIE: measures/measures.py, and the
threshold in training/training.py) is written anew here, in plain Python and in their order.
Where ours deviates on purpose, a test's name says so.
"""

from math import ceil, exp, log, sqrt

import numpy as np
import pytest

from helpers.cells import cell_of
from pielab.analysis import classes, influence
from pielab.analysis.losses import loss_change, losses_by_model
from pielab.measures.pies import find_pies
from pielab.pies.cell import Cell
from pielab.pies.decisions import best_threshold, decide
from pielab.pies.scores import model_scores

SINGLE, MULTI = "single", "multi"
# kind, models, examples, classes; even numbers of models have ties
SHAPES = [
    (SINGLE, 3, 60, 3),
    (SINGLE, 4, 100, 2),
    (SINGLE, 1, 40, 4),
    (MULTI, 3, 60, 5),
    (MULTI, 4, 80, 7),
    (MULTI, 2, 40, 11),
]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(map(str, shape)))


def study(shape, seed=0):
    """Return logits of early, dense and pruned models, and labels, of which models know a bit."""
    kind, models, examples, number = shape
    rng = np.random.default_rng(seed)
    several = (rng.random((examples, number)) < 0.3).astype(np.uint8)
    labels = several if kind == MULTI else rng.integers(0, number, examples)
    truth = several if kind == MULTI else labels[:, None] == np.arange(number)
    logits = rng.normal(0, 1.5, (3, models, examples, number)) + truth
    return *logits.astype(np.float32), labels


def their_probabilities(row, kind):
    """Sigmoids of several labels, else the softmax."""
    if kind == MULTI:
        return [1 / (1 + exp(-x)) for x in row]
    return [exp(x) / sum(exp(other) for other in row) for x in row]


def their_el2n(logits, labels, kind):
    """Mean over models of the norm of probabilities minus truth."""
    scores = []
    for i, label in enumerate(labels):
        norms = []
        for model in logits:
            found = their_probabilities(model[i].tolist(), kind)
            truth = label if kind == MULTI else [c == label for c in range(len(found))]
            norms.append(sqrt(sum((p - int(t)) ** 2 for p, t in zip(found, truth, strict=True))))
        scores.append(sum(norms) / len(norms))
    return scores


def their_bins(el2n, number=20):
    """Walk up the sorted scores, to the next bin where one exceeds the bin's percentile."""
    order = sorted(range(len(el2n)), key=lambda i: el2n[i])
    cuts = []
    for k in range(1, number + 1):
        place = k * (len(order) - 1) / number
        below, above = el2n[order[int(place)]], el2n[order[ceil(place)]]
        cuts.append(below + (place - int(place)) * (above - below))
    bins = [[]]
    for i in order:
        if el2n[i] > cuts[len(bins) - 1]:
            bins.append([])
        bins[-1].append(i)
    return bins


def their_losses(row, label, kind):
    """One loss a class of several labels, else one."""
    found = their_probabilities(row, kind)
    if kind == MULTI:
        return [-log(p if on else 1 - p) for p, on in zip(found, label, strict=True)]
    return [-log(found[label])]


def their_loss_changes(dense, pruned, labels, kind):
    """Mean over models of the loss's difference, and of its ratio, class by class."""
    rows = []
    for i, label in enumerate(labels):
        both = [
            [their_losses(side[i].tolist(), label, kind) for side in sides]
            for sides in zip(dense, pruned, strict=True)
        ]
        changes = [sum(b - a for a, b in zip(*pair, strict=True)) / len(pair[0]) for pair in both]
        ratios = [sum(b / a for a, b in zip(*pair, strict=True)) / len(pair[0]) for pair in both]
        rows.append((sum(changes) / len(both), sum(ratios) / len(both)))
    return rows


def their_f1(decided, labels):
    """Of each class; 0 without labels and decisions."""
    scores = []
    for c in range(len(labels[0])):
        hits = sum(bool(row[c] and label[c]) for row, label in zip(decided, labels, strict=True))
        total = sum(int(row[c]) + int(label[c]) for row, label in zip(decided, labels, strict=True))
        scores.append(2 * hits / total if total else 0.0)
    return scores


def above(model, cut):
    return [[p > cut for p in their_probabilities(row.tolist(), MULTI)] for row in model]


def their_threshold(model, labels):
    """Of 0.00, 0.01 ... 0.99 the first of those with the highest macro-F1."""
    best, highest = 0, -1.0
    for step in range(100):
        score = sum(their_f1(above(model, step / 100), labels)) / len(labels[0])
        if score > highest + 1e-12:  # rounding must not tell apart what is equal
            best, highest = step / 100, score
    return best


def their_modal_class(logits, i):
    votes = [0] * logits.shape[2]
    for model in logits:
        row = model[i].tolist()
        votes[row.index(max(row))] += 1
    return votes.index(max(votes))


def their_pairs(dense, pruned, thresholds):
    """Of each class, the examples where strict majorities of dense and pruned models differ."""
    on = []
    for side, cuts in zip((dense, pruned), thresholds, strict=True):
        decided = [above(model, cut) for model, cut in zip(side, cuts, strict=True)]
        sums = np.sum(decided, axis=0).tolist()
        on.append([[count > len(dense) / 2 for count in row] for row in sums])
    return [
        [i for i in range(dense.shape[1]) if on[0][i][c] != on[1][i][c]]
        for c in range(dense.shape[2])
    ]


def found_pies(shape):
    """Return what the rule find_pies finds on the test split, with what went in."""
    _, dense, pruned, train_labels = study(shape, seed=1)
    _, *test, labels = study(shape, seed=2)
    sides = [
        decide({"train": train, "test": tested}, train_labels)["test"]
        for train, tested in zip((dense, pruned), test, strict=True)
    ]
    cell = Cell(*sides, labels, np.arange(len(labels)), "lowest")
    return find_pies(cell), cell, (dense, pruned, train_labels), (*test, labels)


def their_pies(shape, train, test):
    """Return the examples that are PIEs, and of several labels the classes' lists of them."""
    dense, pruned, labels = test
    if shape[0] == SINGLE:
        modal = ([their_modal_class(side, i) for side in test[:2]] for i in range(len(labels)))
        return [i for i, (one, other) in enumerate(modal) if one != other], None
    thresholds = [[their_threshold(model, train[2]) for model in side] for side in train[:2]]
    pairs = their_pairs(dense, pruned, thresholds)
    return sorted(set().union(*pairs)), pairs


@every_shape
def test_el2n_is_theirs(shape):
    early, *_, labels = study(shape)
    np.testing.assert_allclose(
        influence.el2n(early, labels), their_el2n(early, labels, shape[0]), rtol=1e-9
    )


@pytest.mark.parametrize("examples", [20, 100, 1000])
def test_bins_are_theirs_where_examples_divide_by_twenty_and_none_are_equal(examples):
    scores = np.random.default_rng(examples).random(examples)
    ours = influence.influence_bins(scores)
    for number, members in enumerate(their_bins(scores.tolist()), start=1):
        assert sorted(members) == np.flatnonzero(ours == number).tolist()


@pytest.mark.parametrize("examples", [21, 39, 97, 1009])
def test_bins_deviate_from_theirs_by_an_example_a_cut_where_examples_do_not_divide(examples):
    scores = np.random.default_rng(examples).random(examples)
    sizes = np.bincount(influence.influence_bins(scores))[1:]
    theirs = [len(members) for members in their_bins(scores.tolist())]
    assert np.abs(sizes.cumsum() - np.cumsum(theirs)).max() <= 1


def test_bins_of_equal_scores_stay_equal_in_size_where_theirs_hold_them_together():
    scores = [0.0] * 30 + [1.0] * 10
    assert next(len(members) for members in their_bins(scores)) == 30
    assert set(np.bincount(influence.influence_bins(np.array(scores)))[1:]) == {2}


@every_shape
def test_loss_changes_by_bin_are_theirs_and_so_are_ratios_of_one_label(shape):
    early, dense, pruned, labels = study(shape)
    scores = influence.el2n(early, labels)
    table = influence.bin_table(
        scores,
        np.zeros(len(labels), bool),
        loss_change(*(losses_by_model(side, labels) for side in (dense, pruned))),
    )
    rows = np.array(their_loss_changes(dense, pruned, labels, shape[0]))
    for row, members in zip(table.itertuples(), their_bins(scores.tolist()), strict=True):
        change, ratio = rows[members].T
        assert row.loss_change == pytest.approx(change.mean(), rel=1e-6, abs=1e-9)
        error = change.std(ddof=1) / sqrt(len(members))
        assert row.loss_change_se == pytest.approx(error, rel=1e-6)
        if shape[0] == SINGLE:
            assert row.mean_of_ratios == pytest.approx(ratio.mean(), rel=1e-6)


def test_ratio_of_several_labels_divides_means_over_classes_where_theirs_divides_each_class():
    dense = np.array([[[2.0, -3.0]]], dtype=np.float32)
    pruned, labels = np.zeros_like(dense), np.array([[1, 0]], dtype=np.uint8)
    before = [log(1 + exp(-2)), log(1 + exp(-3))]
    ((_, theirs),) = their_loss_changes(dense, pruned, labels, MULTI)
    assert theirs == pytest.approx(sum(log(2) / loss for loss in before) / 2)
    ours = loss_change(*(losses_by_model(side, labels) for side in (dense, pruned)))["loss_ratio"][
        0
    ]
    assert ours == pytest.approx(2 * log(2) / sum(before))


@pytest.mark.parametrize("seed", range(3))
def test_thresholds_are_theirs(seed):
    _, dense, _, labels = study((MULTI, 2, 50, 6), seed)
    for model in dense:
        assert best_threshold(model, labels) == their_threshold(model, labels)


@every_shape
def test_pies_are_theirs_from_logits_through_thresholds_to_pairs(shape):
    found, _, train, test = found_pies(shape)
    theirs, pairs = their_pies(shape, train, test)
    assert theirs
    assert np.flatnonzero(found["pie"]).tolist() == theirs
    if pairs is not None:
        sides = zip(found["baseline_labels"], found["compressed_labels"], strict=True)
        ours = [set(dense) ^ set(pruned) for dense, pruned in sides]
        assert [[i for i, own in enumerate(ours) if c in own] for c in range(shape[3])] == pairs
        assert (found["positive_pairs"] + found["negative_pairs"]).tolist() == list(map(len, ours))


def class_table(found, shape, models):
    truth = classes.truth_array(found, shape[3])
    names = list(range(shape[3]))
    return classes.class_table(found, truth, models, names, np.random.default_rng(0))


@every_shape
def test_classes_of_pies_and_their_shares_are_theirs(shape):
    found, _, train, test = found_pies(shape)
    counts = [0] * shape[3]
    for i in their_pies(shape, train, test)[0]:
        for c in range(shape[3]):
            counts[c] += int(test[2][i][c]) if shape[0] == MULTI else int(test[2][i] == c)
    table = class_table(found, shape, shape[1])
    assert table["pies"].tolist() == counts
    np.testing.assert_allclose(
        table["pies"] / table["pies"].sum(), [count / sum(counts) for count in counts]
    )


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_accuracy_of_a_class_is_theirs(shape):
    found, _, _, (dense, pruned, labels) = found_pies(shape)
    table = class_table(found, shape, shape[1])
    for side, logits in (("baseline", dense), ("compressed", pruned)):
        for c in range(shape[3]):
            own = [model[i].tolist() for model in logits for i in np.flatnonzero(labels == c)]
            right = sum(row.index(max(row)) == c for row in own)
            assert table[f"score_{side}"][c] == pytest.approx(right / len(own))


def test_f1_of_a_class_is_theirs_of_one_model_and_pooled_where_theirs_is_a_mean_over_models():
    shape = (MULTI, 1, 60, 5)
    found, cell, _, (*_, labels) = found_pies(shape)
    dense = cell.baseline.decisions
    np.testing.assert_allclose(
        class_table(found, shape, 1)["score_baseline"], their_f1(dense[0], labels)
    )
    # Two models, one of which decides for nothing: theirs halves the F1 of the other
    both = np.concatenate([dense, np.zeros_like(dense)])
    twice = find_pies(cell_of(both, both, labels))
    hits, decided = (dense[0] & labels.astype(bool)).sum(axis=0), dense[0].sum(axis=0)
    np.testing.assert_allclose(
        class_table(twice, shape, 2)["score_baseline"],
        2 * hits / (decided + 2 * labels.sum(axis=0)),
    )


@pytest.mark.parametrize("shape", SHAPES[3:])
def test_macro_f1_on_pies_is_theirs(shape):
    found, cell, train, test = found_pies(shape)
    members = their_pies(shape, train, test)[0]
    pie = found["pie"].to_numpy()
    for group in cell.sides:
        decided = group.decisions[:, members]
        theirs = [np.mean(their_f1(model, test[2][members])) for model in decided]
        ours = model_scores(group.decisions[:, pie], cell.truth[pie], True)
        assert ours.tolist() == pytest.approx(theirs)
