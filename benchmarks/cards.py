"""Hours of a study on common GPUs by arithmetic: operations over a share of a card's peak.

For cards that the throughput table has not measured. What share of its peak a card reaches is the
largest unknown, so that hours are a range.
"""

import re
from typing import NamedTuple

from sizes import shape_of, vector_dimensions

HIDDEN = 100  # units of the BiLSTM in one direction, see pielab/training/models
BACKWARD = 2  # operations of a backward pass by those of the forward one


class Card(NamedTuple):
    """A card's published peaks in TFLOP/s, of dense matrices."""

    name: str
    encoder: float  # bfloat16 where the card has it, else float32
    recurrent: (
        float  # TF32 where the card has it, else float32: an LSTM is not computed in bfloat16
    )


CARDS = (
    Card("H100 or H200 SXM", 989, 495),
    Card("A100", 312, 156),
    Card("L40S", 362, 183),
    Card("L4", 121, 60),
    Card("RTX 4090", 165, 83),
    Card("V100 SXM", 15.7, 15.7),
    Card("T4", 8.1, 8.1),
)
# Share of the peak that is reached, from and to. Encoders: small batches of short texts fill a card
# badly. Recurrent models: steps wait for each other.
ENCODER_SHARE, RECURRENT_SHARE = (0.15, 0.4), (0.005, 0.03)


def forward_operations(model: dict, tokens: float) -> float:
    """Return the floating-point operations of one text's forward pass; a product and a sum are two.

    Parameters
    ----------
    model : dict
        Of a checked config.
    tokens : float
        Of a text.
    """
    if model["vectors"] is not None:
        inputs = vector_dimensions(model), 2 * HIDDEN  # of the two layers
        return tokens * sum(2 * 2 * 4 * HIDDEN * (width + HIDDEN) for width in inputs)
    width, layers, inner, _ = shape_of(model)
    own = layers - (model["freeze_layers"] or 0)  # frozen ones are computed once for all trainings
    matrices = 4 * width**2 + 2 * width * inner  # of attention, of the feed-forward part
    return own * tokens * (2 * matrices + 4 * tokens * width)


def training_operations(model: dict, tokens: float, trained: float, predicted: float) -> float:
    """Return the operations of a training on so many texts and of a prediction of so many."""
    return ((1 + BACKWARD) * trained + predicted) * forward_operations(model, tokens)


def hours(card: Card, encoder: float, recurrent: float) -> tuple[float, float]:
    """Return the fewest and the most hours of so many operations of either kind."""
    fewest, most = (
        (
            encoder / (card.encoder * ENCODER_SHARE[end])
            + recurrent / (card.recurrent * RECURRENT_SHARE[end])
        )
        / 1e12
        / 3600
        for end in (1, 0)
    )
    return fewest, most


def show(rows: list[dict], measured: set[str]) -> None:
    """Print the hours of a study on each card that was not measured.

    Parameters
    ----------
    rows : list of dict
        With `operations` and `recurrent`, whether the model is.
    measured : set of str
        Names of the devices that the throughput table has.
    """
    encoder, recurrent = (
        sum(row["operations"] for row in rows if row["recurrent"] == kind) for kind in (False, True)
    )
    print(
        f"\nGPU hours, calculated and not measured: operations ({encoder:.2g} of encoders, "
        f"{recurrent:.2g} of BiLSTMs)\nover the card's published peak times the share of it that "
        f"is reached, {ENCODER_SHARE[0]:.0%} to {ENCODER_SHARE[1]:.0%} by encoders and "
        f"{RECURRENT_SHARE[0]:.1%} to {RECURRENT_SHARE[1]:.0%} by BiLSTMs"
    )
    for card in CARDS:
        names = rf"\b({card.name.replace(' or ', '|').removesuffix(' SXM')})\b"
        if not any(re.search(names, device) for device in measured):
            fewest, most = hours(card, encoder, recurrent)
            print(f"  {card.name:<18}{fewest:>10,.0f} to {most:,.0f}")
