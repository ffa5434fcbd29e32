"""All figures: which job draws each, of which tables, and where it stands on the pages.

A figure's caption is workflow/report/NAME.rst. Planning a graph reads this module, so it imports
no plotting library: modules are named, and `drawing` imports them.
"""

from collections.abc import Iterable
from typing import NamedTuple

APPENDIX = "Appendix"  # the category of figures that say in another way what one before them says
SHARE = "{:.1%}"


class Quantity(NamedTuple):
    """What a figure is about, for its text alternative: a column of its first table."""

    column: str
    words: str
    form: str = "{:.3g}"
    is_count: bool = False  # told as a share of the examples
    only: tuple[str, object] | None = None  # a column and its value in the rows that count


class Entry(NamedTuple):
    """What is known of a figure; the function that draws it has its name."""

    rule: str  # the job that draws it; figures of a job share tables and a slow import
    category: str
    module: str  # of pielab.figures, whose parameters are the tables, and fields of style.Look
    tables: tuple[str, ...]  # of results/tables
    says: Quantity | str  # or the name of a function in pages.alternatives for other sentences
    both: bool = False  # shows a cell against each of its baselines, not only the primary one
    split: str = "test"  # whose examples it is of
    empty: str = "no PIEs"  # why a panel can have nothing in it


