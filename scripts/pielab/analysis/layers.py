"""Which layer made which negative flip: what putting dense layers back mends, and what it costs."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pielab import files
from pielab.analysis.fallback import halves
from pielab.pies import votes
from pielab.pies.cell import Predictions
from pielab.pies.decisions import decide_multi, decide_single
from pielab.pies.scores import model_scores


class Mixtures(NamedTuple):
    """What models of dense and compressed layers decide on the test split, a row a set of layers.

    Decisions are bool (sets, models, examples, classes).
    """

    layers: list[str]  # names, joined by + where several are put back together
    restored: np.ndarray  # compressed models with these layers dense
    implanted: np.ndarray  # dense models with these layers compressed


def read_mixtures(paths: Sequence[str]) -> tuple[dict, dict[str, np.ndarray]]:
    """Return what the files of a cell's mixtures hold, in the order of seeds and draws.

    Returns
    -------
    header : dict
        `layers`, the names of each set's, and perhaps all `sizes`.
    logits : dict of float32 (models, sets, examples, classes)
        By the names of Mixtures.
    """
    read = [files.read_arrays(path) for path in paths]
    arrays = {name: np.concatenate([part[name] for part, _ in read]) for name in read[0][0]}
    order = np.lexsort([arrays.pop("draws"), arrays.pop("seeds")])
    header = {
        name: json.loads(read[0][1][name]) for name in ("layers", "sizes") if name in read[0][1]
    }
    return header, {name: logits[order] for name, logits in arrays.items()}


def decide_like(logits: np.ndarray, like: Predictions) -> np.ndarray:
    """Return decisions (sets, models, ...) of logits (models, sets, ...) by like's thresholds."""
    by_set = np.moveaxis(logits, 1, 0)
    if like.multi_label and like.thresholds is not None:
        return np.stack([decide_multi(of_set, like.thresholds) for of_set in by_set])
    return np.stack([decide_single(of_set, like.thresholds) for of_set in by_set])


def right(decisions: np.ndarray, truth: np.ndarray, ties: str, several: bool) -> np.ndarray:
    """Return whether the majority of models (models, examples, classes) is right, (examples,).

    `several`: an example may have several labels.
    """
    choice = votes.majority(Predictions(decisions, decisions, several).votes, ties)[0]
    decided = choice.T == 1 if several else choice[0][:, None] == np.arange(truth.shape[1])
    return np.asarray((decided == truth).all(axis=1))


def layer_table(
    dense: Predictions,
    compressed: Predictions,
    mixtures: Mixtures,
    truth: np.ndarray,
    ties: str,
    sizes: Mapping[str, tuple[int, int]],
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return a row a set of layers, the one that leaves the fewest negative flips first, and a map.

    Parameters
    ----------
    truth : bool (examples, classes)
    sizes : mapping
        Bytes of each layer, dense and compressed; of the whole model under an empty name.

    Returns
    -------
    table : DataFrame
        `layer`, `negative_flips` of the cell; `gone`, those that the majority gets right again with
        these layers dense; `new`, texts that only then it gets wrong; `left`, negative flips then;
        `gone_share`, a fraction; `more_bytes` and `more_size`, what dense layers cost, the latter
        as a fraction of the compressed model; `score`, mean over models; `alone`, negative
        flips of dense models of which only these layers are compressed; `chosen_left`, those `left`
        in the half of the examples by which layers to keep are chosen.
    lightened : float (sets, negative flips)
        For each negative flip the share of models that are right with these layers dense, less that
        of the compressed models.
    negative : bool (examples,)
        The cell's negative flips.
    """
    several = dense.multi_label
    before, after = (right(side.decisions, truth, ties, several) for side in (dense, compressed))
    negative = before & ~after
    right_share = (compressed.decisions == truth).all(axis=2).mean(axis=0)
    chosen_on, _ = choosing_half(len(truth))
    rows, lightened = [], []
    for layers, restored, implanted in zip(*mixtures, strict=True):
        now, alone = (right(decisions, truth, ties, several) for decisions in (restored, implanted))
        gone, cost = int((negative & now).sum()), _cost(layers, sizes)
        rows.append(
            {"layer": layers, "negative_flips": int(negative.sum()), "gone": gone}
            | {"new": int((before & after & ~now).sum()), "left": int((before & ~now).sum())}
            | {"gone_share": gone / negative.sum() if negative.any() else np.nan}
            | {"more_bytes": cost, "more_size": cost / sizes[""][1]}
            | {"score": model_scores(restored, truth, dense.multi_label).mean()}
            | {"alone": int((before & ~alone).sum())}
            | {"chosen_left": int((before & ~now)[chosen_on].sum())}
        )
        lightened.append(((restored == truth).all(axis=2).mean(axis=0) - right_share)[negative])
    table = pd.DataFrame(rows)
    order = table.sort_values(["left", "more_bytes"], kind="stable").index
    return table.loc[order].reset_index(drop=True), np.stack(lightened)[order], negative


def choosing_half(n_examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the examples by which layers to keep are chosen, and those that judge them."""
    return halves(n_examples, np.random.default_rng(0))


def _cost(layers: str, sizes: Mapping[str, tuple[int, int]]) -> int:
    return sum(sizes[layer][0] - sizes[layer][1] for layer in layers.split("+"))
