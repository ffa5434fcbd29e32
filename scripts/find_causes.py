"""Find how the PIEs, negative flips and shifts of a dataset and model go with factors of texts."""

import json

import pandas as pd

from pielab import files, jobs, logs
from pielab.causes import factors, table
from pielab.causes.outcomes import Texts, of_cell
from pielab.measures.collapse import collapse_row
from pielab.pies.comparisons import PairFiles, pair_files, read_comparisons


def by_method(settings: dict, pair: PairFiles) -> dict[str, list[Texts]]:
    """Return what happens to the texts of each cell that works, by method; `all` has them all."""
    scores_known = settings.get("scores") != "labels"
    found: dict[str, list[Texts]] = {factors.ALL_METHODS: []}
    for comparison, cell in read_comparisons(settings, pair):
        if collapse_row(cell)["collapsed"]:
            logs.logger.info("%s, %s: has collapsed, left out", comparison.method, comparison.level)
            continue
        outcome = of_cell(cell, scores_known)
        found[factors.ALL_METHODS].append(outcome)
        found.setdefault(comparison.method, []).append(outcome)
    return found


def main(settings: dict, inputs: dict, outputs: dict[str, str]) -> None:
    texts = pd.read_parquet(inputs["factors"])
    known = factors.gather(texts, pd.read_parquet(inputs["complexity"]))
    parts = []
    whole = texts
    for method, cells in by_method(settings, pair_files(inputs)).items():
        alike = [each for each in cells if len(each.pie) == len(cells[0].pie)]
        if not alike:
            continue
        pooled = table.pool(alike)
        found = table.causes(pooled, known, len(alike))
        parts.append(found.assign(method=method))
        if method == factors.ALL_METHODS:
            own = pd.DataFrame({name: getattr(pooled, name)[0] for name in table.BY_REPLICATE})
            own["doubted"], own["doubt_spread"] = pooled.doubted, pooled.doubt_spread
            whole = texts.join(known[list(set(known) - set(texts))]).join(own)
    names = {key: settings[key] for key in ("dataset", "model")}
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=["method", *table.COLUMNS])
    order = [*names, "method", *table.COLUMNS]
    files.write_frame(outputs["table"], rows.assign(**names)[order])
    files.write_frame(outputs["factors"], whole)


if "snakemake" in globals():
    with jobs.job(snakemake):
        settings = json.loads(snakemake.params.settings)
        main(settings, snakemake.input, dict(snakemake.output.items()))