COUNTS = ("pies",)  # tables of each job: how many examples and seeds a figure is of
RULES = (
    "plot_pies",
    "plot_texts",
    "plot_claims",
    "plot_paper_comparison",
    "plot_layers",
    "plot_tasks",
)
PIES, TEXTS, CLAIMS, PAPER, LAYERS, TASKS = RULES
FEW = "too few seeds to tell"
FIGURES = {  # by name, in the order of the pages
    "overview": Entry(
        PIES,
        "Overview",
        "overview",
        ("pies",),
        Quantity("excess", "Extra changed answers", SHARE, is_count=True),
    ),
    "score_by_level": Entry(
        PIES,
        "Effectiveness",
        "scores",
        ("scores", "pies"),
        Quantity("score", "Score of compressed models"),
    ),
    "agreement": Entry(
        PIES,
        "Effectiveness",
        "scores",
        ("agreement",),
        Quantity("churn_same_seed", "Changed predictions", SHARE),
        empty="labels do not tell",
    ),
    "paper_comparison": Entry(
        PAPER,
        "Effectiveness",
        "published",
        ("paper_comparison", "pies"),
        Quantity("difference_in_std", "Ours minus published in standard deviations"),
        empty="no published score",
    ),
    "tasks": Entry(
        TASKS,
        "Effectiveness",
        "tasks",
        ("tasks",),
        Quantity("change", "Change of a task's score"),
        empty="no task",
    ),
    "pie_share": Entry(PIES, "PIEs", "scores", ("pies",), Quantity("pie_share", "PIEs", SHARE)),
    "score_on_pies": Entry(
        PIES,
        "PIEs",
        "slopes",
        ("pies",),
        Quantity("score_compressed_on_pies", "Score of compressed models on PIEs"),
    ),
    "flips": Entry(
        PIES,
        "PIEs",
        "stacks",
        ("pies",),
        Quantity("negative_flips", "Negative flips", SHARE, is_count=True),
    ),
    "pie_overlap": Entry(
        PIES, "PIEs", "sets", ("pie_overlap",), Quantity("jaccard", "Overlap of two PIE sets")
    ),
    "persistence": Entry(PIES, "PIEs", "sets", ("persistence",), "persistence"),
    "excess": Entry(
        PIES,
        "Compression or chance",
        "certainty",
        ("pies",),
        Quantity("excess", "Excess", SHARE, is_count=True),
        both=True,
        empty=FEW,
    ),
    "tiers": Entry(
        PIES,
        "Compression or chance",
        "stacks",
        ("pies",),
        Quantity("certain", "PIEs due to compression (yes)", SHARE, is_count=True),
    ),
    "seed_curve": Entry(
        PIES,
        "Compression or chance",
        "certainty",
        ("seeds", "pies"),
        Quantity("overlap", "Overlap of fewer seeds' PIEs with those of all"),
        empty=FEW,
    ),
    "few_seeds": Entry(
        PIES,
        "Compression or chance",
        "probability",
        ("seeds",),
        Quantity("precision_probability", "Average precision of few seeds' PIE probability"),
        empty=FEW,
    ),
    "vote_or_probability": Entry(
        TEXTS,
        "Compression or chance",
        "probability",
        ("pies", "classes", "influence_bins"),
        Quantity("expected_pies", "Expected PIEs", SHARE, is_count=True),
    ),
    "frontier": Entry(
        PIES,
        "Cost and gain",
        "compression",
        ("frontier",),
        Quantity("negative_flip_excess", "Extra negative flips", SHARE, is_count=True),
        empty="sizes are not known: models are not here",
    ),
    "fallback": Entry(
        PIES,
        "Cost and gain",
        "fallback",
        ("fallback",),
        Quantity(
            "flips_left",
            "Negative flips left by the recommended share",
            SHARE,
            only=("chosen", True),
        ),
        both=True,
        empty="labels do not tell",
    ),
    "layer_map": Entry(LAYERS, "Cost and gain", "compression", ("layer_map",), "layers"),
    "class_score": Entry(
        TEXTS, "Classes", "classes", ("classes",), Quantity("score_compressed", "Score of a class")
    ),
    "class_pie_rate": Entry(
        TEXTS, "Classes", "classes", ("classes",), Quantity("pie_rate", "PIEs of a class", SHARE)
    ),
    "slices": Entry(TEXTS, "Slices", "slices", ("slices",), "slices"),
    "influence_pies": Entry(
        TEXTS,
        "Influence",
        "influence",
        ("influence_bins",),
        Quantity("pie_share", "PIEs of a bin", SHARE),
        split="train",
    ),
    "influence_loss": Entry(
        TEXTS,
        "Influence",
        "influence",
        ("influence_bins",),
        Quantity("loss_change", "Loss change of a bin in nats"),
        split="train",
    ),
    "influence_top": Entry(
        TEXTS,
        "Influence",
        "influence",
        ("influence_top",),
        Quantity("pie_share", "PIEs in the top 10 %", SHARE, only=("top_percent", 10)),
        split="train",
    ),
    "complexity_of_pies": Entry(
        TEXTS,
        "Text complexity",
        "readability",
        ("complexity",),
        Quantity("median_pies", "Median tokens of PIEs", only=("measure", "tokens")),
    ),
    "complexity_effects": Entry(
        TEXTS,
        "Text complexity",
        "readability",
        ("complexity",),
        Quantity("cliffs_delta", "Cliff's delta of a measure"),
    ),
    "causes": Entry(TEXTS, "Why", "causes", ("causes",), "causes", empty="too few of these texts"),
    "data_map": Entry(
        TEXTS, "Why", "data_map", ("data_map",), "data_map", empty="labels do not tell"
    ),
    "scorecard": Entry(CLAIMS, "Scorecard", "scorecard", ("scorecard",), "verdicts"),
    # Two sides of excess, which is their difference
    "noise_floor": Entry(
        PIES,
        APPENDIX,
        "certainty",
        ("pies",),
        Quantity("half_pies", "PIEs of half the models", SHARE, is_count=True),
        both=True,
        empty=FEW,
    ),
    # As class_pie_rate, by shares
    "class_distribution": Entry(
        TEXTS,
        APPENDIX,
        "classes",
        ("classes",),
        Quantity("class_share_of_pies", "Share of a class among PIEs", SHARE),
    ),
    # As influence_loss, by ratios
    "influence_loss_ratio": Entry(
        TEXTS,
        APPENDIX,
        "influence",
        ("influence_bins",),
        Quantity("ratio_of_means", "Ratio of a bin's losses"),
        split="train",
    ),
    # As complexity_of_pies, of one measure, by method
    "tokens_of_pies": Entry(
        TEXTS,
        APPENDIX,
        "readability",
        ("complexity",),
        Quantity("mean_pies", "Mean tokens of PIEs", only=("measure", "tokens")),
    ),
}


def drawn_by(rule: str) -> dict[str, Entry]:
    """Return the figures of a job, by name."""
    return {name: entry for name, entry in FIGURES.items() if entry.rule == rule}


def tables_of(figures: Iterable[Entry]) -> dict[str, str]:
    """Return the paths of the tables that a job which draws figures reads, by name."""
    drawn = (table for entry in figures for table in entry.tables)
    names = dict.fromkeys((*drawn, *COUNTS))
    return {name: f"results/tables/{name}.csv" for name in names}


def modules_of(rule: str) -> list[str]:
    """Return the library's modules that a job's figures are drawn by, which no import shows."""
    return sorted({f"figures/{entry.module}" for entry in drawn_by(rule).values()})
