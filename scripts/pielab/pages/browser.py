"""Pack examples, votes and flips of all cells into what the PIE browser's page holds.

An example is one row whatever the number of cells, and its text is there once. What a cell adds
to a group, the examples of a dataset's split, is two arrays: a code of the flip and the votes.
"""

import base64
import gzip
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from pielab.data.labels import label_lists
from pielab.vocabulary import BY_ITSELF, FLIPS, KEYS, TIERS

MARGINS = {"pie_probability": 0.01, "shift": 0.1}  # what margins tell, in steps of so much
MIDDLE, UNKNOWN = 125, 255  # codes of nothing and of what is not known

Groups = dict[tuple[str, str], pd.DataFrame]  # (dataset, split): a table of join_examples
ReadPies = Callable[[int, str, list[str]], pd.DataFrame]  # cell's index, split, columns


def pack(
    cards: dict[str, dict],
    groups: Groups,
    cells: list[dict],
    read: ReadPies,
    limit: int,
    answers: pd.DataFrame | None = None,
) -> dict:
    """Return what the page holds, ready for JSON.

    Parameters
    ----------
    cards : dict
        A dataset's card, by name: its `classes` and `task`.
    groups : dict
        The examples by dataset and split, those to show first before others.
    cells : list of dict
        dataset, model, method, level, level_text, baseline, seeds, is_compressed (false for a
        control), primary (the primary comparison), collapsed, differ_by (as in pies.csv).
    read : callable
        Reads these columns of find_pies' table of a cell, given its index, and split.
    limit : int
        The most examples that the page holds; see choose.
    answers : DataFrame, optional
        Texts that were generated for test examples: the columns that name a cell, `example_id`,
        `before` and `after`.

    Raises
    ------
    ValueError
        If a cell's examples are not its dataset's, or a flip or tier is unknown.
    """
    counts = [
        np.sum(
            [
                _pies(read(index, split, ["example_id", "pie"]), rows)
                for index, cell in enumerate(cells)
                if cell["dataset"] == dataset
            ],
            axis=0,
        )
        for (dataset, split), rows in groups.items()
    ]
    chosen = dict(zip(groups, choose(counts, limit), strict=True))
    shown = pd.concat([rows.iloc[chosen[key]] for key, rows in groups.items()])
    return {
        "notice": notice(len(shown), sum(map(len, groups.values()))),
        "datasets": [
            {"name": name, "classes": card["classes"], "task": card["task"]}
            for name, card in cards.items()
        ],
        "groups": [
            {"dataset": list(cards).index(dataset), "split": split, "size": len(rows)}
            for (dataset, split), rows in chosen.items()
        ],
        "examples": columns(shown),
        "words": words_of(cells),
        **_pack_votes(cells, chosen, read),
        **({} if answers is None else {"answers": pack_answers(cells, groups, chosen, answers)}),
    }


def words_of(cells: Sequence[Mapping]) -> dict[str, str]:
    """Return what the page calls a replicate, and what changes answers without compression."""
    kinds = sorted({cell["differ_by"].partition(" ")[0] for cell in cells}, reverse=True)
    return {
        "replicate": kinds[0] if len(kinds) == 1 else "replicate",
        "by_itself": " or ".join(BY_ITSELF[kind] for kind in kinds),
    }


