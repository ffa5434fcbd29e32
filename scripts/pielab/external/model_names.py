"""Write what the models of a group say, as models that are trained here leave it."""

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pielab import files
from pielab.cells import natural
from pielab.data.labels import examples_digest, label_array
from pielab.pies.partners import seed_of


def names_of_files(paths: Sequence[str]) -> list[str]:
    """Return what tells files of one model each apart: the words and numbers that vary.

    `dense/seed1.csv` and `dense/seed2.csv` are 1 and 2, so that they pair with `int8-1.csv` and
    `int8-2.csv`. Paths of different shape keep their whole names.
    """
    parts = [re.findall(r"\d+|[^\W\d_]+", path) for path in paths]
    if len(paths) < 2 or len(set(map(len, parts))) > 1:
        stems = [Path(path).stem for path in paths]
        return (
            stems if len(set(stems)) == len(stems) else [path.replace("/", ":") for path in paths]
        )
    varying = [len(set(values)) > 1 for values in zip(*parts, strict=True)]
    return ["/".join(itertools.compress(words, varying)) for words in parts]


def check_at_most(names: Sequence[str], path: str, settings: Mapping) -> None:
    """Refuse a file of far too many models before each gets a row for each example.

    Raises
    ------
    ValueError
        With the columns that name a model.
    """
    found, expected = len(set(names)), settings["seeds"] * settings["draws"]
    if found > expected:
        keys = ", ".join(f"{key}: {settings['columns'][key]}" for key in ("seed", "draw"))
        unique = ", one for each row" if found == len(names) > 1 else ""
        raise ValueError(
            f"{path}: {found} models{unique}; expected {expected}, the model's seeds and draws, "
            f"by predictions.columns ({keys})"
        )


def arrange(names: Sequence[str], settings: Mapping, is_named: bool = False) -> list[int]:
    """Return the order of a group's models: by seed, and by draw within a seed.

    Parameters
    ----------
    is_named : bool
        Whether the files themselves name the models, by seed and draw.

    Raises
    ------
    ValueError
        If a model is there twice, there are more or fewer than the config says, or seeds have
        different numbers of draws.
    """
    found, draws = ", ".join(settings["files"]), settings["draws"]
    twice = sorted({name for name in names if names.count(name) > 1}, key=natural)
    if twice:
        raise ValueError(
            f"{found}: the models {', '.join(twice[:10])} occur more than once; expected each once"
        )
    expected = settings["seeds"] * draws
    if len(names) != expected:
        by_draws = f" by {draws} draws" if draws > 1 else ""
        raise ValueError(
            f"{found}: {len(names)} models ({', '.join(names[:10])}); "
            f"expected {expected}, the model's seeds{by_draws}"
        )
    counts = Counter(map(seed_of, names))
    by_seed = settings["seeds"] > 1 and (draws > 1 or is_named)
    if by_seed and set(counts.values()) != {draws}:
        counted = ", ".join(f"{seed}: {counts[seed]}" for seed in sorted(counts, key=natural)[:10])
        raise ValueError(f"{found}: draws by seed {counted}; expected {draws} for each seed")
    return sorted(range(len(names)), key=lambda row: natural(names[row]))


def of_file(path: str, content: Mapping[str, str]) -> dict[str, str]:
    """Return a model's file or folder, and the SHA-256 of what it holds, if that is known.

    Parameters
    ----------
    content : mapping
        The SHA-256 of each external file that a job reads, by its path. Of a folder, and of an ONNX
        file with weights beside it, the digest is that of the files' digests, in order of names.
    """
    paths = sorted(
        name
        for name in content
        if name == path
        or Path(path) in Path(name).parents
        or (path.endswith(".onnx") and name.startswith(path))
    )
    known = [content[name] for name in paths]
    together = hashlib.sha256("\n".join(known).encode()).hexdigest()
    return {"file": path, "digest": together if len(known) > 1 else "".join(known)}


def write(
    path: str,
    logits: np.ndarray,
    names: Sequence[str],
    frame: pd.DataFrame,
    settings: Mapping,
    header: Mapping[str, str],
) -> None:
    """Write the logits of a group on a split, float32 (models, examples, classes), by its models.

    Parameters
    ----------
    names : sequence of str
        What the models are called where they come from.
    frame : DataFrame
        The examples, in their order.
    settings : mapping
        `draws`.
    header : mapping
        What else the header holds; `unpaired` if the names do not tell which models of
        another group are partners.
    """
    numbers = np.arange(len(names), dtype=np.int32)
    arrays = {"logits": logits, "seeds": numbers // settings["draws"]}
    if settings["draws"] > 1:
        arrays["draws"] = numbers % settings["draws"]
    digest = examples_digest(frame, label_array(frame, logits.shape[2]))
    named = {"examples": digest, "names": json.dumps(list(names), ensure_ascii=False)}
    files.write_arrays(path, arrays, {**header, **named})
