"""Figure of what is left of negative flips if the least sure texts go to the dense model."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pielab.cells import AS_GIVEN, read_level
from pielab.figures.marks import COLLAPSED, draw_hollow
from pielab.figures.panels import DENSE, MARKERS, grid, labelled, legend, pairs_of, rows_of

FARTHEST = 50  # percent of texts sent that is drawn, if no recommended share is larger
EVERY = 5  # points of a line from marker to marker
MOST_LOST = 0.05  # of the score, by the models that are drawn
FEW = 3  # methods of which each has its own references, chance and hindsight
LETTERS = 46  # in a line of a title
REFERENCES = {"random_left": ("--", "random texts"), "best_left": (":", "all flips known")}
RECOMMENDED = "recommended share"


def fallback(table: pd.DataFrame, measures: dict[str, str], colours: dict[str, tuple]) -> Figure:
    """Draw negative flips left and score against the share of texts sent, a row for each pair.

    Of each method one level, see _level, against dense models if they are known. Of more than FEW
    methods the one with the most flips has references.

    Parameters
    ----------
    table : DataFrame
        fallback.csv.
    measures : dict
        The name of the score of each dataset.
    """
    pairs = pairs_of(table)
    figure, panels = grid(len(pairs), 2, 3.3, 2.5)
    for (left, right), pair in zip(panels, pairs, strict=True):
        cells = _shown(rows_of(table, pair), colours)
        known = [rows for rows in cells.values() if rows["flips_left"].notna().any()]
        chosen = max((100 * rows.loc[rows["chosen"], "sent"].max() for rows in known), default=0)
        farthest = max(FARTHEST, chosen)
        most = sorted(cells, key=lambda name: -cells[name]["flips_left"].max())
        beside = most if len(most) <= FEW else most[:1]
        for index, (method, rows) in enumerate(cells.items()):
            near = rows[100 * rows["sent"] <= farthest]
            look = {"color": colours[method], "marker": MARKERS[index % len(MARKERS)]}
            _draw_line(left, near, "flips_left", 100, method, look)
            _draw_line(right, near, "score", 1, method, look)
            for column, (style, _) in REFERENCES.items() if method in beside else ():
                left.plot(*_scaled(near, column), ls=style, lw=0.8, color=colours[method])
        _name_lines(left, right, known)
        for panel in (left, right):
            panel.set_xlim(-0.04 * farthest, 1.04 * farthest)
            panel.set_xlabel("Texts sent, least sure first (%)")
        left.set_ylabel("Negative flips left (% of test)")
        right.set_ylabel(f"{measures[pair[0]]} (test)")
        left.set_title(_wrapped(": ".join(filter(None, [", ".join(pair), _levels(cells)]))))
        right.set_title(_wrapped(_stored(known)))
    legend(figure, labelled(panels.flat))
    return figure


def _shown(rows: pd.DataFrame, colours: dict[str, tuple]) -> dict[str, pd.DataFrame]:
    """Return the rows of one comparison of each method, by the method's name."""
    baselines = rows["baseline"].tolist()
    rows = rows[rows["baseline"] == (DENSE if DENSE in baselines else baselines[0])]
    found = {}
    for method in (name for name in colours if name in set(rows["method"])):
        of_method = rows[rows["method"] == method]
        works = of_method[~of_method[COLLAPSED].astype(bool)]
        of_method = of_method if works.empty else works
        found[method] = of_method[of_method["level"] == _level(of_method)]
    return found


def _level(rows: pd.DataFrame) -> float:
    """Return the level with the most negative flips of those that lose little score, if any do."""
    ends = rows.sort_values("share").groupby("level")
    lost = ends["score"].last() - ends["score"].first()
    little = lost.index[lost <= MOST_LOST]
    if little.empty:
        return float(lost.idxmin() if lost.notna().any() else lost.index[0])
    return float(ends["flips_left"].first()[little].idxmax())


def _draw_line(
    panel: Axes, rows: pd.DataFrame, column: str, factor: float, method: str, look: dict
) -> None:
    """Draw a column with its interval, and the recommended share by a large marker."""
    x, y = _scaled(rows, column, factor)
    ends = [_scaled(rows, f"{column}_{end}", factor)[1] for end in ("low", "high")]
    panel.fill_between(x, *ends, color=look["color"], alpha=0.13, lw=0)
    panel.plot(x, y, label=method, ms=3, markevery=EVERY, **look)
    at = rows["chosen"].to_numpy(dtype=bool)
    if rows[COLLAPSED].astype(bool).any():
        draw_hollow(panel, x[at], y[at], look["marker"], look["color"], ms=7)
    else:
        panel.plot(x[at], y[at], look["marker"], color=look["color"], ms=7)


def _scaled(rows: pd.DataFrame, column: str, factor: float = 100) -> tuple[pd.Series, pd.Series]:
    """Return the share of texts sent in percent, and a column times a factor."""
    return 100 * rows["sent"], factor * rows[column]


def _name_lines(left: Axes, right: Axes, known: list[pd.DataFrame]) -> None:
    """Name what has no method's colour in the legend, and draw the score of the baseline alone."""
    if not known:
        return
    for style, words in REFERENCES.values():
        left.plot([], [], ls=style, lw=0.8, color="0.4", label=words)
    left.plot([], [], "o", color="0.4", ms=7, label=RECOMMENDED)
    last = known[0].iloc[-1]
    right.axhline(last["score"], color="black", ls="-.", lw=0.8, label="dense alone")


def _levels(cells: dict[str, pd.DataFrame]) -> str:
    """Return at which level each method is drawn, in as few words as can be."""
    levels = {method: rows["level_text"].iloc[0] for method, rows in cells.items()}
    if len(set(levels.values())) == 1:
        return next(iter(levels.values())).replace(read_level(AS_GIVEN).text, "")
    return ", ".join(f"{method} {level}" for method, level in levels.items())


def _stored(known: list[pd.DataFrame]) -> str:
    """Return how large both models are, if that is known."""
    sizes = [rows.loc[rows["share"] == 0.1, "size_share"].max() for rows in known]
    sizes = sorted({f"{size:.2f}" for size in sizes if size == size})
    if not sizes:
        return ""
    ends = sizes[0] if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    return f"both models stored: {ends} × dense"


def _wrapped(words: str) -> str:
    return textwrap.fill(words.replace(" %", "\u00a0%"), LETTERS, break_on_hyphens=False)
