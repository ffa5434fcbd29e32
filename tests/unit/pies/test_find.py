import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from pielab.pies import votes
from pielab.pies.decisions import THRESHOLDS, best_threshold, decide_multi, decide_single
from pielab.pies.find import find_pies
from pielab.pies.scores import model_scores, score_table, summarise
from pielab.vocabulary import TIES


def one_hot(classes, n):
    return np.asarray(classes)[:, :, None] == np.arange(n)


def slow_modal(votes, ties):
    best = [c for c, count in enumerate(votes) if count == max(votes)]
    if len(best) > 1 and ties == "exclude":
        return -1
    return best[-1] if ties == "highest" else best[0]


def slow_pies(dense, pruned, labels, ties):
    """Return (modal dense, modal pruned, is PIE, flip) of each example, by counting."""
    rows = []
    for i, label in enumerate(labels):
        a, b = (
            slow_modal([sum(p[i] == c for p in side) for c in range(3)], ties)
            for side in (dense, pruned)
        )
        pie = a != b and -1 not in (a, b)
        flip = None
        if pie:
            flip = "good" if b == label else "bad" if a == label else "both wrong"
        rows.append((a, b, pie, flip))
    return rows


predictions = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), min_size=n, max_size=n)
)


@given(predictions, predictions, st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_pies_equal_those_of_a_slow_count_under_every_tie_rule(dense, pruned, labels):
    for ties in TIES:
        found = find_pies(
            one_hot(dense, 3), one_hot(pruned, 3), np.array(labels), np.arange(6), ties
        )
        columns = found[["baseline_label", "compressed_label", "pie"]].itertuples(index=False, name=None)
        flips = [None if flip != flip else flip for flip in found["flip"]]
        got = [(*row, flip) for row, flip in zip(columns, flips, strict=True)]
        assert got == slow_pies(dense, pruned, labels, ties)


def test_a_hand_counted_cell_has_the_votes_ties_and_flips_that_were_counted():
    # Four dense and four pruned models, four examples, three classes
    dense = one_hot([[0, 0, 1, 2], [0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 0, 2]], 3)
    pruned = one_hot([[1, 1, 1, 2], [1, 1, 1, 0], [1, 1, 2, 1], [0, 0, 2, 2]], 3)
    labels = np.array([1, 0, 0, 2])
    lowest = find_pies(dense, pruned, labels, np.array([7, 8, 9, 10]), "lowest")
    assert lowest["example_id"].tolist() == [7, 8, 9, 10]
    assert [v.tolist() for v in lowest["baseline_votes"]] == [
        [4, 0, 0],
        [2, 2, 0],
        [1, 3, 0],
        [0, 0, 4],
    ]
    assert lowest["baseline_tie"].tolist() == [False, True, False, False]
    assert lowest["compressed_tie"].tolist() == [False, False, True, False]
    assert lowest["pie"].tolist() == [True, True, False, False]
    assert lowest["flip"].tolist()[:2] == ["good", "bad"]
    highest = find_pies(dense, pruned, labels, labels, "highest")
    assert highest["pie"].tolist() == [True, False, True, False]
    assert highest["flip"][2] == "both wrong"
    exclude = find_pies(dense, pruned, labels, labels, "exclude")
    assert exclude["pie"].tolist() == [True, False, False, False]
    assert exclude["baseline_label"].tolist() == [0, -1, 1, 2]


def test_identical_groups_have_no_pies_and_swapped_groups_the_same_pies():
    generator = np.random.default_rng(0)
    a, b = (one_hot(generator.integers(0, 3, (6, 50)), 3) for _ in range(2))
    labels = generator.integers(0, 3, 50)
    for ties in TIES:
        assert not find_pies(a, a, labels, labels, ties)["pie"].any()
        there = find_pies(a, b, labels, labels, ties)
        back = find_pies(b, a, labels, labels, ties)
        assert (there["pie"] == back["pie"]).all()
        assert (there["flip"] == "good").sum() == (back["flip"] == "bad").sum()


def test_one_seed_makes_every_disagreement_a_pie_and_ties_none():
    dense, pruned = one_hot([[0, 1, 1]], 2), one_hot([[0, 0, 1]], 2)
    found = find_pies(dense, pruned, np.array([0, 0, 0]), np.arange(3))
    assert found["pie"].tolist() == [False, True, False]
    assert not found["baseline_tie"].any()


def test_an_unknown_tie_rule_is_refused_by_name():
    with pytest.raises(ValueError, match="'first'; expected one of lowest, highest, exclude"):
        votes.majority(np.array([[1, 2]]), 3, "first", False)


def test_a_class_of_several_labels_is_on_only_with_strictly_more_than_half_of_the_models():
    counts = np.array([[2, 3, 1]])
    on, tied = votes.majority(counts, 4, "lowest", True)
    assert on.tolist() == [[False, True, False]]
    assert tied.tolist() == [[True, False, False]]
    assert votes.majority(counts, 4, "highest", True)[0].tolist() == [[True, True, False]]


def test_several_labels_make_a_pie_of_any_class_that_changes():
    # (seeds 3, examples 2, classes 2)
    dense = np.array([[[1, 0], [1, 1]], [[1, 0], [1, 1]], [[0, 0], [0, 1]]], dtype=bool)
    pruned = np.array([[[1, 1], [1, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]]], dtype=bool)
    labels = np.array([[1, 0], [1, 1]], dtype=np.uint8)
    found = find_pies(dense, pruned, labels, np.arange(2))
    assert found["pie"].tolist() == [True, False]
    assert found["flip"].tolist()[0] == "bad"
    assert found["bad_pairs"].tolist() == [1, 0]
    assert [labels.tolist() for labels in found["compressed_labels"]] == [[0, 1], [0, 1]]


def slow_threshold(logits, labels):
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    f1 = [f1_score(labels, scores > cut, average="macro", zero_division=0) for cut in THRESHOLDS]
    return THRESHOLDS[int(np.argmax(np.round(f1, 12)))], f1


@given(st.integers(0, 2**32 - 1))
def test_the_threshold_is_the_one_that_a_search_with_scikit_learn_finds(seed):
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (12, 3)).astype(np.float32).round(1)
    labels = generator.integers(0, 2, (12, 3)).astype(np.uint8)
    best = best_threshold(logits, labels)
    _, f1 = slow_threshold(logits, labels)
    assert f1[round(best * 100)] == pytest.approx(max(f1))


