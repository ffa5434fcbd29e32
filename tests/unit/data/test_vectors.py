import tracemalloc

import numpy as np
import pytest

from pielab.data.vectors import read_vectors

DIMENSIONS = 20


def write(path, words):
    """Write words whose vectors are all their position in the file."""
    numbers = (" ".join([f"{index}"] * DIMENSIONS) for index in range(len(words)))
    lines = (f"{word} {row}\n" for word, row in zip(words, numbers, strict=True))
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def test_words_of_glove_840b_with_spaces_or_odd_characters_keep_their_own_vectors(tmp_path):
    words = ["the", ". . .", "at name@domain.com", "\x85", "\u00a0", "na\u00efve", "7"]
    path = write(tmp_path / "vectors.txt", words)
    kept, vectors, mean = read_vectors(path, {*words, "absent"})
    assert kept == words
    np.testing.assert_array_equal(vectors[:, 0], np.arange(len(words)))
    np.testing.assert_allclose(mean, np.full(DIMENSIONS, np.arange(len(words)).mean()))


def test_the_first_of_two_lines_of_a_word_counts(tmp_path):
    path = write(tmp_path / "vectors.txt", ["a", "b", "a"])
    kept, vectors, _ = read_vectors(path, {"a"})
    assert kept == ["a"]
    assert vectors[0, 0] == 0


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_the_file(tmp_path):
    def peak(lines):
        path = write(tmp_path / "vectors.txt", [f"w{index}" for index in range(lines)])
        tracemalloc.start()
        read_vectors(path, {"w1", f"w{lines - 1}"})
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(30_000) < 1.2 * peak(10_000)


def test_a_missing_file_of_vectors_is_named_with_the_place_to_get_it():
    with pytest.raises(ValueError, match=r"'glove.txt': no such file.*nlp.stanford.edu"):
        read_vectors("glove.txt", {"a"})
