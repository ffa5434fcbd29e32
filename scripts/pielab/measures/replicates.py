"""Say what the models of a side differ by, and how many replicates they are."""

from pielab.measures import Column, Measure

MEASURES = [
    Measure(
        "pies",
        lambda known: {"members": known.cell.differ_by, "units": known.cell.n_units},
        {
            "members": Column(
                "name",
                "what the models of a side differ by: seed, draw of calibration texts, seed and draw, or rerun",
            ),
            "units": Column(
                "models",
                "what luck is of: seeds, with all draws of each; of one seed its draws. Halves, intervals and tests split, leave out and swap whole units",
            ),
        },
    ),
]
