"""Pair baseline and compressed models that were made elsewhere by the names of their seeds."""

from collections.abc import Sequence

from pielab import files
from pielab.cells import natural


def seed_of(name: str) -> str:
    """Return the part of a model's name that its draws share."""
    return name.partition("/")[0]


def check_partners(groups: Sequence[Sequence[str]]) -> None:
    """Refuse a comparison whose baseline and compressed models have other seeds.

    Parameters
    ----------
    groups : sequence of lists of str
        The names of the models, the baseline's first. A group without names is not checked, and a
        single model only with other single ones, since several may be draws of it.

    Raises
    ------
    ValueError
        With the names that lack a partner.
    """
    several = any(len(names) > 1 for names in groups)
    named = [
        list(dict.fromkeys(map(seed_of, names)))
        for names in groups
        if len(names) > 1 or (names and not several)
    ]
    for other in named[1:]:
        alone = [
            [name for name in here if name not in there]
            for here, there in ((named[0], other), (other, named[0]))
        ]
        if any(alone):
            listed = [", ".join(sorted(names, key=natural)[:10]) or "none" for names in alone]
            raise ValueError(
                f"models without a partner: {listed[0]} among the baseline, {listed[1]} among the "
                "compressed; expected the same seeds in both, by name: remove the others, rename "
                "them, or set models.X.differ_by: rerun if they are no pairs"
            )


def check_precision(sides: Sequence[Sequence[str]]) -> None:
    """Refuse to compare models that computed in bfloat16 with others that did not.

    Raises
    ------
    ValueError
        With a file of each.
    """
    first = {
        files.read_header(path).get("precision", "") == "bfloat16": path
        for side in sides
        for path in side
    }
    if len(first) > 1:
        raise ValueError(
            f"{first[True]}: computed in bfloat16, and {first[False]} not; expected one precision "
            "for both (compute.precision: float32 gives it on every machine)"
        )


def read_names(paths: Sequence[str]) -> list[str]:
    """Return the models' names in blocks of external predictions, none where they do not pair."""
    headers = [files.read_header(path) for path in paths]
    named = [header for header in headers if "unpaired" not in header]
    names = [name for header in named for name in files.model_names(header)]
    # A single file's own name need not be that of a seed
    return names if len(names) != 1 or "named" in named[0] else []
