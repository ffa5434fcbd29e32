"""Draw a figure of the catalogue by its name."""

import pandas as pd
from matplotlib.figure import Figure

from pielab.figures import certainty, claims, classes, influence, readability, scores, sets
from pielab.figures.catalogue import FIGURES
from pielab.figures.style import Look

MODULES = (certainty, claims, classes, influence, readability, scores, sets)
FUNCTIONS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": function
    for module in MODULES
    for name, function in vars(module).items()
}


def read_table(path: str) -> pd.DataFrame:
    """Return a table of results/tables, of the test split if it has both."""
    table = pd.read_csv(path)
    return table[table["split"] == "test"] if "split" in table else table


def draw(name: str, tables: dict[str, pd.DataFrame], look: Look) -> Figure:
    """Return the figure of this name, drawn of `tables` of the test split by their names."""
    entry = FIGURES[name]
    own_tables = [tables[table] for table in entry.tables]
    return FUNCTIONS[entry.function](*own_tables, *(getattr(look, field) for field in entry.look))
