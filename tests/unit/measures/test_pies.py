import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from helpers.cells import cell_of, row_of
from pielab.measures.pies import find_pies, replicate_harm
from pielab.measures.random_scores import random_scores
from pielab.pies import votes
from pielab.pies.decisions import THRESHOLDS, best_threshold, decide_multi, decide_single
from pielab.pies.scores import model_scores
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
            flip = "positive" if b == label else "negative" if a == label else "both wrong"
        rows.append((a, b, pie, flip))
    return rows


predictions = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), min_size=n, max_size=n)
)


@given(predictions, predictions, st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_pies_equal_those_of_a_slow_count_under_every_tie_rule(dense, pruned, labels):
    for ties in TIES:
        found = find_pies(cell_of(dense, pruned, labels, ties))
        columns = found[["baseline_label", "compressed_label", "pie"]].itertuples(
            index=False, name=None
        )
        flips = [None if flip != flip else flip for flip in found["flip"]]
        got = [(*row, flip) for row, flip in zip(columns, flips, strict=True)]
        assert got == slow_pies(dense, pruned, labels, ties)


def test_a_hand_counted_cell_has_the_votes_ties_and_flips_that_were_counted():
    # Four dense and four pruned models, four examples, three classes
    dense = [[0, 0, 1, 2], [0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 0, 2]]
    pruned = [[1, 1, 1, 2], [1, 1, 1, 0], [1, 1, 2, 1], [0, 0, 2, 2]]
    labels = np.array([1, 0, 0, 2])
    lowest = find_pies(cell_of(dense, pruned, labels, ids=np.array([7, 8, 9, 10])))
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
    assert lowest["flip"].tolist()[:2] == ["positive", "negative"]
    highest = find_pies(cell_of(dense, pruned, labels, "highest"))
    assert highest["pie"].tolist() == [True, False, True, False]
    assert highest["flip"][2] == "both wrong"
    exclude = find_pies(cell_of(dense, pruned, labels, "exclude"))
    assert exclude["pie"].tolist() == [True, False, False, False]
    assert exclude["baseline_label"].tolist() == [0, -1, 1, 2]


def test_identical_groups_have_no_pies_and_swapped_groups_the_same_pies():
    generator = np.random.default_rng(0)
    a, b = (generator.integers(0, 3, (6, 50)) for _ in range(2))
    labels = generator.integers(0, 3, 50)
    for ties in TIES:
        assert not find_pies(cell_of(a, a, labels, ties))["pie"].any()
        there = find_pies(cell_of(a, b, labels, ties))
        back = find_pies(cell_of(b, a, labels, ties))
        assert (there["pie"] == back["pie"]).all()
        assert (there["flip"] == "positive").sum() == (back["flip"] == "negative").sum()


def test_one_seed_makes_every_disagreement_a_pie_and_ties_none():
    found = find_pies(cell_of([[0, 1, 1]], [[0, 0, 1]]))
    assert found["pie"].tolist() == [False, True, False]
    assert not found["baseline_tie"].any()


def test_an_unknown_tie_rule_is_refused_by_name():
    with pytest.raises(ValueError, match="'first'; expected one of lowest, highest, exclude"):
        cell_of([[0, 1]], [[1, 0]], ties="first")


def test_a_class_of_several_labels_is_on_only_with_strictly_more_than_half_of_the_models():
    counts = np.array([[[2], [1], [3]], [[2], [3], [1]]])  # off and on, of three labels
    on, tied = votes.majority(counts, "lowest")
    assert on.tolist() == [[0], [1], [0]]
    assert tied.tolist() == [[True], [False], [False]]
    assert votes.majority(counts, "highest")[0].tolist() == [[1], [1], [0]]
    assert votes.majority(counts, "exclude")[0].tolist() == [[-1], [1], [0]]


def test_margin_is_the_lead_of_the_modal_choice():
    counts = np.array([[4, 0, 0], [0, 1, 3], [1, 2, 1]]).T[:, None]  # of four models, one label
    assert list(votes.vote_margin(counts)) == [4, 2, 1]


def test_margin_of_several_labels_is_that_of_the_closest():
    on = np.array([[3, 0], [2, 1]]).T  # of three models: two labels, two examples
    assert list(votes.vote_margin(np.stack([3 - on, on]))) == [3, 1]


def test_several_labels_make_a_pie_of_any_class_that_changes():
    # (seeds 3, examples 2, classes 2)
    dense = np.array([[[1, 0], [1, 1]], [[1, 0], [1, 1]], [[0, 0], [0, 1]]], dtype=bool)
    pruned = np.array([[[1, 1], [1, 1]], [[1, 1], [1, 1]], [[0, 0], [0, 0]]], dtype=bool)
    labels = np.array([[1, 0], [1, 1]], dtype=np.uint8)
    found = find_pies(cell_of(dense, pruned, labels))
    assert found["pie"].tolist() == [True, False]
    assert found["flip"].tolist()[0] == "negative"
    assert found["negative_pairs"].tolist() == [1, 0]
    assert [labels.tolist() for labels in found["compressed_labels"]] == [[0, 1], [0, 1]]


def slow_threshold(logits, labels):
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    answers = [scores > cut for cut in THRESHOLDS]
    score_of = {  # once for answers that many thresholds give
        answer.tobytes(): f1_score(labels, answer, average="macro", zero_division=0)
        for answer in {answer.tobytes(): answer for answer in answers}.values()
    }
    f1 = [score_of[answer.tobytes()] for answer in answers]
    return THRESHOLDS[int(np.argmax(np.round(f1, 12)))], f1


@pytest.mark.slow
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
    truth = one_hot(labels[None], 4)[0]
    assert model_scores(one_hot(single, 4), truth, False) == pytest.approx(expected)
    several = generator.random((5, 40, 6)) < 0.3
    several[:, :, 0] = False
    truth = (generator.random((40, 6)) < 0.3).astype(np.uint8)
    truth[:, 0] = 0  # a class that nobody has and nobody predicts
    expected = [f1_score(truth, one, average="macro", zero_division=0) for one in several]
    assert model_scores(several, truth.astype(bool), True) == pytest.approx(expected)


def test_scores_on_no_examples_are_not_numbers():
    decisions = np.zeros((2, 0, 3), dtype=bool)
    assert np.isnan(model_scores(decisions, decisions[0], False)).all()


def test_the_summary_counts_what_the_pie_set_holds():
    dense = [[0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 1, 1]]
    pruned = [[0, 1, 0, 1], [0, 1, 0, 1], [1, 1, 1, 1]]
    cell = cell_of(dense, pruned, [0, 0, 0, 1])
    row = row_of(cell)
    assert (row["examples"], row["pies"], row["pie_share"], row["seeds"]) == (4, 2, 0.5, 3)
    assert (row["positive_flips"], row["negative_flips"], row["both_wrong"], row["ties"]) == (
        1,
        1,
        0,
        0,
    )
    # Dense models are right on 3, 3 and 2 of 4, and on 1, 1 and 0 of the two PIEs
    assert row["score_baseline"] == pytest.approx(8 / 12)
    assert row["score_baseline_on_pies"] == pytest.approx(2 / 6)
    assert row["score_compressed_on_pies"] == pytest.approx(2 / 6)


def test_decisions_take_the_first_of_equal_logits():
    assert decide_single(np.zeros((1, 2, 3)))[0].tolist() == [[True, False, False]] * 2
    on = decide_multi(np.array([[[0.0, 0.1]]]), np.array([0.5]))
    assert on.tolist() == [[[False, True]]]


def test_macro_f1_falls_on_few_random_examples_by_itself_and_accuracy_does_not():
    rng = np.random.default_rng(0)
    truth = rng.random((2000, 20)) < 0.03
    models = truth ^ (rng.random((3, 2000, 20)) < 0.005)
    cell = cell_of(models, models, truth.astype(np.uint8))
    few = random_scores(cell, 30, rng)
    whole = model_scores(models, truth, True).mean()
    assert few["score_baseline_on_random_high"] < whole - 0.1
    assert random_scores(cell, 2000, rng)["score_baseline_on_random"] == pytest.approx(whole)
    of_draws, generator = [], np.random.default_rng(1)
    for _ in range(100):
        rows = generator.choice(2000, 30, replace=False)
        of_draws.append(model_scores(models[:, rows], truth[rows], True).mean())
    found = random_scores(cell, 30, np.random.default_rng(1))["score_compressed_on_random"]
    assert found == np.mean(of_draws)
    right = rng.random((3, 2000)) < 0.8
    cell = cell_of(1 - right, 1 - right)
    few = random_scores(cell, 30, rng)
    assert few["score_compressed_on_random"] == pytest.approx(right.mean(), abs=0.03)
    assert (
        few["score_compressed_on_random_low"] < 0.75 < 0.85 < few["score_compressed_on_random_high"]
    )


def test_without_pies_there_are_no_scores_on_as_many_random_examples():
    row = random_scores(cell_of([[0, 1]], [[0, 1]]), 0, np.random.default_rng(0))
    assert len(row) == 6
    assert np.isnan(list(row.values())).all()


def test_the_harm_of_an_example_is_how_much_less_right_each_replicates_models_are():
    dense, pruned = [[0, 0, 1], [0, 1, 1]], [[0, 1, 0], [1, 1, 0]]
    found = replicate_harm(cell_of(dense, pruned, labels=[0, 0, 0]))
    np.testing.assert_array_equal(found, [[0, 1], [1, 0], [-1, -1]])


def test_the_mean_harm_equals_that_of_the_votes():
    rng = np.random.default_rng(0)
    dense, pruned, labels = (rng.integers(0, 3, size) for size in ((7, 50), (7, 50), 50))
    cell = cell_of(dense, pruned, labels)
    votes_of_truth = [
        np.stack(find_pies(cell)[f"{side}_votes"])[np.arange(50), labels] / 7
        for side in ("baseline", "compressed")
    ]
    np.testing.assert_allclose(
        replicate_harm(cell).mean(axis=1), votes_of_truth[0] - votes_of_truth[1], atol=1e-6
    )


def test_with_several_labels_a_model_is_right_on_a_share_of_the_classes():
    dense = np.array([[[True, False, True, False]]])
    pruned = np.array([[[True, True, True, True]]])
    found = replicate_harm(cell_of(dense, pruned, labels=np.array([[1, 0, 0, 0]])))
    assert found == pytest.approx(np.array([[3 / 4 - 1 / 4]]))
