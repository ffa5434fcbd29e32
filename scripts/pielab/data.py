"""Turn raw labelled texts into the data contract that every later stage reads.

A split is a frame of `example_id`, `text`, `text_pair` (null where there is none) and either
`label` (int64, index of the class) or `labels` (list of int64).
"""

from collections import Counter
from itertools import chain

import numpy as np
import pandas as pd

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
    name, multi_label = settings["name"], settings["task"] == "multi-label"
    frames = {split: _clean(frame, f"{name}, {split}", settings) for split, frame in frames.items()}
    classes = named_classes or settings["classes"] or _find_classes(frames, multi_label)
    # A source that names its classes gives their positions as labels; other labels are names
    keys = range(len(classes)) if named_classes else classes
    position = {str(key): index for index, key in enumerate(keys)}
    frames = {s: _index_labels(f, position, f"{name}, {s}", multi_label) for s, f in frames.items()}
    if settings["min_class_count"] > 1:
        frames, classes = drop_rare_classes(frames, classes, settings["min_class_count"])
    for split, frame in frames.items():
        _check_ids(frame, f"{name}, {split}")
        if frame.empty:
            raise ValueError(f"{name}, {split}: no examples; expected at least one")
    frames = _split_and_limit(frames, settings)
    for split in SPLITS:
        _check_classes(frames[split], classes, f"{name}, {split}", split, multi_label)
    columns = ["example_id", "text", "text_pair", "labels" if multi_label else "label"]
    return {split: frames[split][columns].reset_index(drop=True) for split in SPLITS}, classes


