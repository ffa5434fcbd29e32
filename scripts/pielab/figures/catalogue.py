"""All figures: which job draws each, of which tables, and where it stands on the pages.

A figure's caption is workflow/report/NAME.rst. Planning a graph reads this module, so it imports
no plotting library: functions are named, and `drawing` finds them.
"""

from collections.abc import Iterable
from typing import NamedTuple

APPENDIX = "Appendix"  # the category of figures that say in another way what one before them says


class Entry(NamedTuple):
    """What is known of a figure."""

    rule: str  # the job that draws it; figures of a job share tables and a slow import
    category: str
    function: str  # module.function of pielab.figures, called with the tables, then the look
    tables: tuple[str, ...]  # of results/tables
    look: tuple[str, ...] = ()  # fields of style.Look
    both: bool = False  # shows a cell against each of its baselines, not only the primary one
    split: str = "test"  # whose examples it is of
    empty: str = "no PIEs"  # why a panel can have nothing in it


COUNTS = ("pies",)  # tables of each job: how many examples and seeds a figure is of
RULES = (
    *("plot_pies", "plot_texts", "plot_claims", "plot_paper_comparison", "plot_layers"),
    "plot_tasks",
)
PIES, TEXTS, CLAIMS, PAPER, LAYERS, TASKS = RULES
FEW = "too few seeds to tell"
FIGURES = {  # by name, in the order of the pages
    "overview": Entry(PIES, "Overview", "overview.overview", ("pies",), ("colours",), both=True),
    "score_by_level": Entry(
        *(PIES, "Effectiveness", "scores.score_by_level", ("scores", "pies")),
        look=("measures", "colours"),
    ),
    "agreement": Entry(
        *(PIES, "Effectiveness", "scores.agreement", ("agreement",), ("colours",)),
        empty="labels do not tell",
    ),
    "paper_comparison": Entry(
        *(PAPER, "Effectiveness", "published.paper_comparison", ("paper_comparison", "pies")),
        *(("colours",),),
        empty="no published score",
    ),
    "tasks": Entry(TASKS, "Effectiveness", "tasks.tasks", ("tasks",), empty="no task"),
    "pie_share": Entry(PIES, "PIEs", "scores.pie_share", ("pies",), ("colours",)),
    "score_on_pies": Entry(
        PIES, "PIEs", "slopes.score_on_pies", ("pies",), ("measures", "colours")
    ),
    "flips": Entry(PIES, "PIEs", "stacks.flips", ("pies",), ("methods", "palette", "colours")),
    "pie_overlap": Entry(PIES, "PIEs", "sets.pie_overlap", ("pie_overlap",)),
    "persistence": Entry(PIES, "PIEs", "sets.persistence", ("persistence",)),
    "excess": Entry(
        *(PIES, "Compression or luck", "certainty.excess", ("pies",), ("colours",)),
        both=True,
        empty=FEW,
    ),
    "tiers": Entry(PIES, "Compression or luck", "stacks.tiers", ("pies",), ("methods",)),
    "seed_curve": Entry(
        PIES, "Compression or luck", "certainty.seed_curve", ("seeds", "pies"), empty=FEW
    ),
    "few_seeds": Entry(PIES, "Compression or luck", "probability.few_seeds", ("seeds",), empty=FEW),
    "vote_or_probability": Entry(
        *(TEXTS, "Compression or luck", "probability.vote_or_probability"),
        ("pies", "classes", "influence_bins"),
    ),
    "frontier": Entry(
        *(PIES, "Cost and gain", "compression.frontier", ("frontier",)),
        look=("colours",),
        empty="sizes are not known: models are not here",
    ),
    "fallback": Entry(
        *(PIES, "Cost and gain", "fallback.fallback", ("fallback",), ("measures", "colours")),
        both=True,
        empty="labels do not tell",
    ),
    "layer_map": Entry(LAYERS, "Cost and gain", "compression.layer_map", ("layer_map",)),
    "class_score": Entry(TEXTS, "Classes", "classes.class_score", ("classes",), ("measures",)),
    "class_pie_rate": Entry(TEXTS, "Classes", "classes.class_pie_rate", ("classes",)),
    "slices": Entry(TEXTS, "Groups", "slices.slices", ("slices",)),
    "influence_pies": Entry(
        TEXTS, "Influence", "influence.influence_pies", ("influence_bins",), split="train"
    ),
    "influence_loss": Entry(
        TEXTS, "Influence", "influence.influence_loss", ("influence_bins",), split="train"
    ),
    "influence_top": Entry(
        TEXTS, "Influence", "influence.influence_top", ("influence_top",), split="train"
    ),
    "complexity_of_pies": Entry(
        *(TEXTS, "Text complexity", "readability.complexity_of_pies", ("complexity",), ("drawn",))
    ),
    "complexity_effects": Entry(
        TEXTS, "Text complexity", "readability.complexity_effects", ("complexity",)
    ),
    "causes": Entry(TEXTS, "Why", "causes.causes", ("causes",), empty="too few of these texts"),
    "data_map": Entry(TEXTS, "Why", "data_map.data_map", ("data_map",), empty="labels do not tell"),
    "scorecard": Entry(CLAIMS, "Scorecard", "scorecard.scorecard", ("scorecard",)),
    # Two sides of excess, which is their difference
    "noise_floor": Entry(
        *(PIES, APPENDIX, "certainty.noise_floor", ("pies",), ("colours",)), both=True, empty=FEW
    ),
    # As class_pie_rate, by shares
    "class_distribution": Entry(TEXTS, APPENDIX, "classes.class_distribution", ("classes",)),
    # As influence_loss, by ratios
    "influence_loss_ratio": Entry(
        TEXTS, APPENDIX, "influence.influence_loss_ratio", ("influence_bins",), split="train"
    ),
    # As complexity_of_pies, of one measure, by method
    "tokens_of_pies": Entry(
        TEXTS, APPENDIX, "readability.tokens_of_pies", ("complexity",), ("colours",)
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


def look_of(rule: str) -> set[str]:
    """Return the fields of style.Look that a job's figures need."""
    return {field for entry in drawn_by(rule).values() for field in entry.look}
