"""Show the verdicts on claims by PIE probability, and where they differ from the vote's."""

import pandas as pd

from pielab.measures.held_out import JUDGES
from pielab.pages.exhibits import number


def by_probability(row: dict) -> dict[str, str]:
    """Return the verdict by probability of a row of scorecard.csv, for the template.

    Returns
    -------
    dict
        `by_probability`: effect, interval and verdict, "–" if unknown; `otherwise`: the verdict
        where it is not the vote's, else nothing.
    """
    if pd.isna(row["effect_by_probability"]):
        return {"by_probability": "–", "otherwise": ""}
    names = ("effect_by_probability", "low_by_probability", "high_by_probability")
    effect, low, high = (number(float(f"{row[name]:.3g}")) for name in names)
    verdict = row["verdict_by_probability"]
    interval = f" (95 % interval {low} to {high})" if pd.notna(row[names[1]]) else ""
    return {
        "by_probability": f"{effect}{interval}, {verdict}",
        "otherwise": "" if verdict == row["verdict"] else verdict,
    }


def disagreement(verdicts: list[dict]) -> str:
    """Return in words where the verdicts on a claim depend on how PIEs are found.

    Parameters
    ----------
    verdicts : list of dict
        `pair`, `by_probability` and `otherwise` each.
    """
    if all(verdict["by_probability"] == "–" for verdict in verdicts):
        return "By PIE probability instead of the vote nothing is known."
    others = [
        f"{verdict['pair']} ({verdict['otherwise']})"
        for verdict in verdicts
        if verdict["otherwise"]
    ]
    if not others:
        return "By PIE probability instead of the vote the verdicts are the same."
    return f"By PIE probability instead of the vote the verdict is another for {'; '.join(others)}."


def hidden_figures(seeds: pd.DataFrame) -> dict[str, str]:
    """Return why the figure of what few seeds know is not worth a look, by its name.

    Parameters
    ----------
    seeds : DataFrame
        seeds.csv.
    """
    if seeds["precision_votes"].notna().any():
        return {}
    most = int(seeds["seeds"].max()) if len(seeds) else 1
    reason = (
        f"Not shown: what few seeds know is judged by seeds that they have not seen, {JUDGES} or "
        f"more, and {most} seeds leave too few beside 3; {3 + JUDGES} are needed."
    )
    return {"few_seeds": reason}
