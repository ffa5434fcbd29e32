"""Time an audit of a million rows of predictions, from csv files to pages: make bench runs it."""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
CLASSES, MEMBERS = ["bad", "fair", "good"], 5
WORDS = [
    "a",
    "film",
    "story",
    "with",
    "music",
    "that",
    "was",
    "very",
    "short",
    "good",
    "bad",
    "never",
]
STUDY = {
    "datasets": {
        "reviews": {"source": "files", "files": {"test": "texts.csv"}, "columns": {"id": "id"}}
    },
    "models": {"ours": {"architecture": "external", "seeds": MEMBERS}},
    "methods": {"int8": {"compressor": "external", "bits": 8}},
    "predictions": {"files": {"dense": "dense.csv", "int8": "int8.csv"}},
}


def write_study(folder: Path, rows: int) -> None:
    """Write texts, predictions of both sides with so many rows together, and the config."""
    rng, examples = np.random.default_rng(0), rows // (2 * MEMBERS)
    labels, ids = rng.integers(0, len(CLASSES), examples), np.arange(examples)
    texts = [" ".join(words) + "." for words in rng.choice(WORDS, (examples, 12))]
    table = {"id": ids, "text": texts, "label": np.array(CLASSES)[labels]}
    pd.DataFrame(table).to_csv(folder / "texts.csv", index=False)
    logits = rng.normal(size=(examples, len(CLASSES)))
    logits[ids, labels] += 2
    for name, noise in (("dense", 0.3), ("int8", 0.5)):
        parts = []
        for seed in range(MEMBERS):
            odds = np.exp(logits + rng.normal(0, noise, logits.shape))
            shares = pd.DataFrame(odds / odds.sum(axis=1, keepdims=True), columns=CLASSES)
            parts.append(shares.round(6).assign(id=ids, seed=seed))
        pd.concat(parts).to_csv(folder / f"{name}.csv", index=False)
    (folder / "audit.yaml").write_text(yaml.safe_dump(STUDY))


def main() -> None:
    """Make the files, audit them and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of both sides together")
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_study(Path(folder), options.rows)
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--directory", folder, "--configfile", f"{folder}/audit.yaml"]
        start = time.perf_counter()
        run = subprocess.run(
            [*command, "--cores", str(options.cores)], capture_output=True, text=True
        )
        seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(run.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{options.rows:,} rows: {seconds:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of "
        f"processors, {used.ru_maxrss / 1e6:.2f} GB in the largest process"
    )


if __name__ == "__main__":
    main()
