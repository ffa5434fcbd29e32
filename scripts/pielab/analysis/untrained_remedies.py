"""Judge remedies that train nothing: unsure texts sent to the baseline, and layers kept dense."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab.analysis.fallback import mixed, negative_flips, rows_of, sent_texts
from pielab.analysis.layers import choosing_half, decide_like, read_mixtures
from pielab.analysis.remedies import LOT, change_interval, mean_change, remedy_row, swap_p
from pielab.pies.cell import Cell
from pielab.vocabulary import FALLBACK, LAYERS

SHARE = 0.1  # of the texts, the least sure ones, that go to the baseline's models


class KeptLayers(NamedTuple):
    """What compressed models predict whose best layers are dense, the first, the first two ..."""

    layers: list[str]  # names, joined by + where several are dense
    restored: np.ndarray  # float32 (models, sets, examples, classes), logits
    more_bytes: list[int]  # what dense layers cost


def fallback_row(cell: Cell, names: Sequence[str]) -> dict:
    """Return what changes if the least sure tenth of the texts goes to the baseline's models.

    Whichever texts go, negative flips can only become fewer. So `p` and the verdict are about
    `lot_change`: the change beyond that of as many texts drawn by lot.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    """
    (sent,) = sent_texts(cell, [SHARE], np.random.default_rng(0))
    row = remedy_row(replace(cell, compressed=mixed(cell, sent)), cell, names)
    flips = negative_flips(cell)
    left, by_lot = flips & ~sent, flips * (1 - sent.mean(axis=1, keepdims=True))
    values = (cell.replicate_means(1.0 * lost) for lost in (left, by_lot))
    beyond = mean_change(*values, clusters=cell.clusters)
    changes = cell.replicate_means((left - by_lot).mean(axis=1))
    return (
        row
        | change_interval(beyond).columns(LOT)
        | {
            "kind": FALLBACK,
            "remedy": f"fallback, {100 * SHARE:.0f} % of the texts",
            "sent": float(sent.mean()),
            "p": swap_p(changes),
        }
    )


def layer_rows(cell: Cell, kept: KeptLayers, names: Sequence[str]) -> Iterator[dict]:
    """Yield what each set of dense layers changes, on the half of the texts that did not choose it.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    """
    _, judged_on = choosing_half(len(cell.ids))
    plain = rows_of(cell, judged_on)
    for at, (layers, mended) in enumerate(zip(kept.layers, with_kept(cell, kept), strict=True)):
        row = remedy_row(mended, plain, names)
        described = {"kind": LAYERS, "remedy": f"kept dense: {layers.replace('+', ', ')}"}
        yield row | described | {"more_bytes": kept.more_bytes[at]}


def with_kept(cell: Cell, kept: KeptLayers) -> Iterator[Cell]:
    """Yield the cell with each set of layers dense, on the texts that did not choose them."""
    _, judged_on = choosing_half(len(cell.ids))
    decided = decide_like(kept.restored, cell.compressed)
    for at in range(len(kept.layers)):
        mended = replace(cell.compressed, logits=kept.restored[:, at], decisions=decided[at])
        yield rows_of(replace(cell, compressed=mended), judged_on)


def read_kept_layers(
    predictions: Sequence[str], tables: Sequence[str]
) -> dict[tuple[str, str], KeptLayers]:
    """Return what models with the best layers dense predict, by method and level.

    Parameters
    ----------
    predictions : sequence of str
        {method}/{level}/{block}.kept.safetensors, in the order of blocks.
    tables : sequence of str
        {method}/{level}.kept.csv, of the same cells.
    """
    found = {}
    for table in tables:
        key = (Path(table).parent.name, Path(table).name.removesuffix(".kept.csv"))
        paths = [path for path in predictions if Path(path).parts[-3:-1] == key]
        header, logits = read_mixtures(paths)
        costs = pd.read_csv(table).set_index("layer")["more_bytes"]
        more_bytes = [int(costs[layer]) for layer in header["layers"]]
        found[key] = KeptLayers(header["layers"], logits["restored"], more_bytes)
    return found
