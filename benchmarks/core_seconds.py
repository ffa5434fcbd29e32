"""Run a study and tabulate where the processor's seconds go, by rule and by kind.

Kinds: what Python takes to start, imports, arithmetic (all else that a job does), drawing (the same
of the jobs that draw figures), and Snakemake itself. Seconds of all cores together: unlike those on
a clock they hardly depend on what else the machine does. The rows of the study in core_seconds.csv
are replaced.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from pielab.figures import catalogue  # noqa: E402
from pielab.training.processors import this_processor  # noqa: E402

TABLE = ROOT / "benchmarks/core_seconds.csv"
KINDS = ("start-up", "imports", "arithmetic", "drawing", "snakemake")
COLUMNS = ("study", "processor", "rule", "jobs", *KINDS, "seconds")


def by_kind(process: dict) -> dict[str, float]:
    """Return the seconds of a process by kind.

    Parameters
    ----------
    process : dict
        What hooks/sitecustomize.py writes down.
    """
    seconds = dict.fromkeys(KINDS, 0.0)
    rest = process["seconds"]
    if process["rule"] == "snakemake":
        return seconds | {"snakemake": rest}
    for kind in ("start-up", "imports"):
        seconds[kind] = process[kind]
        rest -= process[kind]
    kind = "drawing" if process["rule"] in catalogue.RULES else "arithmetic"
    return seconds | {kind: rest}


def tabulate(processes: list[dict]) -> list[dict]:
    """Return a row a rule, the longest first, and their sum."""
    rows: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(("jobs", *KINDS), 0.0))
    for process in processes:
        for name in (process["rule"], "all"):
            row = rows[name]
            row["jobs"] += 1
            for kind, seconds in by_kind(process).items():
                row[kind] += seconds
    table = [
        {"rule": rule, **row, "seconds": sum(row[kind] for kind in KINDS)}
        for rule, row in rows.items()
    ]
    return sorted(table, key=lambda row: (row["rule"] == "all", -row["seconds"]))


def run(config: Path, cores: str, folder: Path) -> list[dict]:
    """Run a study in an empty folder; return what its processes wrote down.

    Raises
    ------
    SystemExit
        If the study fails.
    """
    (folder / "seconds").mkdir()
    hooks = str(ROOT / "benchmarks/hooks")
    path = os.pathsep.join([hooks, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path, "PIELAB_CORE_SECONDS": str(folder / "seconds")}
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", str(folder), "--configfile", str(config.absolute())]
    with (folder / "said").open("w") as said:
        done = subprocess.run(
            [*command, "--cores", cores], env=environment, stdout=said, stderr=subprocess.STDOUT
        )
    if done.returncode:
        sys.exit((folder / "said").read_text()[-2000:])
    return [json.loads(path.read_text()) for path in (folder / "seconds").glob("*.json")]


def write(study: str, table: list[dict]) -> None:
    """Put the rows of a study in place of its earlier ones."""
    others = []
    if TABLE.is_file():
        with TABLE.open(encoding="utf-8", newline="") as file:
            others = [row for row in csv.DictReader(file) if row["study"] != study]
    named = {
        "study": study,
        "processor": f"{this_processor() or 'unknown'}, {os.cpu_count()} cores",
    }
    own = [named | row | {kind: f"{row[kind]:.1f}" for kind in KINDS} for row in table]
    for row in own:
        row |= {"jobs": f"{row['jobs']:.0f}", "seconds": f"{row['seconds']:.1f}"}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*others, *own], key=lambda row: row["study"]))


def main() -> None:
    """Print the table in Markdown and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config/config.yaml")
    parser.add_argument("--cores", default="all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = tabulate(run(options.config, options.cores, Path(folder)))
    print("| rule | jobs |", " | ".join(KINDS), "| seconds |")
    print("| --- |" + " --- |" * (len(KINDS) + 2))
    for row in table:
        numbers = (f"{row[kind]:.1f}" for kind in (*KINDS, "seconds"))
        print(f"| {row['rule']} | {row['jobs']:.0f} |", " | ".join(numbers), "|")
    write(options.config.stem, table)


if __name__ == "__main__":
    main()