def test_of_equal_thresholds_the_lowest_is_chosen_and_extreme_logits_are_no_trouble():
    logits = np.array([[-1000.0], [1000.0]], dtype=np.float32)
    assert best_threshold(logits, np.array([[0], [1]], dtype=np.uint8)) == 0.0
    assert best_threshold(logits, np.array([[0], [0]], dtype=np.uint8)) == 0.0


def test_scores_equal_scikit_learn_s():
    generator = np.random.default_rng(1)
    single = generator.integers(0, 4, (5, 40))
    labels = generator.integers(0, 4, 40)
    expected = [accuracy_score(labels, one) for one in single]
    assert model_scores(one_hot(single, 4), labels) == pytest.approx(expected)
    several = generator.random((5, 40, 6)) < 0.3
    several[:, :, 0] = False
    truth = (generator.random((40, 6)) < 0.3).astype(np.uint8)
    truth[:, 0] = 0  # a class that nobody has and nobody predicts
    expected = [f1_score(truth, one, average="macro", zero_division=0) for one in several]
    assert model_scores(several, truth) == pytest.approx(expected)


def test_scores_on_no_examples_are_not_numbers():
    assert np.isnan(model_scores(np.zeros((2, 0, 3), dtype=bool), np.zeros(0, dtype=int))).all()


def test_the_summary_counts_what_the_pie_set_holds():
    dense = one_hot([[0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 1, 1]], 2)
    pruned = one_hot([[0, 1, 0, 1], [0, 1, 0, 1], [1, 1, 1, 1]], 2)
    labels = np.array([0, 0, 0, 1])
    found = find_pies(dense, pruned, labels, np.arange(4))
    row = summarise(found, score_table(dense, pruned, labels, found["pie"]))
    assert (row["examples"], row["pies"], row["pie_share"], row["seeds"]) == (4, 2, 0.5, 3)
    assert (row["good_flips"], row["bad_flips"], row["both_wrong"], row["ties"]) == (1, 1, 0, 0)
    # Dense models are right on 3, 3 and 2 of 4, and on 1, 1 and 0 of the two PIEs
    assert row["score_baseline"] == pytest.approx(8 / 12)
    assert row["score_baseline_on_pies"] == pytest.approx(2 / 6)
    assert row["score_compressed_on_pies"] == pytest.approx(2 / 6)


def test_decisions_take_the_first_of_equal_logits():
    assert decide_single(np.zeros((1, 2, 3)))[0].tolist() == [[True, False, False]] * 2
    on = decide_multi(np.array([[[0.0, 0.1]]]), np.array([0.5]))
    assert on.tolist() == [[[False, True]]]
