"""Write what the models of a group say, as models that are trained here leave it."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pielab import files
from pielab.data.labels import examples_digest, label_array


def check_number(names: Sequence[str], settings: Mapping) -> None:
    """Refuse a group of more or fewer models than the config says.

    Raises
    ------
    ValueError
        With the names of the models that there are.
    """
    expected = settings["seeds"] * settings["draws"]
    if len(names) != expected:
        each = f" by {settings['draws']} draws" if settings["draws"] > 1 else ""
        raise ValueError(
            f"{', '.join(settings['files'])}: {len(names)} models ({', '.join(names[:10])}); "
            f"expected {expected}, the model's seeds{each}"
        )


def write(
    path: str,
    logits: np.ndarray,
    names: Sequence[str],
    frame: pd.DataFrame,
    settings: Mapping,
    header: Mapping[str, str],
) -> None:
    """Write the logits of a group on a split, float32 (models, examples, classes), by its members.

    Parameters
    ----------
    names : sequence of str
        What the models are called where they come from.
    frame : DataFrame
        The examples, in their order.
    settings : mapping
        `draws`.
    header : mapping
        What else the file says of itself.
    """
    members = np.arange(len(names), dtype=np.int32)
    arrays = {"logits": logits, "seeds": members // settings["draws"]}
    if settings["draws"] > 1:
        arrays["draws"] = members % settings["draws"]
    digest = examples_digest(frame, label_array(frame, logits.shape[2]))
    named = {"examples": digest, "members": json.dumps(list(names), ensure_ascii=False)}
    files.write_arrays(path, arrays, {**header, **named})
