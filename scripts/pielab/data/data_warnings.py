"""What in a dataset is probably a mistake, and no reason to stop."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from pielab.data.class_names import folded

MISSING_WORDS = {"nan", "none", "null", "n/a", "na"}  # which other programs write for no value


def texts_in_both(splits: Mapping[str, pd.DataFrame]) -> int:
    """Return the number of test examples whose text, or pair of texts, is in the training split."""
    train, test = (
        [*zip(frame["text"], frame["text_pair"].fillna(""), strict=True)]
        for frame in (splits["train"], splits["test"])
    )
    training_texts = set(train)
    return sum(texts in training_texts for texts in test)


def data_warnings(repeated: int, classes: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Return a line on each thing that is probably not meant.

    Parameters
    ----------
    repeated : int
        From texts_in_both.
    columns : mapping
        The source's column by what it is read as.
    """
    lines = []
    if repeated:
        lines.append(f"{repeated} test examples have the text of a training example")
    for column, count in Counter(columns.values()).items():
        if count > 1:
            roles = [f"columns.{role}" for role, name in columns.items() if name == column]
            lines.append(f"column {column!r} is read as {' and as '.join(roles)}")
    alike: dict[str, list[str]] = {}
    for name in classes:
        alike.setdefault(folded(name), []).append(name)
    for names in alike.values():
        if len(names) > 1:
            is_case = len(set(map(str.casefold, names))) == 1
            difference = "case" if is_case else "case, spaces or invisible characters"
            lines.append(f"classes {', '.join(map(ascii, names))} differ only in {difference}")
    for name in classes:
        if name.casefold() in MISSING_WORDS:
            lines.append(f"class {name!r} reads like a missing label (see drop_labels)")
    return lines
