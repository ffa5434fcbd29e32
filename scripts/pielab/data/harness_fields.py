"""Read single fields of the documents in logs of lm-evaluation-harness, such as a subject."""

import glob
from collections.abc import Mapping, Sequence

import pandas as pd

from pielab.data import harness_examples, harness_logs
from pielab.harness_tasks import TASK


def of_documents(
    files: Mapping[str, str | Mapping[str, str]], fields: Sequence[str], ids: pd.Series
) -> pd.DataFrame:
    """Return fields of some documents as text, null where a document has none.

    Parameters
    ----------
    files : mapping
        The dataset's: of the split `test`, or else `train`, a log or the logs of several tasks.
    fields : sequence of str
        Of documents; `task` is the name of the task, if there are several.
    ids : (examples,)
        The examples, whose order the rows have.

    Raises
    ------
    ValueError
        If no document has a field.
    """
    logs = files.get("test") or files["train"]
    columns: dict[str, object] = {"example_id": ids.to_numpy()}
    if isinstance(logs, str):
        (path,) = glob.glob(logs, recursive=True)
        logs = {"": path}
    elif TASK in fields:
        columns[TASK] = ids.map(harness_examples.task_in).to_numpy()
    rest = [field for field in fields if field not in columns]
    if rest:
        found = _read(logs, rest)
        for field in rest:
            values = [found.get(name, {}).get(field) for name in ids]
            if not any(values):
                raise ValueError(
                    f"{next(iter(logs.values()))}: no document has the field {field!r}"
                )
            columns[field] = pd.Series(values, dtype="str")
    return pd.DataFrame(columns)


def _read(logs: Mapping[str, str], fields: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Return the fields of each document, by its id."""
    found: dict[str, dict[str, str | None]] = {}
    for task, path in logs.items():
        samples = harness_logs.read_documents(path, fields)
        for name, sample in zip(harness_logs.ids(samples), samples, strict=True):
            key = harness_examples.in_task(task, name) if task else name
            found[key] = dict(zip(fields, sample.fields, strict=True))
    return found
