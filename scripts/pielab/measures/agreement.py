"""Measure how single models agree, without a vote."""

from pielab.measures import Measure
from pielab.pies.cell import Cell
from pielab.stats import agreement
from pielab.vocabulary import SIDES


def churn_row(cell: Cell) -> dict[str, float]:
    """Return how often single models disagree, as agreement.churn measures it."""
    churn = agreement.churn(cell)
    row = {f"churn_{name}": share for name, share in churn._asdict().items()}
    return row | {"label_loyalty": 1 - churn.same_seed}


def probability_row(cell: Cell) -> dict[str, float]:
    """Return how close probabilities stay, and how well calibrated both sides are."""
    row = agreement.closeness(cell)._asdict()
    for name, side in zip(SIDES, cell.sides, strict=True):
        errors = agreement.calibration_error(side, cell.labels)
        row[f"calibration_error_{name}"] = float(errors.mean())
    return row


MEASURES = [
    Measure(
        "agreement",
        lambda known: churn_row(known.cell),
        """
        churn_baseline | fraction | predictions that differ between two models of the baseline
        churn_compressed | fraction | predictions that differ between two compressed models
        churn_same_seed | fraction | predictions that differ between a model of the baseline and the compressed one of the same seed
        churn_other_seed | fraction | predictions that differ between a model of the baseline and a compressed one of another seed
        churn_draws | fraction | predictions that differ between two compressed models of the same seed and other calibration texts; empty without draws
        label_loyalty | fraction | 1 minus churn_same_seed
        """,
    ),
    Measure(
        "agreement",
        lambda known: probability_row(known.cell),
        """
        probability_loyalty | fraction | 1 minus the square root of the Jensen-Shannon divergence (bits) of baseline and compressed probabilities; 1: the same | needs scores
        kl_divergence | nats | Kullback-Leibler divergence of the compressed models' probabilities from the baseline's | needs scores
        calibration_error_baseline | fraction | mean distance of confidence from accuracy in 15 bins, models of the baseline | needs scores
        calibration_error_compressed | fraction | the same of the compressed models | needs scores
        """,
    ),
]
