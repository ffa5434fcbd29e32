"""Check that the study of remedies says what the docs say: tests/check_mending.py RESULTS."""

import sys
from pathlib import Path

import pandas as pd

# Rows that docs/results/mending.md quotes
EXPECTED = Path(__file__).parents[1] / "resources/mending/remedies.csv"
KEYS = ["dataset", "model", "method", "level", "baseline", "kind", "remedy"]


def main(results: Path) -> None:
    """Exit with a message unless each remedy mends as much as where the study was made."""
    before, found = (pd.read_csv(path) for path in (EXPECTED, results / "tables/remedies.csv"))
    before, found = (table.set_index(KEYS).sort_index() for table in (before, found))
    if not before.index.equals(found.index):
        sys.exit(f"{results}/tables/remedies.csv: other rows than in {EXPECTED}")
    for column in before.columns:
        old, new = before[column], found[column]
        numeric = pd.api.types.is_float_dtype(old)
        same = ((old - new).abs().le(1e-6) if numeric else old.eq(new)) | (old.isna() & new.isna())
        if not same.all():
            sys.exit(f"{results}/tables/remedies.csv: other {column} for {old.index[~same][0]}")
    print(f"{len(before)} rows of remedies.csv are as docs/results/mending.md says")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
