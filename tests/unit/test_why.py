"""The page on what makes texts break quotes what the study of 30 seeds found, in each number."""

import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/results/why.md").read_text(encoding="utf-8")
THIRTY_SEEDS = (ROOT / "docs/results/thirty-seeds.md").read_text(encoding="utf-8")
SHIPPED = pd.read_csv(ROOT / "resources/thirty_seeds/causes.csv")
FOUND = SHIPPED[SHIPPED["split"] == "test"]
PAIRS = {
    "news, BiLSTM": ("bbc", "bilstm"),
    "news, MiniLM": ("bbc", "minilm"),
    "films, MiniLM": ("rotten_tomatoes", "minilm"),
}
FACTORS = {
    "logit margin of the baseline": "logit_margin",
    "tokens": "tokens",
    "Flesch reading ease": "flesch_reading_ease",
    "training texts of the class": "class_frequency",
    "neighbours with another label": "neighbours_other_label",
}


def rows():
    """Return the rows of the page's table: what each says, and its cells."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    head, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert head[1:] == list(PAIRS)
    return body


def of_pair(pair):
    dataset, model = PAIRS[pair]
    return FOUND[(FOUND["dataset"] == dataset) & (FOUND["model"] == model)].set_index("factor")


@pytest.mark.parametrize("column", range(1, 4), ids=PAIRS)
def test_every_odds_ratio_of_the_page_is_that_of_the_study(column):
    found, name, checked = of_pair(list(PAIRS)[column - 1]), "", 0
    for words, *cells in rows()[1:]:
        if not words.startswith("–"):
            name = FACTORS[words.removesuffix(", alone")]
        kind = "adjusted" if words.startswith("–") else "alone"
        if name not in found.index:
            assert cells[column - 1] == "balanced"
            continue
        own = [found.loc[name, f"{kind}{end}"] for end in ("", "_low", "_high")]
        assert cells[column - 1] == "{:.2f} ({:.2f} to {:.2f})".format(*own), words
        checked += 1
    assert checked >= 8


def test_the_counts_of_pies_and_of_doubted_labels_are_those_of_the_study():
    words, *counts = rows()[0]
    assert words == "texts that are PIEs of some version"
    whole = [of_pair(pair).iloc[0] for pair in PAIRS]
    quoted = [count.split(" of ")[0] for count in counts]
    assert quoted == [str(int(one["with_outcome"])) for one in whole]
    doubted = re.search(r"Of the PIEs (\d+), (\d+) and (\d+) may have wrong labels", PAGE).groups()
    assert list(doubted) == [str(int(one["doubted"])) for one in whole]


def test_the_least_and_the_most_that_length_may_do_are_those_of_its_intervals():
    low, high = re.search(r"leave odds from ([\d.]+) to ([\d.]+)", PAGE).groups()
    tokens = FOUND[FOUND["factor"] == "tokens"]
    assert f"{tokens['adjusted_low'].min():.2f}" == low
    assert f"{tokens['adjusted_high'].max():.2f}" == high


def test_the_odds_of_influential_texts_are_those_of_the_study():
    own = SHIPPED[SHIPPED["factor"] == "el2n"].set_index(["dataset", "model"])
    quoted = ["{:.1f} ({:.1f} to {:.1f})".format(*own.loc[key, ODDS]) for key in PAIRS.values()]
    assert "odds of being a PIE are {}, {} and {} times as high".format(*quoted) in " ".join(
        THIRTY_SEEDS.split()
    )


ODDS = ["adjusted", "adjusted_low", "adjusted_high"]
