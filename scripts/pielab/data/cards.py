"""Hold a dataset's card, card.json, to what the config demands of the data."""

from collections.abc import Mapping


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
