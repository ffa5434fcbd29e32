"""Time the plan of a study cut into more and more jobs: cold, and when nothing is to be done."""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def snakemake(folder: Path, *arguments: str) -> tuple[str, float, str]:
    """Return the time that snakemake took, its peak memory in MiB, and what it said."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", str(folder), "--configfile", str(folder / "study.yaml")]
    said = folder / "said"
    with open(said, "w") as file:
        start = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, file.fileno(), descriptor) for descriptor in (1, 2)]
        child = os.posix_spawn(command[0], [*command, *arguments], os.environ, file_actions=actions)
        _, status, usage = os.wait4(child, 0)  # unlike subprocess, it tells the child's memory
        seconds = time.perf_counter() - start
    if status:
        sys.exit(said.read_text()[-1000:])
    spent = f"{seconds:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s of CPU"
    return spent, usage.ru_maxrss / 1024, said.read_text()


def make_outputs(folder: Path) -> None:
    """Make all outputs but the temporary ones, empty and of one age.

    Not by --touch, which takes an hour for 10,000 jobs: settings are not compared here.
    """
    _, _, said = snakemake(folder, "--summary")
    for line in said[said.index("output_file\t") :].splitlines()[1:]:
        path = folder / line.split("\t")[0]
        if "/models/" not in str(path) or "/dense/" in str(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.utime(path, (0, 0))


def planned_jobs(said: str) -> int:
    """Return how many jobs a dry run has planned; Snakemake shows its table before and after."""
    return int(re.findall(r"^total +(\d+)", said, re.MULTILINE)[-1])


def main() -> None:
    """Print a row for each number of seeds a job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config/paper.yaml")
    parser.add_argument("--seeds", type=int, help="of each model instead of the config's")
    parser.add_argument("--seeds-per-job", type=int, nargs="+", default=[30, 4, 2, 1])
    options = parser.parse_args()
    study = yaml.safe_load(options.config.read_text())
    for model in study["models"].values():
        model["seeds"] = options.seeds or model["seeds"]
    print("| seeds a job | jobs | cold plan | nothing to be done | peak memory |")
    print("| --- | --- | --- | --- | --- |")
    for size in ["as configured", *options.seeds_per_job]:
        for model in study["models"].values():
            model["seeds_per_job"] = model["seeds_per_job"] if size == "as configured" else size
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
            cold, memory, said = snakemake(folder, "--dry-run", "--quiet", "rules")
            jobs = planned_jobs(said)
            make_outputs(folder)
            idle, _, said = snakemake(folder, "--dry-run")
            if "Nothing to be done" not in said:
                sys.exit(f"not up to date: {said[-1000:]}")
        print(f"| {size} | {jobs} | {cold} | {idle} | {memory:.0f} MiB |", flush=True)


if __name__ == "__main__":
    main()
