"""Read labelled texts from a package, local files, logs of a harness or the Hugging Face hub.

Every reader returns, for each split, a frame with the columns `example_id`, `text`,
`text_pair` (only for pairs) and `label`: as found, neither filtered (but for bbc's repeated
texts) nor checked.
"""

import glob
from pathlib import Path

import pandas as pd

from pielab import leftovers
from pielab.data import harness_examples, hub_cache, packaged
from pielab.data.csv_files import delimiter_advice
from pielab.data.table_files import read_table

LM_EVAL, INSPECT = "lm_eval", "inspect"


def read_source(settings: dict) -> tuple[dict[str, pd.DataFrame], list[str] | None]:
    """Return the raw frames by split name and the class names, where the source states them."""
    source = settings["source"]
    if source in packaged.REVIEWS:
        rows = packaged.read_reviews(packaged.REVIEWS[source], _load_hub_split)
        return {"train": rows}, packaged.REVIEW_CLASSES
    if source == "bbc":
        return {"train": packaged.read_bbc()}, None
    if source == "hub":
        return _read_hub(settings)
    if source == LM_EVAL:
        return _read_logs(settings)
    if source == INSPECT:
        frame, classes = harness_examples.read_common(
            settings["files"]["test"].values(), settings.get("cluster_by", ())
        )
        return {"test": frame}, classes
    frames = {}
    for split, spec in settings["files"].items():
        for path in spec.values() if isinstance(spec, dict) else [spec]:
            if not Path(path).is_file():
                hint = f"; get it from {settings['origin']}" if settings["origin"] else ""
                raise ValueError(f"datasets.{settings['name']}.files: {path!r}: no such file{hint}")
        frames[split] = _select(read_table(spec), settings, _describe(spec))
    return frames, None


def _read_logs(settings: dict) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the documents of logs of lm-evaluation-harness, and their classes."""
    frames: dict[str, pd.DataFrame] = {}
    classes: list[str] = []
    cluster_by = settings.get("cluster_by", ())
    for split, pattern in settings["files"].items():
        where = f"datasets.{settings['name']}.files: {pattern!r}"
        if isinstance(pattern, dict):
            frames[split], classes = harness_examples.read_tasks(pattern, cluster_by)
            continue
        found = sorted(glob.glob(pattern, recursive=True))
        if len(found) != 1:
            listed = ", ".join(found) or "no such file"
            raise ValueError(f"{where}: {listed}; expected the log of one run")
        frames[split], names = harness_examples.read_examples(found[0], cluster_by)
        if classes and names != classes:
            raise ValueError(f"{where}: classes {', '.join(names)}; expected {', '.join(classes)}")
        classes = names
    return frames, classes


def _read_hub(settings: dict) -> tuple[dict[str, pd.DataFrame], list[str] | None]:
    hub, frames, classes = settings["hub"], {}, None
    for split, source_split in hub["splits"].items():
        rows, features = _load_hub_split(hub, source_split)
        feature = features.get(settings["columns"]["label"])
        classes = getattr(feature, "names", None) or getattr(
            getattr(feature, "feature", None), "names", None
        )
        frames[split] = _select(rows, settings, f"{hub['path']} ({source_split})")
    return frames, classes


def _load_hub_split(hub: dict, split: str) -> tuple[pd.DataFrame, dict]:
    """Return a split of a hub dataset and its features."""
    import datasets

    hub_cache.check("datasets", hub["path"])
    # In a cache of its own: where the hub is out of reach, `datasets` would else take whatever
    # revision it has cached last. What is downloaded stays cached elsewhere, by its checksum.
    with leftovers.temporary_folder() as cache:
        try:
            rows = datasets.load_dataset(
                hub["path"],
                hub["config"],
                data_dir=hub["data_dir"],
                split=split,
                revision=hub["revision"],
                cache_dir=cache,
            )
        except Exception as error:  # the errors of three libraries have no other base
            where = ", ".join(f"{k} {hub[k]}" for k in ("config", "data_dir", "revision") if hub[k])
            cause = f" ({error.__cause__})" if error.__cause__ else ""
            reason = f"{type(error).__name__}: {error}{cause}"
            raise ValueError(f"hub dataset {hub['path']} ({where}), {split}: {reason}") from error
        return rows.to_pandas(), rows.features


def _describe(spec: str | dict) -> str:
    return spec if isinstance(spec, str) else spec["text"]


def _select(rows: pd.DataFrame, settings: dict, name: str) -> pd.DataFrame:
    """Return the mapped columns under the contract's names."""
    mapping = {
        "example_id" if role == "id" else role: column
        for role, column in settings["columns"].items()
    }
    for role, column in mapping.items():
        occurrences = list(rows.columns).count(column)
        if occurrences != 1:
            raise ValueError(
                f"{name}: column {column!r} (columns.{role.removeprefix('example_')}) occurs "
                f"{occurrences} times; expected once among {', '.join(map(repr, rows.columns))}"
                f"{'' if occurrences else delimiter_advice(rows.columns)}"
            )
    frame = pd.DataFrame({role: rows[column].astype(object) for role, column in mapping.items()})
    frame = frame.reset_index(drop=True)
    if "example_id" not in frame:
        frame.insert(0, "example_id", frame.index)
    return frame
