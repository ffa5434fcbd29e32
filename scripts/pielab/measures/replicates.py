"""Name what the models on each side differ by, and count the replicates."""

from pielab.measures import Measure

MEASURES = [
    Measure(
        "pies",
        lambda known: {"differ_by": known.cell.differ_by, "replicates": known.cell.n_replicates},
        """
        differ_by | name | what the models on each side differ by: seed, draw of calibration texts, seed and draw, or rerun
        replicates | models | what the noise floor is of: seeds, with all draws of each; of one seed its draws. Halves, intervals and tests split, leave out and swap whole replicates
        """,
    ),
]