def _pies(pies: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Return which examples are PIEs, int (examples,), once they are known to be those of rows.

    Raises
    ------
    ValueError
        If the examples are others.
    """
    if not np.array_equal(pies["example_id"], rows["example_id"]):
        raise ValueError("example_id: a cell's differ from its dataset's; expected the same")
    return pies["pie"].to_numpy(dtype=int)


def _pack_votes(cells: list[dict], chosen: dict, read: ReadPies) -> dict[str, list]:
    """Return the arrays of each cell, and of the baselines of each pair, by split."""
    packed: list[dict] = []
    baselines: dict[tuple, dict] = {}
    for index, cell in enumerate(cells):
        flips, tiers, votes = {}, {}, {}
        margins: dict[str, dict] = {}
        names = {key: cell[key] for key in ("dataset", "model", "baseline", "seeds")}
        baseline = baselines.setdefault(tuple(names.values()), names | {"votes": {}})
        for (dataset, split), rows in chosen.items():
            if dataset != cell["dataset"]:
                continue
            needed = ["flip", "tier", "baseline_votes", "compressed_votes", *MARGINS]
            pies = read(index, split, needed).iloc[rows]
            flips[split] = encode(codes(pies["flip"], tuple(FLIPS)) + 1)
            tiers[split] = encode(
                codes(pies["tier"].where(pies["flip"].notna()), TIERS[::-1]).clip(0)
            )
            votes[split] = encode(vote_matrix(pies["compressed_votes"], cell["seeds"]))
            for column, step in MARGINS.items():
                margins.setdefault(column, {})[split] = encode(steps(pies[column], step))
            if split not in baseline["votes"]:
                votes_of_baseline = vote_matrix(pies["baseline_votes"], cell["seeds"])
                baseline["votes"][split] = encode(votes_of_baseline)
        packed.append(cell | {"flips": flips, "tiers": tiers, "votes": votes} | margins)
    return {"cells": packed, "baselines": list(baselines.values())}


def pack_answers(
    cells: list[dict], groups: Groups, chosen: dict, answers: pd.DataFrame
) -> list[list]:
    """Return the generated answers to the test examples of each cell, in their order.

    Each is null where there is none, a text where both are the same, or both texts.
    """
    packed: list[list] = []
    of_cells = dict(tuple(answers.groupby(list(KEYS), sort=False))) if len(answers) else {}
    for cell in cells:
        of_cell = of_cells.get(tuple(cell[name] for name in KEYS))
        key = cell["dataset"], "test"
        if of_cell is None or key not in chosen:
            packed.append([])
            continue
        pairs = zip(of_cell["before"], of_cell["after"], strict=True)
        texts = dict(zip(of_cell["example_id"], pairs, strict=True))
        ids = groups[key]["example_id"].iloc[chosen[key]]
        found = [texts.get(name) for name in ids]
        packed.append([None if answer is None else _told_once(*answer) for answer in found])
    return packed


def _told_once(before: str, after: str) -> str | list[str]:
    return before if before == after else [before, after]


def join_examples(
    frame: pd.DataFrame, complexity: pd.DataFrame, influence: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Return what the page shows of the examples of a split, in their order.

    Parameters
    ----------
    frame : DataFrame
        The split's texts: example_id, text, text_pair, and label (an index) or labels (a list).
    complexity : DataFrame
        example_id, tokens, flesch_reading_ease.
    influence : sequence of DataFrame
        Of each model, example_id and the `bin` by the first measure of influence, whose mean over
        models is rounded; none for a split without.

    Returns
    -------
    DataFrame
        `example_id`, `text`, `text_pair`, `labels` (lists), `tokens`, `ease`, `bin` (NaN: unknown).
    """
    labels = pd.Series(list(map(list, label_lists(frame))), frame.index, dtype=object)
    pairs = frame["text_pair"].where(frame["text_pair"].notna(), None).astype(object)
    rows = frame[["example_id", "text"]].assign(text_pair=pairs, labels=labels)
    measures = complexity.set_index("example_id").loc[rows["example_id"]]
    rows["tokens"] = measures["tokens"].to_numpy()
    rows["ease"] = measures["flesch_reading_ease"].to_numpy(dtype=np.float64).round(1)
    rows["bin"] = np.nan
    if influence:
        bins = pd.concat(
            [by_model.set_index("example_id")["bin"] for by_model in influence], axis=1
        )
        rows["bin"] = bins.mean(axis=1).loc[rows["example_id"]].round().to_numpy()
    return rows


def joined_labels(frame: pd.DataFrame, classes: Sequence[object]) -> list[str]:
    """Return the names of each example's classes, joined; none without any."""
    lists = label_lists(frame)
    return [", ".join(str(classes[label]) for label in labels) or "none" for labels in lists]


def choose(pie_counts: Sequence[np.ndarray], limit: int) -> list[np.ndarray]:
    """Return which examples of each split to show, those that are PIEs in the most cells.

    Parameters
    ----------
    pie_counts : sequence of int (examples,)
        In how many cells an example is a PIE, for each split; earlier splits and, among equals,
        earlier examples go first.
    limit : int
        The most examples that are shown, of all splits.

    Returns
    -------
    list of int (chosen,)
        Rows of each split, ascending.
    """
    chosen = []
    for counts in pie_counts:
        order = np.argsort(-np.asarray(counts), kind="stable")[:limit]
        chosen.append(np.sort(order))
        limit -= len(order)
    return chosen


def codes(words: pd.Series, vocabulary: Sequence[str]) -> np.ndarray:
    """Return each word's place in `vocabulary`, int8 (examples,): -1 for none.

    Raises
    ------
    ValueError
        If a word is not among them.
    """
    unknown = set(words.dropna()) - set(vocabulary)
    if unknown:
        name = words.name
        raise ValueError(f"{name}: {sorted(unknown)}; expected {', '.join(vocabulary)} or none")
    return pd.Categorical(words, categories=list(vocabulary)).codes


def vote_matrix(votes: pd.Series, seeds: int) -> np.ndarray:
    """Return votes by class, (examples, classes): uint8, or uint16 of more than 255 models."""
    counts = np.stack([np.asarray(row) for row in votes]) if len(votes) else np.empty((0, 0))
    return counts.astype("<u2" if seeds > 255 else np.uint8)


def steps(values: pd.Series, step: float) -> np.ndarray:
    """Return values as whole steps from MIDDLE, uint8 (examples,), the farthest clipped."""
    codes = MIDDLE + np.clip(np.round(values.to_numpy(dtype=np.float64) / step), -MIDDLE, MIDDLE)
    return np.where(np.isfinite(codes), codes, UNKNOWN).astype(np.uint8)


def encode(array: np.ndarray) -> str:
    """Return the bytes of an array, row by row, as base64 of their gzip."""
    packed = gzip.compress(np.ascontiguousarray(array).tobytes(), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def columns(examples: pd.DataFrame) -> dict[str, list]:
    """Return a table as lists by column, with null for what is not known."""
    filled = examples.astype(object).where(examples.notna(), None)
    return {
        name: [_plain(value) for value in values] for name, values in filled.to_dict("list").items()
    }


def _plain(value: object) -> object:
    """Return a value as JSON has it: whole floats as integers, NumPy's scalars as Python's."""
    if isinstance(value, list):
        return [int(label) for label in value]
    if isinstance(value, np.generic):
        value = value.item()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def notice(shown: int, total: int) -> str:
    """Return a sentence on the examples that the page leaves out; nothing if it has all."""
    if shown == total:
        return ""
    return (
        f"This page holds {shown:,} of {total:,} examples: those that are PIEs in the most cells, "
        "the first split first. Raise report.max_examples in the config for more."
    )
