"""Check that the default study shows the effect: python tests/check_study.py results."""

import sys
from pathlib import Path

import pandas as pd


def main(results: Path) -> None:
    """Exit with a message unless dense models beat chance clearly and PIEs grow with sparsity."""
    table = pd.read_csv(results / "tables/pies.csv").query("split == 'test'")
    for model, rows in table.groupby("model"):
        score = rows["score_baseline"].iloc[0]
        pruned = rows[rows["sparsity"] > 0].groupby("sparsity")["pie_share"].mean()
        shares = ", ".join(f"{share:.1%} at {level:g} %" for level, share in pruned.items())
        print(f"{model}: dense accuracy {score:.3f}; mean share of PIEs {shares}")
        if score < 0.62:
            sys.exit(f"{model}: dense accuracy {score:.3f}; expected at least 0.62")
        if pruned.iloc[-1] <= pruned.iloc[0]:
            sys.exit(f"{model}: the share of PIEs does not grow with sparsity")
    for figure in ("score_by_sparsity", "pie_share", "score_on_pies"):
        for suffix in ("svg", "pdf", "png"):
            if not (results / f"figures/{figure}.{suffix}").stat().st_size:
                sys.exit(f"{figure}.{suffix} is empty")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
