"""Check that the study of a decoder has the scores of its logs: tests/check_smollm2.py RESULTS."""

import json
import sys
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
STUDY = yaml.safe_load((ROOT / "config/smollm2.yaml").read_text(encoding="utf-8"))
RUNS = ROOT / STUDY["predictions"]["logs"]
DENSE_BYTES = 4 * 134_515_008
PRUNED_BYTES = DENSE_BYTES - 2 * 106_168_320 + 106_168_320 // 8


def check_tasks(results: Path) -> None:
    """Exit with a message unless each score is the mean of those that the harness wrote."""
    path = results / "tables/tasks.csv"
    rows = pd.read_csv(path).to_dict("records")
    if len(rows) != 2 * len(STUDY["methods"]):
        sys.exit(f"{path}: {len(rows)} rows; expected one for each task and method")
    for row in rows:
        task, method = row["dataset"], row["method"]
        metric = f"{row['metric']},{row['filter']}"
        logs = (RUNS / task / "smollm2" / method).rglob("results.json")
        scores = [json.loads(log.read_text())["results"][task][metric] for log in logs]
        drawn = STUDY["methods"][method].get("calibration", {"draws": 1})["draws"]
        if not row["runs_compressed"] == len(scores) == drawn:
            sys.exit(f"{path}: {row['runs_compressed']} runs of {method} on {task}")
        if abs(row["score_compressed"] - sum(scores) / len(scores)) > 1e-15:
            sys.exit(f"{path}: {row['score_compressed']} for {method} on {task}, not as logged")
    print(f"{len(rows)} scores of tasks.csv are the means of those in the logs")


def check_sizes(results: Path) -> None:
    """Exit with a message unless models are as large as theirs are."""
    path = results / "tables/frontier.csv"
    sizes = pd.read_csv(path)
    pruned = sizes.loc[sizes["method"] == "wanda", "bytes"]
    if not ((sizes["dense_bytes"] == DENSE_BYTES).all() and (pruned == PRUNED_BYTES).all()):
        sys.exit(f"{path}: other dense_bytes than {DENSE_BYTES}, or {PRUNED_BYTES} of wanda")
    print(f"{len(sizes)} rows of frontier.csv have the bytes of SmolLM2")


def main(results: Path) -> None:
    """Exit with a message unless scores and sizes are those of the logs and of the model."""
    check_tasks(results)
    check_sizes(results)
    if not (results / "tables/answers.csv").is_file():
        sys.exit(f"{results}/tables/answers.csv: no such file")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
