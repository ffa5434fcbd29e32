"""A study's predictions as csv, as others would bring them."""

from pathlib import Path

import pandas as pd

from pielab import files
from pielab.cells import NOT_COMPRESSED, read_level


def export(study, results, folder, patterns):
    """Write the predictions of all cells of a study as csv of logits, by id and seed.

    `study`: a Study; `results`: its folder; `patterns`: of the files, by method, as the config of
    the audit names them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dense = [cell for pair in study.pairs for cell in [(*pair, "dense", NOT_COMPRESSED)]]
    for dataset, model, method, level in [*dense, *map(tuple, study.cells)]:
        classes = files.read_json(results / f"data/{dataset}/card.json")["classes"]
        for split in ("train", "test", *(["early"] if method == "dense" else [])):
            frame = pd.read_parquet(
                results / f"data/{dataset}/{'test' if split == 'test' else 'train'}.parquet"
            )
            pattern = f"{dataset}/{model}/{method}/{level}/seeds*.{split}.safetensors"
            root = Path(study.shared or results / "predictions")
            parts = []
            for path in root.glob(pattern):
                arrays, _ = files.read_arrays(path)
                for seed, logits in zip(arrays["seeds"], arrays["logits"], strict=True):
                    own = pd.DataFrame(logits.astype("float32"), columns=classes)
                    parts.append(own.assign(id=frame["example_id"], seed=seed))
            name = patterns[method].format(
                dataset=dataset, model=model, level=f"{read_level(level).number:g}", split=split
            )
            pd.concat(parts).to_csv(folder / name, index=False)