def stratified_sample(strata: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """Return the sorted positions of `size` examples, each stratum in proportion, off by at most 1.

    Systematic sampling: rows are shuffled, laid out stratum by stratum, and taken at even steps.

    Parameters
    ----------
    strata : array (examples,)
        The stratum of each example.
    """
    order = generator.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    steps = (np.arange(size) * len(strata)) // size
    return np.sort(order[steps])


def drop_rare_classes(
    frames: dict[str, pd.DataFrame], classes: list[str], floor: int
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Drop classes with fewer than `floor` training examples, and examples left with no class."""
    counts = Counter(chain.from_iterable(_label_lists(frames["train"])))
    kept = [index for index in range(len(classes)) if counts[index] >= floor]
    renumber = {old: new for new, old in enumerate(kept)}
    result = {}
    for split, frame in frames.items():
        lists = [[renumber[i] for i in labels if i in renumber] for labels in _label_lists(frame)]
        some = np.array([bool(labels) for labels in lists], dtype=bool)
        lists = pd.Series(lists, index=frame.index, dtype=object)[some]
        column = "labels" if "labels" in frame else "label"
        values = lists if column == "labels" else lists.str[0].astype("int64")
        result[split] = frame[some].assign(**{column: values})
    return result, [classes[index] for index in kept]


def class_counts(frame: pd.DataFrame, classes: list[str]) -> dict[str, int]:
    """Return the number of examples of each class, by name."""
    counts = Counter(chain.from_iterable(_label_lists(frame)))
    return {name: counts[index] for index, name in enumerate(classes)}


def label_array(frame: pd.DataFrame, classes: int) -> np.ndarray:
    """Return int64 (examples,) for one label an example, uint8 (examples, classes) for several."""
    if "label" in frame:
        return frame["label"].to_numpy(dtype=np.int64)
    array = np.zeros((len(frame), classes), dtype=np.uint8)
    for row, labels in enumerate(frame["labels"]):
        array[row, list(labels)] = 1
    return array


def _label_lists(frame: pd.DataFrame) -> list[list[int]]:
    return list(frame["labels"]) if "labels" in frame else [[label] for label in frame["label"]]


def _clean(frame: pd.DataFrame, where: str, settings: dict) -> pd.DataFrame:
    """Return the frame with labels as class names and without the rows that are to be left out."""
    frame = frame.copy()
    if "text_pair" not in frame:
        frame["text_pair"] = None
    if settings["task"] == "multi-label":
        separator = settings["label_separator"]
        frame["label"] = [_as_list(value, separator) for value in frame["label"]]
    else:
        frame["label"] = [_as_name(value) for value in frame["label"]]
        missing = frame["label"] == ""
        if missing.any():
            example = frame.loc[missing.idxmax(), "example_id"]
            raise ValueError(f"{where}, example {example}: no label; expected a class")
        frame = frame[~frame["label"].isin([str(label) for label in settings["drop_labels"]])]
    if settings["require_label"]:
        frame = frame[frame["label"].str.len() > 0]
    for column in ("text", "text_pair"):
        if column == "text_pair" and frame[column].isna().all():
            continue
        empty = ~frame[column].map(lambda text: isinstance(text, str) and bool(text.strip()))
        if settings["drop_empty_text"]:
            frame = frame[~empty]
        elif empty.any():
            bad = frame.loc[empty.idxmax()]
            raise ValueError(
                f"{where}, example {bad['example_id']}: {column} is {bad[column]!r}; "
                "expected a text that is not empty (or set drop_empty_text)"
            )
    return frame


def _as_name(value: object) -> str:
    """Return a label as a class name: "" if missing; "1" for 1.0, which a gap makes of 1."""
    if value is None or value != value:
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value)


def _as_list(value: object, separator: str) -> list[str]:
    if isinstance(value, str):
        value = value.split(separator)
    elif value is None or isinstance(value, float):
        value = []
    return list(dict.fromkeys(_as_name(item).strip() for item in value if str(item).strip()))


def _find_classes(frames: dict[str, pd.DataFrame], multi_label: bool) -> list[str]:
    labels = chain.from_iterable(frame["label"] for frame in frames.values())
    names = set(chain.from_iterable(labels) if multi_label else labels)
    numeric = all(name.removeprefix("-").isdecimal() for name in names)
    return sorted(names, key=int if numeric else str)


def _index_labels(
    frame: pd.DataFrame, position: dict[str, int], where: str, multi_label: bool
) -> pd.DataFrame:
    """Return the frame with each label's position among the classes in place of the label."""

    def find(label: str, example: object) -> int:
        if label not in position:
            raise ValueError(
                f"{where}, example {example}: label {label!r} is not one of the classes "
                f"{', '.join(position)}"
            )
        return position[label]

    pairs = zip(frame["label"], frame["example_id"], strict=True)
    if multi_label:
        values = [sorted({find(one, example) for one in labels}) for labels, example in pairs]
        return frame.assign(labels=pd.Series(values, index=frame.index, dtype=object))
    values = [find(label, example) for label, example in pairs]
    return frame.assign(label=pd.Series(values, index=frame.index, dtype="int64"))


def _split_and_limit(frames: dict[str, pd.DataFrame], settings: dict) -> dict[str, pd.DataFrame]:
    """Draw the test split where the source has none, then cut both to their row limits."""
    generator = np.random.default_rng(settings["split_seed"])
    train, test = frames["train"], frames.get("test")
    if test is None:
        size = round(settings["test_share"] * len(train))
        drawn = np.zeros(len(train), dtype=bool)
        if size:
            drawn[stratified_sample(_strata(train), size, generator)] = True
        train, test = train[~drawn], train[drawn]
    limited = []
    for frame, limit in ((train, settings["max_train"]), (test, settings["max_test"])):
        if limit is not None and limit < len(frame):
            frame = frame.iloc[stratified_sample(_strata(frame), limit, generator)]
        limited.append(frame)
    return dict(zip(SPLITS, limited, strict=True))


def _strata(frame: pd.DataFrame) -> np.ndarray:
    """Return each example's class; of several, the rarest, so that rare classes are spread too."""
    if "labels" not in frame:
        return frame["label"].to_numpy()
    counts = Counter(chain.from_iterable(frame["labels"]))
    return np.array([min(ls, key=counts.__getitem__, default=-1) for ls in frame["labels"]])


def _check_ids(frame: pd.DataFrame, where: str) -> None:
    repeated = frame["example_id"].duplicated()
    if repeated.any():
        value = frame.loc[repeated.idxmax(), "example_id"]
        raise ValueError(f"{where}: example id {value!r} occurs twice; expected unique ids")


def _check_classes(
    frame: pd.DataFrame, classes: list[str], where: str, split: str, multi_label: bool
) -> None:
    if frame.empty:
        raise ValueError(f"{where}: no examples; expected at least one")
    counts = class_counts(frame, classes)
    present = [name for name, count in counts.items() if count]
    if len(present) < 2:
        raise ValueError(f"{where}: one class only ({', '.join(present)}); expected two or more")
    absent = [name for name, count in counts.items() if not count]
    if split == "train" and absent:
        raise ValueError(f"{where}: no example of class {absent[0]!r}; expected some of each class")
