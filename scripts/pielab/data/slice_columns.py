"""Read the columns that test examples are grouped by, beside what every stage reads of them."""

import pandas as pd

from pielab.data import harness_fields, sources
from pielab.data.label_names import as_name

ROLE = "slice_by."


def slice_columns(settings: dict, ids: pd.Series) -> pd.DataFrame:
    """Return the named columns of a source for some of its examples, as text, null where missing.

    They are not in the data themselves, so that one more of them trains no model again.

    Parameters
    ----------
    settings : dict
        Of the dataset: `source`, `files`, `hub`, `columns` and `slice_by`.
    ids : (examples,)
        The test examples' ids, whose order the rows have.

    Raises
    ------
    ValueError
        If the source has no such column, or an example is not in it any more.
    """
    if settings["source"] == sources.LM_EVAL:
        return harness_fields.of_documents(settings["files"], settings["slice_by"], ids)
    if settings["source"] == sources.INSPECT:
        log = next(iter(settings["files"]["test"].values()))
        return harness_fields.of_documents({"test": log}, settings["slice_by"], ids)
    own_ids = {"id": settings["columns"]["id"]} if "id" in settings["columns"] else {}
    named = {f"{ROLE}{name}": name for name in settings["slice_by"]}
    frames, _ = sources.read_source(settings | {"columns": own_ids | named})
    rows = frames["test" if "test" in frames else "train"]
    if own_ids:
        rows = rows.assign(example_id=rows["example_id"].map(as_name))
    rows = rows.set_index("example_id")
    for example in ids[~ids.isin(rows.index)].head(1):
        raise ValueError(
            f"{settings['name']}: example {example}; expected it in the source, which has changed "
            "since it was fetched"
        )
    chosen = rows.loc[ids]
    texts = {
        name: pd.Series([as_name(value) or None for value in chosen[role]], dtype="str")
        for role, name in named.items()
    }
    return pd.DataFrame({"example_id": ids.to_numpy(), **texts})
