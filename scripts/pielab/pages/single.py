"""Show what two single models can and cannot tell about compression."""

import math

import pandas as pd

from pielab.pages.cells import cell_name, count, percent, signed

CANNOT = {
    "seed": "Training the same models again would change answers too",
    "draw": "Another draw of calibration texts would change answers too",
    "rerun": "Running the same model again, in other batches or on another machine, can change "
    "answers too",
}

NOT_DRAWN = (
    "These versions read no calibration texts, so that there is one model of each. Reruns of the "
    "dense model show how many answers change without compression."
)


def two_models(rows: pd.DataFrame, measure: str) -> list[str]:
    """Return, the headline first, which of several compressed models changes the most answers."""
    most = rows.loc[rows["pies"].idxmax()]
    others = f", the most of {count(len(rows), 'compressed model')}" if len(rows) > 1 else ""
    return [
        f"{most['model']} with {cell_name(most)} answers {_of(most)} differently{others}: "
        f"{most['negative_flips']:,} are newly wrong, {most['positive_flips']:,} newly right.",
        f"{measure[0].upper()}{measure[1:]} goes from {percent(most['score_baseline'])} to "
        f"{percent(most['score_compressed'])}.",
        "This is for these two models, not for others trained or run again.",
    ]


def believe(rows: pd.DataFrame, drawn: bool = False) -> list[str]:
    """Return what can be known of versions of which there is one model, a sentence each.

    `drawn`: whether others have draws of calibration texts, which these then do not read.
    """
    several = rows["dataset"].nunique() > 1
    sentences = [
        f"{row['dataset'] + ', ' if several else ''}{row['model']} with {cell_name(row)} answers "
        f"{_of(row)} differently (95 % interval {percent(row['pie_share_low'])} to "
        f"{percent(row['pie_share_high'])}), and its score changes by "
        f"{signed(row['change'])} points ({signed(row['change_low'])} to "
        f"{signed(row['change_high'])}).{_test(row['mcnemar_p'])}"
        for row in rows.to_dict("records")
    ]
    if sentences and drawn:
        return [*sentences, NOT_DRAWN]
    if sentences:
        kinds = [CANNOT[kind] for kind in dict.fromkeys(rows["differ_by"]) if kind in CANNOT]
        sentences += [
            f"{kind}. With one model on each side nobody can tell how many, or whether compression "
            "changed a particular text."
            for kind in kinds
        ]
    return sentences


def _of(row: pd.Series | dict) -> str:
    return (
        f"{row['pies']:,} of {row['examples']:,} texts ({percent(row['pies'] / row['examples'])})"
    )


def _test(p: float) -> str:
    """Return the sentence on McNemar's test, none of texts in clusters, for which it is not."""
    if math.isnan(p):
        return ""
    sentence = "A test of whether more answers got worse than better (exact McNemar) has p"
    return f" {sentence} {_p(p)}."


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
