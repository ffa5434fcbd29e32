"""Kill, damage and feed hostile files for as long as you like, with other seeds each time.

    make soak                     an hour
    make soak SOAK_MINUTES=10

The last lines are a table: what was tried, how often, and how often it failed. The exit code is 1
if anything failed; the seed that is printed repeats it: `FAULTS_SEED=SEED pytest tests/faults`.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long to go on (60)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--inputs", type=int, default=2000, help="inputs a door and seed (2000)")
    arguments = parser.parse_args()
    end = time.monotonic() + 60 * arguments.minutes
    tried, failed, seed = Counter(), Counter(), arguments.seed
    while time.monotonic() < end:
        counts = {"FAULTS_SEED": str(seed), "FAULTS": str(arguments.inputs)}
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-rA", "-p", "no:cacheprovider"]
        run = subprocess.run(
            [*command, str(HERE)], env=os.environ | counts, capture_output=True, text=True
        )
        for result, name in re.findall(r"^(PASSED|FAILED|ERROR) \S*::(\w+)", run.stdout, re.M):
            tried[name] += 1
            failed[name] += result != "PASSED"
        print(f"seed {seed}: {run.stdout.strip().splitlines()[-1]}", flush=True)
        if run.returncode:
            print(run.stdout)
        seed += 1
    print(f"\n{'tests':>6} {'failed':>6}  what")
    for name, number in tried.items():
        print(f"{number:6} {failed[name]:6}  {name.removeprefix('test_').replace('_', ' ')}")
    return int(bool(sum(failed.values())) or not tried)


if __name__ == "__main__":
    sys.exit(main())
