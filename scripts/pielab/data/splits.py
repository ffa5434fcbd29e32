"""Turn raw labelled texts into the data contract that every later stage reads.

A split is a frame of `example_id` (int64, the row in the source; str if the source has ids of its
own), `text`, `text_pair` (null where there is none) and either `label` (int64, index of the class)
or `labels` (list of int64). Of logs perhaps `cluster`, what documents share (null without).
"""

from collections import Counter
from itertools import chain

import numpy as np
import pandas as pd

from pielab.data import cleaning, label_names
from pielab.data.labels import class_counts, label_lists
from pielab.data.sources import INSPECT, LM_EVAL

SPLITS = ("train", "test")


def prepare(
    frames: dict[str, pd.DataFrame], named_classes: list[str] | None, settings: dict
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return checked splits `train` and `test` in the contract's columns, and the class names.

    Raises
    ------
    ValueError
        Naming the dataset, split and example of the first text, label or id that cannot be used.
    """
    multi_label, sources = settings["task"] == "multi-label", set(frames)
    places = {split: _place(settings, split, frames) for split in SPLITS}
    frames = {
        split: cleaning.clean(frame, places[split], settings) for split, frame in frames.items()
    }
    if named_classes and settings["classes"]:
        raise ValueError(
            f"{settings['name']}: classes {settings['classes']}; expected no such key, because "
            f"the source names its classes itself: {', '.join(named_classes)}"
        )
    stated = [str(name) for name in settings["classes"] or []]
    classes = named_classes or stated or cleaning.find_classes(frames, multi_label)
    if multi_label and not named_classes and not stated:
        label_names.check_separator(classes, settings["label_separator"], settings["name"])
    # A source that names its classes gives their positions as labels; other labels are names
    keys = range(len(classes)) if named_classes else classes
    position = {str(key): index for index, key in enumerate(keys)}
    frames = {
        split: cleaning.index_labels(frame, position, places[split], multi_label)
        for split, frame in frames.items()
    }
    frames = _with_both_splits(frames, settings)
    if settings["min_class_count"] > 1:
        frames, classes = drop_rare_classes(frames, classes, settings["min_class_count"])
    frames = _limit(frames, settings)
    if settings["max_train_by_class"]:
        frames["train"] = _limit_classes(frames["train"], classes, settings)
    for split in SPLITS:
        # The right answer of all that logs let models generate is the same class
        if settings["source"] not in (LM_EVAL, INSPECT) and (split == "test" or "train" in sources):
            _check_classes(frames[split], classes, places[split], split)
    columns = ["example_id", "text", "text_pair", "labels" if multi_label else "label"]
    columns += ["cluster"] if settings.get("cluster_by") else []  # documents that share something
    return {split: frames[split][columns].reset_index(drop=True) for split in SPLITS}, classes


def stratified_sample(strata: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """Return the sorted positions of `size` examples, each stratum in proportion, off by under 1.

    What rounding down leaves goes first to strata that would get nothing, then to those with the
    largest remainders.

    Parameters
    ----------
    strata : array (examples,)
        The stratum of each example.
    size : int
        At most the number of examples.
    """
    _, stratum, counts = np.unique(strata, return_inverse=True, return_counts=True)
    quotas, remainders = np.divmod(counts * size, max(len(strata), 1))
    first = np.lexsort((-remainders, quotas > 0))
    quotas[first[: size - quotas.sum()]] += 1
    order = generator.permutation(len(strata))
    order = order[np.argsort(stratum[order], kind="stable")]  # shuffled within each stratum
    rank = np.arange(len(strata)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(order[rank < np.repeat(quotas, counts)])


def drop_rare_classes(
    frames: dict[str, pd.DataFrame], classes: list[str], floor: int
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Drop classes with fewer than `floor` training examples, and examples that have no other.

    Examples that had no class before (with several labels) stay.
    """
    counts = Counter(chain.from_iterable(label_lists(frames["train"])))
    kept = [index for index in range(len(classes)) if counts[index] >= floor]
    renumber = {old: new for new, old in enumerate(kept)}
    result = {}
    for split, frame in frames.items():
        before = label_lists(frame)
        after = [[renumber[i] for i in labels if i in renumber] for labels in before]
        stays = np.array(
            [not len(b) or len(a) > 0 for b, a in zip(before, after, strict=True)], dtype=bool
        )
        lists = pd.Series(after, index=frame.index, dtype=object)[stays]
        column = "labels" if "labels" in frame else "label"
        values = lists if column == "labels" else lists.str[0].astype("int64")
        result[split] = frame[stays].assign(**{column: values})
    return result, [classes[index] for index in kept]


def _place(settings: dict, split: str, frames: dict[str, pd.DataFrame]) -> str:
    """Return the name of a split in messages, with its file if it has one."""
    file = (settings["files"] or {}).get(split, "")
    if isinstance(file, dict):  # of texts and labels apart, or of tasks
        file = file.get("label", f"{len(file)} logs")
    file = f" ({file})" if file else ""
    return f"{settings['name']}, {split}{file if split in frames else ' (drawn from train)'}"


def _with_both_splits(frames: dict[str, pd.DataFrame], settings: dict) -> dict[str, pd.DataFrame]:
    """Draw the test split where the source has none; of a test split alone train has no rows.

    Each draw of rows has its own random stream, so that a limit of one split never changes the
    other.
    """
    if "test" in frames:
        return {"train": frames["test"].iloc[:0]} | frames
    train = frames["train"]
    size = len(train) - round(settings["test_share"] * len(train))
    kept = np.zeros(len(train), dtype=bool)
    generator = np.random.default_rng([settings["split_seed"], 0])
    kept[stratified_sample(_strata(train), size, generator)] = True
    return {"train": train[kept], "test": train[~kept]}


def _limit(frames: dict[str, pd.DataFrame], settings: dict) -> dict[str, pd.DataFrame]:
    """Cut both splits to their row limits."""
    result = {}
    for stream, split in enumerate(SPLITS, start=1):
        frame, limit = frames[split], settings[f"max_{split}"]
        if limit is not None and limit < len(frame):
            generator = np.random.default_rng([settings["split_seed"], stream])
            frame = frame.iloc[stratified_sample(_strata(frame), limit, generator)]
        result[split] = frame
    return result


def _limit_classes(frame: pd.DataFrame, classes: list[str], settings: dict) -> pd.DataFrame:
    """Cut single classes to their row limits."""
    limits = settings["max_train_by_class"]
    for name in (name for name in limits if name not in classes):
        raise ValueError(
            f"{settings['name']}, max_train_by_class: {name!r}; expected one of the classes "
            f"{', '.join(classes)}"
        )
    most = frame["label"].map(lambda index: limits.get(classes[index], len(frame)))
    drawn = frame.sample(frac=1, random_state=np.random.default_rng([settings["split_seed"], 3]))
    rank = drawn.groupby("label").cumcount().reindex(frame.index)
    return frame[rank < most]


def _strata(frame: pd.DataFrame) -> np.ndarray:
    """Return each example's class; of several, the rarest, so that rare classes are spread too."""
    if "labels" not in frame:
        return frame["label"].to_numpy()
    counts = Counter(chain.from_iterable(frame["labels"]))
    return np.array([min(ls, key=counts.__getitem__, default=-1) for ls in frame["labels"]])


def _check_classes(frame: pd.DataFrame, classes: list[str], where: str, split: str) -> None:
    if frame.empty:
        raise ValueError(f"{where}: no examples; expected at least one")
    counts = class_counts(frame, classes)
    present = [name for name, count in counts.items() if count]
    if len(present) < 2:
        classes_there = f"class {present[0]!r} only" if present else "no class"
        raise ValueError(f"{where}: {classes_there}; expected two classes or more")
    absent = [name for name, count in counts.items() if not count]
    if split == "train" and absent:
        raise ValueError(
            f"{where}: no example of class {absent[0]!r} among {len(frame)}; expected some of each "
            "(see classes, min_class_count and max_train)"
        )
