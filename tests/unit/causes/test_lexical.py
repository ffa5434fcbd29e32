import numpy as np
import pandas as pd
import pytest

from pielab.causes import lexical


def slow_mtld(words):
    """The definition word by word, with all ratios computed anew."""
    both = []
    for direction in (words, list(reversed(words))):
        factors, run = 0.0, []
        for word in direction:
            run.append(word)
            if len(set(run)) / len(run) <= 0.72:
                factors, run = factors + 1, []
        if run:
            factors += (1 - len(set(run)) / len(run)) / 0.28
        both.append(len(words) / factors if factors else len(words))
    return sum(both) / 2


def test_words_keep_apostrophes_and_are_lower_case():
    assert lexical.split_words("It’s 3.5, isn't IT?") == ["it's", "3", "5", "isn't", "it"]


def test_diversity_of_a_text_by_hand():
    # a b a: 2/3 <= 0.72, a run of 3; then b a b again; both ways the same
    assert lexical.mtld(["a", "b", "a", "b", "a", "b"]) == 3
    # a a, and a rest that repeats nothing; backwards b a a is one run
    assert lexical.mtld(["a", "a", "b"]) == 3
    # one run and a rest of 1 of 2; backwards the rest of all four, 3 of 4 different
    assert lexical.mtld(["a", "a", "b", "c"]) == pytest.approx((4 + 4 / (0.25 / 0.28)) / 2)


def test_a_text_that_repeats_no_word_has_at_least_its_number_of_words():
    assert lexical.mtld(["one", "two", "three"]) == 3
    assert np.isnan(lexical.mtld([]))


def test_diversity_is_that_of_the_slow_definition():
    rng = np.random.default_rng(0)
    for size in (1, 5, 40, 300):
        words = [f"w{int(number)}" for number in rng.zipf(1.5, size)]
        assert lexical.mtld(words) == pytest.approx(slow_mtld(words))


def test_negations_and_numbers_are_counted_by_100_words():
    words = lexical.split_words("I don't like 2 of the 3rd, never")
    assert lexical.negations(words) == 100 * 2 / 8
    assert lexical.numbers(words) == 100 * 2 / 8
    assert np.isnan(lexical.negations([]))


def test_a_training_text_is_not_counted_for_its_own_words():
    texts = [["the", "fox"]] * 5 + [["the", "owl"]]
    counts = lexical.text_counts(texts)
    assert lexical.rare_share(["the", "fox"], counts) == 0
    assert lexical.rare_share(["the", "fox"], counts, own=1) == 0.5
    assert lexical.rare_share(["new", "the", "owl", "the"], counts) == 0.5


def test_a_word_twice_in_a_text_is_one_text():
    assert lexical.text_counts([["a", "a", "b"]]) == {"a": 1, "b": 1}


def test_both_texts_of_a_pair_are_measured():
    frame = pd.DataFrame({"text": ["No 1", "one"], "text_pair": ["never", None]})
    measured = lexical.measure(frame, lexical.text_counts([]), is_counted=False)
    assert measured["negations"].tolist() == [pytest.approx(200 / 3), 0]
    assert measured["rare_words"].isna().all()  # without training texts nothing is rare
