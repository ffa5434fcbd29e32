"""Find how the PIEs, negative flips and shifts of a dataset and model go with factors of texts."""

import numpy as np
import pandas as pd

from pielab import files, jobs, logs
from pielab.causes import factors, table
from pielab.causes.outcomes import Texts, of_cell
from pielab.measures.collapse import collapse_row
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons


def by_method(
    settings: dict, pair: PairFiles, split: str
) -> tuple[dict[str, list[Texts]], dict[str, np.ndarray], np.ndarray | None]:
    """Return what happens to the texts of each cell that works, by method; `all` has them all.

    And which texts have each class, and the clusters of texts, if there are any.
    """
    scores_known = settings.get("scores") != "labels"
    found: dict[str, list[Texts]] = {factors.ALL_METHODS: []}
    classes: dict[str, np.ndarray] = {}
    clusters = None
    for comparison, cell in read_comparisons(settings, pair, split):
        classes = factors.classes_of(cell.truth, pair.classes, cell.multi_label)
        clusters = cell.clusters
        if collapse_row(cell)["collapsed"]:
            logs.logger.info("%s, %s: has collapsed, left out", comparison.method, comparison.level)
            continue
        outcome = of_cell(cell, scores_known)
        found[factors.ALL_METHODS].append(outcome)
        found.setdefault(comparison.method, []).append(outcome)
    return found, classes, clusters


def with_most_alike(cells: list[Texts]) -> list[Texts]:
    """Return the cells with the same number of replicates that are most, among equals with more."""
    numbers = [len(cell.pie) for cell in cells]
    kept = max(numbers, key=lambda number: (numbers.count(number), number), default=0)
    return [cell for cell in cells if len(cell.pie) == kept]


def as_untrained(pooled: Texts, texts: pd.DataFrame) -> Texts:
    """Return outcomes with doubts of models that were not trained on the texts, where known."""
    if "label_doubt" not in texts:
        return pooled
    doubts, doubted = (texts[name].to_numpy(np.float64) for name in ("label_doubt", "doubted"))
    return pooled._replace(label_doubt=np.broadcast_to(doubts, pooled.pie.shape), doubted=doubted)


def explain(
    settings: dict, inputs: dict, pair: PairFiles, split: str
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Return the rows of a split by method, and its texts with all that is known of them."""
    texts = whole = pd.read_parquet(inputs[f"{split}_factors"])
    influence = inputs.get("influence") if split == "train" else None
    known = factors.gather(
        texts,
        pd.read_parquet(inputs[f"{split}_complexity"]),
        pd.read_parquet(influence) if influence else None,
    )
    parts = []
    found, classes, clusters = by_method(settings, pair, split)
    for method, cells in found.items():
        alike = with_most_alike(cells)
        if not alike:
            continue
        pooled = as_untrained(table.pool(alike), texts)
        rows = table.causes(pooled, known, len(alike), classes, clusters)
        parts.append(rows.assign(split=split, method=method))
        if method == factors.ALL_METHODS and split == "test":
            by_replicate = pd.DataFrame(
                {name: getattr(pooled, name)[0] for name in table.BY_REPLICATE}
            )
            by_replicate["doubted"], by_replicate["doubt_spread"] = (
                pooled.doubted,
                pooled.doubt_spread,
            )
            more = [name for name in known if name not in texts]
            whole = texts.join(known[more]).join(by_replicate)
    return parts, whole


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    pair = pair_files(inputs)
    parts, whole = explain(settings, inputs, pair, "test")
    if inputs.get("train_factors"):
        parts += explain(settings, inputs, pair, "train")[0]
    names = {key: settings[key] for key in ("dataset", "model")}
    columns = ["split", "method", *table.COLUMNS]
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    files.write_frame(outputs["table"], rows.assign(**names)[[*names, *columns]])
    files.write_frame(outputs["factors"], whole)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
