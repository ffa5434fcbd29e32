"""Check that shared predictions decide as the models did: tests/check_thirty_seeds.py RESULTS."""

import sys
from pathlib import Path

import pandas as pd

EXPECTED = Path(__file__).parents[1] / "resources/thirty_seeds/pies.csv"
KEYS = ["dataset", "model", "method", "level", "baseline", "split"]
DECIDED = ["pies", "ties", "positive_flips", "negative_flips", "score_baseline", "score_compressed"]
DECIDED += ["noise_floor", "excess", "excess_low", "excess_high", "certain"]


def main(results: Path) -> None:
    """Exit with a message unless all that follows from decisions is as with whole precision."""
    tables = (pd.read_csv(path) for path in (EXPECTED, results / "tables/pies.csv"))
    before, after = (table.set_index(KEYS).sort_index()[DECIDED] for table in tables)
    if not before.index.equals(after.index):
        sys.exit(f"{results}/tables/pies.csv: other cells than in {EXPECTED}")
    other = (before - after).abs().gt(1e-9).any()
    if other.any():
        sys.exit(f"{results}/tables/pies.csv: other {', '.join(other.index[other])}")
    print(f"{len(after)} rows of pies.csv are decided as with whole precision")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
