"""A study of made-up votes and texts, for the pages' tests and benchmark."""

from pathlib import Path

import numpy as np
import pandas as pd

import build_browser
from pielab.pages import browser
from pielab.vocabulary import TIERS

ROOT = Path(__file__).parents[2]
HOSTILE = "</script><script>window.pwned = 1</script><!-- <img src=x onerror='window.pwned = 1'>"
TEMPLATES, TABLE = ROOT / "workflow/templates", ROOT / "resources/vendor/tabulator"
PAGE = {
    "template": TEMPLATES / "browser.html.j2",
    "script": TEMPLATES / "browser.js",
    "share_script": TEMPLATES / "browser_share.js",
    "compare_script": TEMPLATES / "browser_compare.js",
    "answers_script": TEMPLATES / "browser_answers.js",
    "style": TEMPLATES / "browser.css",
    "common_style": TEMPLATES / "common.css",
    "table_script": TABLE / "tabulator.min.js",
    "table_style": TABLE / "tabulator_simple.min.css",
}
CARDS = {
    "films": {"classes": ["negative", "positive"], "task": "single-label"},
    "news": {"classes": ["earn", "grain", "trade"], "task": "multi-label"},
    "pairs": {"classes": ["yes", "maybe", "<b>no</b>"], "task": "single-label"},
}
BASELINES = {"imp-ft": ("dense", "control"), "mp-ai": ("dense",), "control": ("dense",)}
TEXT = "a film that never finds its feet yet warms the heart of anyone who stays to the end"
WORDS = TEXT.split(" ")


class Study:
    """A study of made-up votes: one dataset each of single labels, several labels and pairs."""

    def __init__(self, folder, sizes, seeds=5, differ_by="seed"):
        self.folder, self.rng = folder, np.random.default_rng(0)
        self.cells = [
            {"dataset": dataset, "model": model, "method": method, "level": sparsity}
            | {"seeds": seeds, "is_compressed": method != "control", "baseline": baseline}
            | {
                "primary": baseline == baselines[-1],
                "level_text": f"{sparsity} %" if sparsity else "not compressed",
            }
            | {"collapsed": model == "bilstm" and sparsity == 99, "differ_by": differ_by}
            for dataset in sizes
            for model in ("bilstm", "bert")
            for method, baselines in BASELINES.items()
            for sparsity in ([0] if method == "control" else [50, 90, 99])
            for baseline in baselines
        ]
        self.groups = {
            (dataset, split): self._group(dataset, split, size)
            for split in ("test", "train")
            for dataset, size in sizes.items()
        }
        self.found = {}
        for dataset, split in self.groups:
            for model in ("bilstm", "bert"):
                sides = {name: self._votes(dataset, split, 4) for name in BASELINES["imp-ft"]}
                pruned = {}  # by method and sparsity
                for index, cell in enumerate(self.cells):
                    if (cell["dataset"], cell["model"]) == (dataset, model):
                        key = cell["method"], cell["level"]
                        if key not in pruned:
                            pruned[key] = self._votes(dataset, split, 4 - cell["level"] / 33)
                        before, after = sides[cell["baseline"]], pruned[key]
                        self.found[index, split] = self._find(dataset, split, before, after)

    def _group(self, dataset, split, size):
        rng, classes = self.rng, len(CARDS[dataset]["classes"])
        texts = [" ".join(rng.choice(WORDS, rng.integers(4, 60))) for _ in range(size)]
        if split == "test":
            texts[0] = HOSTILE
            texts[1] = "needle " + texts[1]
        frame = pd.DataFrame({"example_id": np.arange(size) * 3, "text": texts, "text_pair": None})
        if dataset == "pairs":
            frame["text_pair"] = "someone " + frame["text"].str[::-1]
        if dataset == "news":
            frame["labels"] = [np.flatnonzero(row) for row in rng.random((size, classes)) < 0.4]
        else:
            frame["label"] = rng.integers(0, classes, size)
        measures = pd.DataFrame(
            {
                "example_id": frame["example_id"],
                "tokens": frame["text"].str.split().str.len(),
                "flesch_reading_ease": rng.normal(60, 25, size),
            }
        )
        bins = measures[["example_id"]].assign(bin=np.arange(size) * 20 // size + 1)
        return browser.join_examples(frame, measures, [bins] if split == "train" else [])

    def _truth(self, dataset, split):
        labels = self.groups[dataset, split]["labels"]
        truth = np.zeros((len(labels), len(CARDS[dataset]["classes"])), bool)
        for row, own in zip(truth, labels, strict=True):
            row[np.array(own, int)] = True
        return truth

    def _votes(self, dataset, split, skill):
        truth = self._truth(dataset, split)
        scores = self.rng.normal(size=(5, *truth.shape)) + truth * skill / 2
        on = scores > 1 if dataset == "news" else scores == scores.max(axis=2, keepdims=True)
        return on.sum(axis=0)

    def _find(self, dataset, split, dense, pruned):
        truth = self._truth(dataset, split)
        sides = [
            votes > 2 if dataset == "news" else np.eye(truth.shape[1], dtype=bool)[votes.argmax(1)]
            for votes in (dense, pruned)
        ]
        dense_right, pruned_right = ((side == truth).all(axis=1) for side in sides)
        pie = (sides[0] != sides[1]).any(axis=1)
        kinds = np.select([pruned_right, dense_right], ["positive", "negative"], "both wrong")
        return pd.DataFrame(
            {
                "example_id": self.groups[dataset, split]["example_id"],
                "pie": pie,
                "flip": pd.Series(kinds).where(pie),
                "tier": np.array(TIERS)[np.arange(len(pie)) % 3],
                "baseline_votes": list(dense),
                "compressed_votes": list(pruned),
                "pie_probability": np.where(pie, 0.75, 0.1),
                "shift": (pruned - dense)[:, 0] / 2,
            }
        )

    def read(self, index, split, columns):
        return self.found[index, split][columns]

    def pack(self, limit=50_000):
        cards = {name: CARDS[name] for name in dict.fromkeys(name for name, _ in self.groups)}
        return browser.pack(cards, self.groups, self.cells, self.read, limit)

    def write_browser(self, limit=50_000):
        path = self.folder / "browser.html"
        build_browser.write_page(self.pack(limit), PAGE, path)
        return path
