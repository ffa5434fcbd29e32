"""Time what takes the time of a study side by side with what else one would write.

Ours and its rivals (benchmarks/rivals.py) take turns, each time in a fresh process on one thread,
so that other load hits all alike; what counts is the processor's time. Prints a table and keeps it,
by date and machine, in benchmarks/results.csv.
"""

import argparse
import csv
import gc
import os
import resource
import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

for library in ("OMP", "OPENBLAS", "MKL"):  # as Snakemake does for a job of one thread
    os.environ[f"{library}_NUM_THREADS"] = "1"

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

FIELDS = [
    "date",
    "machine",
    "what",
    "rival",
    "ours_s",
    "rival_s",
    "ratio_min",
    "ratio_median",
    "goal",
    "reached",
]
# Prepares, and returns the work that is timed; it returns how many units it did
Contender = Callable[[], Callable[[], float]]


@dataclass(frozen=True)
class Contest:
    """What is timed: ours, its rivals by name, and what is aimed at.

    `most` seconds of ours; `goals`: how many times faster than each rival.
    """

    what: str
    ours: Contender
    rivals: dict[str, Contender]
    most: float | None = None
    goals: dict[str, float] | None = None


def seconds_of(contender: Contender) -> float:
    """Return the processor's seconds a unit of a contender's work, in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            work = contender()
            start = _spent()
            units = work()
            os.write(writer, repr((_spent() - start) / units).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as file:
        said = file.read()
    os.waitpid(child, 0)
    if not said:
        raise ValueError("a contender failed; what it said stands above")
    return float(said)


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(own.ru_utime + own.ru_stime for own in used)


def compare(comparison: Contest, rounds: int) -> list[dict]:
    """Return a row for each rival: least seconds of both, least and median ratio, the goals."""
    ours, theirs = [], {name: [] for name in comparison.rivals}  # type: ignore[var-annotated]
    for _ in range(rounds):
        ours.append(seconds_of(comparison.ours))
        for name, rival in comparison.rivals.items():
            theirs[name].append(seconds_of(rival))
    rows = []
    for name in comparison.rivals or [""]:
        row = {"what": comparison.what, "rival": name, "ours_s": f"{min(ours):.3g}"}
        least, factor = comparison.most, (comparison.goals or {}).get(name)
        if name:
            ratios = [other / own for own, other in zip(ours, theirs[name], strict=True)]
            row |= {"rival_s": f"{min(theirs[name]):.3g}", "ratio_min": f"{min(ratios):.2f}"}
            row |= {"ratio_median": f"{statistics.median(ratios):.2f}"}
        if factor:
            reached = statistics.median(ratios) >= factor
            row |= {"goal": f"{factor:g}x", "reached": "yes" if reached else "no"}
        elif least:
            reached = min(ours) <= least
            row |= {"goal": f"{least:g} s", "reached": "yes" if reached else "no"}
        rows.append(row)
    return rows


def show(rows: Iterable[dict]) -> None:
    """Print rows of a markdown table."""
    for row in rows:
        ratio = f"{row['ratio_median']} ({row['ratio_min']})" if row["rival"] else "-"
        cells = (row["what"], row["rival"] or "-", row["ours_s"], row.get("rival_s", "-"), ratio)
        print("|", " | ".join([*cells, row.get("goal", "-"), row.get("reached", "-")]), "|")
    sys.stdout.flush()


def keep(rows: list[dict], path: Path) -> None:
    """Add rows to the table of results; those of the same day, machine and pair are replaced."""
    from pielab import files

    key = ("date", "machine", "what", "rival")
    new = {tuple(row[name] for name in key): row for row in rows}
    old = []
    if path.exists():
        with open(path, encoding="utf-8", newline="") as file:
            old = [row for row in csv.DictReader(file) if tuple(row[n] for n in key) not in new]
    with files.replacing(path) as temporary, open(temporary, "w") as file:
        writer = csv.DictWriter(file, FIELDS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*old, *rows])


def main() -> None:
    """Read the options, compare, and print and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of turns (default 3)")
    parser.add_argument("--only", nargs="+", help="comparisons by a word of their names")
    parser.add_argument("--scale", type=float, default=1, help="of the sizes, to try the script")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results.csv")
    options = parser.parse_args()
    import torch
    from calibrate import cpu_name
    from contenders import comparisons

    torch.set_num_threads(1)
    facts = {"date": str(date.today()), "machine": cpu_name()}
    print("| what | against | ours, s | rival, s | ratio: median (least) | goal | reached |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, prepare in comparisons(options.scale).items():
        if options.only and not any(word in name for word in options.only):
            continue
        with prepare() as comparison:
            found = [facts | row for row in compare(comparison, options.rounds)]
        gc.collect()
        show(found)
        keep(found, options.results)


if __name__ == "__main__":
    main()
