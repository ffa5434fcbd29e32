"""Time an audit of 200 tasks of lm-evaluation-harness, from logs to pages or to one table."""

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
DATE = "2026-11-21T20-49-48.038614"
WORDS = ["a", "film", "story", "with", "music", "that", "was", "very", "short", "good", "never"]
STUDY = {
    "datasets": {"all": {"source": "lm_eval", "cluster_by": ["passage"]}},
    "models": {"toy": {"architecture": "external", "seeds": 1}},
    "methods": {"int4": {"compressor": "external", "bits": 4}},
    "predictions": {"files": {"dense": "runs/dense", "int4": "runs/int4"}, "metric": "acc"},
    "figures": {"formats": ["svg"]},
}


def row(task: int, number: int, run: str) -> dict:
    """Return a line of a log: four choices, a passage of 80 words and two examples before it."""
    dice = random.Random(f"{task} {number}")
    passage = " ".join(dice.choices(WORDS, k=80))
    document = {"passage": f"{number // 3}", "text": passage, "answer": dice.randrange(4)}
    prompt = f"{passage[:200]}\nAnswer: B\n\n{passage[-200:]}\nAnswer: C\n\n{passage}\nAnswer:"
    noise = random.Random(f"{task} {number} {run}")
    scores = [noise.gauss(-5, 1) + 2 * (place == document["answer"]) for place in range(4)]
    right = float(max(range(4), key=scores.__getitem__) == document["answer"])
    pairs = [[str(score), "False"] for score in scores]
    written = json.dumps(document, indent=2)
    requests = {f"gen_args_{n}": {"arg_0": prompt, "arg_1": f" {c}"} for n, c in enumerate("ABCD")}
    hashes = [hashlib.sha256(f"{task} {text}".encode()).hexdigest() for text in (written, prompt)]
    return {
        "doc_id": number,
        "doc": document,
        "target": str(document["answer"]),
        "arguments": requests,
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "filter": "none",
        "metrics": ["acc"],
        "doc_hash": hashes[0],
        "prompt_hash": hashes[1],
        "target_hash": hashlib.sha256(str(document["answer"]).encode()).hexdigest(),
        "acc": right,
    }


def write_runs(folder: Path, tasks: int, documents: int) -> int:
    """Write the logs of two runs, and return their bytes."""
    size = 0
    for run in ("dense", "int4"):
        (folder / "runs" / run).mkdir(parents=True)
        for task in range(tasks):
            path = folder / "runs" / run / f"samples_task_{task}_{DATE}.jsonl"
            lines = [json.dumps(row(task, number, run)) + "\n" for number in range(documents)]
            path.write_text("".join(lines))
            size += path.stat().st_size
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return size


def main() -> None:
    """Make the logs, audit them and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--rows", type=int, default=300_000, help="lines of both runs together")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("targets", nargs="*", help="such as results/tables/tasks.csv; without: all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = write_runs(Path(folder), options.tasks, options.rows // options.tasks // 2)
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--directory", folder, "--configfile", f"{folder}/study.yaml"]
        command += ["--cores", str(options.cores), "--", *options.targets]
        start = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(run.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{options.tasks} tasks, {options.rows:,} lines ({size / 1e6:.0f} MB): {seconds:.0f} s, "
        f"{used.ru_utime + used.ru_stime:.0f} s of processors, {used.ru_maxrss / 1e6:.2f} GB in "
        "the largest process"
    )


if __name__ == "__main__":
    main()
