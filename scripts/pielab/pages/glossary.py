"""The glossary of the documents, which the report shows too."""

from pathlib import Path


def read_glossary(path: str | Path) -> list[tuple[str, str]]:
    """Return the words of docs/reference/glossary.md with their meanings, in its order.

    Raises
    ------
    ValueError
        If the file has no table of words.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    if len(rows) < 3 or any(len(row) != 2 for row in rows):
        raise ValueError(f"{path}: no table of words; expected rows of a word and its meaning")
    return [(word[0].upper() + word[1:], meaning) for word, meaning in rows[2:]]
