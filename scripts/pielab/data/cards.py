"""Hold a dataset's card, card.json, to what the config demands of the data."""

import json
from collections.abc import Mapping
from pathlib import Path

from pielab import digests


def check_digests(card: dict, sha256: Mapping[str, str] | None) -> None:
    """Raise if a split is not the expected one.

    Raises
    ------
    ValueError
        Naming the key, its value and what the data have.
    """
    for split, expected in (sha256 or {}).items():
        if card["sha256"][split] != expected:
            key = f"datasets.{card['dataset']}.sha256.{split}"
            raise ValueError(f"{key}: {expected}; what was read has {card['sha256'][split]}")


def check_fetched(path: str | Path, sha256: Mapping[str, str] | None) -> None:
    """Raise if a card that was written by an earlier run is of other data than expected.

    Raises
    ------
    ValueError
        Naming the key, its value and what the data have, or the file that is no card.
    """
    if not sha256 or not Path(path).is_file():
        return
    if digests.path_of(path).is_file():
        digests.check(path, Path(path).parents[2])
    try:
        card = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not a card; remove it to fetch the data again") from error
    check_digests(card, sha256)


def check_bins(card: dict, bins: int) -> None:
    """Raise if there are fewer training examples than bins into which they are ranked.

    Raises
    ------
    ValueError
        Naming the key, its value and the number of examples.
    """
    examples = card["counts"]["train"]["examples"]
    if bins > examples:
        raise ValueError(
            f"influence.bins: {bins}; expected at most the {examples} training examples of "
            f"{card['dataset']}"
        )
