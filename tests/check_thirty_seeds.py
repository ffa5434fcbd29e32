"""Check that shared predictions decide as the models did: tests/check_thirty_seeds.py RESULTS."""

import sys
from pathlib import Path

import pandas as pd

SHIPPED = Path(__file__).parents[1] / "resources/thirty_seeds"
EXPECTED, CAUSES = SHIPPED / "pies.csv", SHIPPED / "causes.csv"
KEYS = ["dataset", "model", "method", "level", "baseline", "split"]
DECIDED = ["pies", "ties", "positive_flips", "negative_flips", "score_baseline", "score_compressed"]
DECIDED += ["noise_floor", "excess", "excess_low", "excess_high", "certain"]
# Odds ratios of being a PIE, which docs/results quotes; of training texts that of EL2N
OF_FACTOR = ["dataset", "model", "split", "factor"]
# Shares of negative flips left where a tenth or a fifth of the texts go to the dense models
LEFT = {("imp-ft", 90): (0.20, 0.03), ("ibp-ai", 50): (0.14, 0.02)}
TOLERANCE = 0.05  # of an odds ratio: processors embed texts a little differently


def check_causes(results: Path) -> None:
    """Exit with a message unless what goes with PIEs is what the docs say."""
    found = pd.read_csv(results / "tables/causes.csv")
    found = found[(found["method"] == "all") & (found["outcome"] == "pie")]
    found = found[(found["split"] == "test") | (found["factor"] == "el2n")]
    found = found[~found["factor"].str.startswith("class: ")]
    before, after = (one.set_index(OF_FACTOR).sort_index() for one in (pd.read_csv(CAUSES), found))
    if not before.index.equals(after.index):
        sys.exit(f"{results}/tables/causes.csv: other factors than in {CAUSES}")
    after = after[before.columns]
    same = (before - after).abs().le(TOLERANCE * before.abs()) | (before.isna() & after.isna())
    if not same.all(axis=None):
        sys.exit(f"{results}/tables/causes.csv: other {', '.join(same.columns[~same.all()])}")
    print(f"{len(after)} odds ratios of causes.csv are as docs/results/why.md says")


def check_fallback(results: Path) -> None:
    """Exit with a message unless fallbacks leave the negative flips that the docs say."""
    path = results / "fallback/bbc/minilm.csv"
    table = pd.read_csv(path).query("baseline == 'dense'")
    left = table.set_index(["method", "level", "share"])["all_share_left"]
    for cell, shares in LEFT.items():
        found = [left[(*cell, share)] for share in (0.1, 0.2)]
        if max(abs(one - other) for one, other in zip(found, shares, strict=True)) > 0.005:
            sys.exit(f"{path}: {found} left for {cell}; expected {shares}")
    print(f"{2 * len(LEFT)} shares of negative flips that fallbacks leave are as docs/results says")


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
    check_causes(results)
    check_fallback(results)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
