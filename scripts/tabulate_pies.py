"""Join what is known of all cells: PIEs, scores, agreement and curves of seeds, a table each."""

import json

import pandas as pd

from pielab import files, logs
from pielab.analysis import certainty
from pielab.data.splits import SPLITS
from pielab.pies.scores import scores_per_seed, summarise
from pielab.vocabulary import KEYS


def main(cells: list[dict], inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    rows, per_seed, curves = [], [], []
    paths = zip(*(inputs[name] for name in (*SPLITS, "scores", "certainty", "seeds")), strict=True)
    for cell, (*found, scores, sure, seeds) in zip(cells, paths, strict=True):
        cell = {name: cell[name] for name in KEYS}  # canonical settings are sorted by key
        scores, sure = pd.read_csv(scores), pd.read_csv(sure).set_index("split")
        for split, path in zip(SPLITS, found, strict=True):
            own = cell | {"split": split}
            table = scores[scores["split"] == split]
            rows.append(own | summarise(pd.read_parquet(path), table) | dict(sure.loc[split]))
        per_seed.append(scores_per_seed(cell, scores[scores["split"] == "test"]))
        curves.append(pd.DataFrame([cell]).merge(pd.read_csv(seeds), how="cross"))
    table = certainty.adjust(pd.DataFrame(rows))
    of_votes = [name for name in table if name not in certainty.AGREEMENT_COLUMNS]
    files.write_frame(outputs["pies"], table[of_votes])
    keys = [*KEYS, "split", "seeds"]
    files.write_frame(outputs["agreement"], table[[*keys, *certainty.AGREEMENT_COLUMNS]])
    files.write_frame(outputs["scores"], pd.concat(per_seed).drop_duplicates(ignore_index=True))
    files.write_frame(outputs["seeds"], pd.concat(curves))


if "snakemake" in globals():
    with logs.job(snakemake.log[0]):
        main(
            json.loads(snakemake.params.settings)["cells"],
            {name: list(paths) for name, paths in snakemake.input.items()},
            dict(snakemake.output.items()),
        )
