"""Kill, damage and feed hostile files for as long as you like, with other seeds each time.

    make soak                     an hour
    make soak SOAK_MINUTES=10

Each round damages inputs at every door and kills the smallest study, then ten default studies: one
that begins with nothing, and nine that lost the outputs of a stage each and make them again. The
last lines are a table: what was tried, how often, and how often it failed. The exit code is 1 if
anything failed; the seed that is printed repeats it: `FAULTS_SEED=SEED pytest tests/faults`.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
DEFAULT = HERE.parents[1] / "config/config.yaml"
STUDIES = ["smallest", "default"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long to go on (60)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--inputs", type=int, default=500, help="inputs a door and round (500)")
    parser.add_argument("--kills", type=int, default=5, help="kills a study (5)")
    parser.add_argument("--cores", type=int, default=2, help="cores of a study (2)")
    parser.add_argument("--only", choices=STUDIES, default=STUDIES, nargs="+", help="studies (all)")
    parser.add_argument("--whole", type=Path, help="where a default study ran through, if one did")
    arguments = parser.parse_args()
    end = time.monotonic() + 60 * arguments.minutes
    tried: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    seed = arguments.seed
    with tempfile.TemporaryDirectory() as folder:
        kept = {"KILLED_WHOLE": str(arguments.whole or f"{folder}/whole")}
        default = {"KILLED_CONFIG": str(DEFAULT)} | kept
        rounds = {"smallest": ("", {}, HERE)}
        rounds["default"] = (" (default study)", default, HERE / "test_kills.py")
        while time.monotonic() < end:
            for study, settings, tests in map(rounds.get, arguments.only):
                settings |= {"FAULTS_SEED": str(seed), "FAULTS": str(arguments.inputs)}
                settings |= {"KILLS": str(arguments.kills), "FAULTS_CORES": str(arguments.cores)}
                # A study that is killed takes the time of one that ran through from the same file
                output = run(tests, settings, processes=0 if study else arguments.cores)
                print(f"seed {seed}{study}: {output.strip().splitlines()[-1]}", flush=True)
                results = re.findall(r"^(PASSED|FAILED|ERROR) \S*::test_(\w+)", output, re.M)
                for result, name in results:
                    tried[what := name.replace("_", " ") + study] += 1
                    failed[what] += result != "PASSED"
                if any(result != "PASSED" for result, _ in results) or not results:
                    failed["rounds that broke off"] += not results
                    print(output, flush=True)
                for number, what in re.findall(r"^tried: (\d+) (\w+)$", output, re.M):
                    tried[f"{what} in all"] += int(number)
            seed += 1
    print(f"\n{'tried':>6} {'failed':>6}  what")
    for name in tried | failed:
        print(f"{tried[name]:6} {failed[name]:6}  {name}")
    return int(bool(sum(failed.values())) or not tried)


def run(tests: Path, settings: dict[str, str], processes: int) -> str:
    """Return what pytest prints about these tests; print how each ends when it does."""
    command = [sys.executable, "-m", "pytest", "-v", "-rA", "-p", "no:cacheprovider"]
    command += ["-n", str(processes), str(tests)]
    lines = []
    with subprocess.Popen(
        command, env=os.environ | settings, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if re.search(r"(PASSED|FAILED|ERROR) +\[", line):
                print(f"{time.strftime('%H:%M')} {line.strip()}", flush=True)
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
