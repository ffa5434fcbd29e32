"""A report of made-up tables, for the pages' tests."""

import json

import pandas as pd

import build_report
from helpers.browser_page import CARDS, HOSTILE, TEMPLATES
from helpers.described_columns import DESCRIPTIONS
from helpers.gate import cell as gate_cell
from helpers.gate import write_gate
from pielab.causes.factors import FACTORS
from pielab.claims import adjusted, scorecard

VERDICTS = ["reproduced", "not reproduced", "inconclusive"]
CAPTION = "Share of PIEs.\n{{ snakemake.config['models']['bert']['seeds'] }} seeds.\n"
FIGURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='200'><defs></defs>"
    "<path d='M 0 0 H 900 V 200 H 0 z' style='fill: #ffffff'/><text y='50'>a</text></svg>"
)
CELL = {"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90}
CELL |= {"baseline": "dense"}
PIES = CELL | {
    **{"split": "test", "pies_lowest": 30, "pies_highest": 33, "pies_exclude": 27, "q": 0.01},
    **{"half_pies": 36, "noise_floor": 24, "excess": 12, "excess_low": 3, "excess_high": 21},
    **{"certain": 6, "likely": 9, "expected_pies": 33.0, "shifted": 60, "half_seeds": 15},
    **{
        "level_unit": "percent",
        "level_text": "90 %",
        "is_compressed": True,
        "replicates": 30,
        "differ_by": "seed",
    },
    **{"primary": True, "collapsed": False, "seeds": 30, "examples": 300, "pies": 30},
    **{"pie_share": 0.1, "score_baseline": 0.8, "score_compressed": 0.7},
    **{"positive_flips": 9, "negative_flips": 19, "both_wrong": 2},
    **{"score_baseline_on_pies": 0.6, "score_compressed_on_pies": 0.4},
    **{"score_baseline_on_random": 0.8, "score_compressed_on_random": 0.7},
}
CHURN = CELL | {"split": "test", "churn_same_seed": 0.12, "churn_baseline": 0.1}
CLASS = CELL | {"class": "negative", "examples": 150, "q": 0.01, "train_examples": 100}
CLASS |= {"score_baseline": 0.87, "score_compressed": 0.18}
TEXT = CELL | {"flip": "negative", "tier": "certain", "label": "positive", "surest": 1}
TEXT |= {"example_id": 3, "text": HOSTILE, "text_pair": None}
TEXT |= {"baseline_votes": "positive 30", "compressed_votes": "negative 28|positive 2"}
SLICE = CELL | {"slice": "class = positive & tokens 12 to 40", "primary": True}
SLICE |= {
    "is_compressed": True,
    "collapsed": False,
    "examples": 40,
    "negative_flips": 9,
    "tested": 21,
    "harm": 0.3,
}
SLICE |= {"average": 0.1, "excess": 0.25, "low": 0.1, "high": 0.4, "p": 0.001, "p_replicates": 0.01}
SLICE |= {"q": 0.01, "confirmed": True, "detectable": 0.2}
SLICE_TEXT = TEXT | {"slice": SLICE["slice"], "harm": 0.9}
FALLBACK = CELL | {
    "level_text": "90 %",
    "is_compressed": True,
    "primary": True,
    "collapsed": False,
    "note": None,
}
FALLBACK |= {"share": 0.0, "margin": 0.0, "flips_left": 0.11, "flips_left_low": 0.09, "score": 0.7}
FALLBACK |= {"flips_left_high": 0.14, "random_left": 0.11, "chosen": False, "size_share": 0.13}
SENT = {"share": 0.2, "margin": 0.4321, "flips_left": 0.02, "flips_left_low": 0.01, "chosen": True}
SENT |= {"flips_left_high": 0.04, "random_left": 0.088, "size_share": 1.13, "score": 0.78}
CAUSES = [
    {"dataset": "films", "model": "bert", "method": "all", "outcome": "pie", "factor": name}
    | {"factor_name": FACTORS[name].words, "with_outcome": 30, "doubted": 2}
    | dict(zip(("alone", "alone_low", "alone_high"), alone, strict=True))
    | dict(zip(("adjusted", "adjusted_low", "adjusted_high"), adjusted, strict=True))
    for name, alone, adjusted in (
        ("logit_margin", (0.3, 0.2, 0.4), (0.25, 0.1, 0.5)),
        ("tokens", (1.8, 1.4, 2.3), (1.1, 0.8, 1.5)),
        ("smog", (1.2, 1.1, 1.3), (None, None, None)),
    )
]
REMEDY = CELL | {"method": "imp-ft-focal", "plain": "imp-ft", "remedy": "focal-distillation"}
REMEDY |= {"kind": "training", "sent": None}
REMEDY |= {"level_text": "90 %", "primary": True, "collapsed": False, "lost": "score"}
REMEDY |= {"stages": 9, "stages_plain": 4, "further_models": 5, "verdict": "worse"}
REMEDY |= {"nfr": 0.031, "nfr_plain": 0.023, "negative_flips": 17, "negative_flips_plain": 11}
REMEDY |= {"worst_class": HOSTILE, "size_share": None, "size_share_plain": None}
for name in ("nfr", "other_nfr", "excess", "score", "worst_class"):
    REMEDY |= {f"{name}_change": 0.008, f"{name}_change_low": 0.002, f"{name}_change_high": 0.014}
SCORE = {
    **{"dataset": "films", "model": "bert", "method": "imp-ft", "level": 90, "seeds": 30},
    **{"mean": 0.71234, "std": 0.01, "best": True},
}
CLAIM = {
    **{"dataset": "films", "model": "bert", "effect_name": "a - b", "rule": "reproduced if so"},
    **{"effect": 0.31, "low": 0.2, "high": 0.4, "note": ""},
    **{"comparison": "primary", "effect_by_probability": 0.29},
    **{"low_by_probability": 0.2, "high_by_probability": 0.4},
    **{"verdict_by_probability": "reproduced"},
    **{"matched": 0.1, "matched_low": 0, "matched_high": 0.2, "matched_verdict": None},
    **dict.fromkeys(adjusted.COLUMNS),
}


def write_report(folder, differ_by="seed"):
    """Write the report of made-up tables into a folder and return its path."""
    for name in ("report", "tables", "figures"):
        (folder / name).mkdir()
    claims = [
        CLAIM | {"claim": number + 1, "name": f"claim {number}", "verdict": VERDICTS[number % 3]}
        for number in range(6)
    ]
    claims[5] |= dict(zip(adjusted.COLUMNS, (1.1, 0.8, 1.5, "tokens"), strict=True))
    claims[3] |= {"matched_verdict": "inconclusive", "note": f"{scorecard.ONLY_UNMATCHED}; more"}
    texts = pd.DataFrame([TEXT | {f"column_{number}": number for number in range(30)}])
    scores = pd.DataFrame([SCORE | {"method": "dense", "level": 0, "best": False}, SCORE])
    tables = {
        "scorecard": pd.DataFrame(claims),
        "pies": pd.DataFrame([PIES | {"differ_by": differ_by}]),
    }
    tables |= {"effectiveness": scores, "examples": texts}
    tables["frontier"] = pd.DataFrame([CELL | {"level_text": "90 %", "size_share": 0.13}])
    tables["fallback"] = pd.DataFrame([FALLBACK, FALLBACK | SENT])
    tables["remedies"] = pd.DataFrame([REMEDY])
    tables["causes"] = pd.DataFrame(CAUSES)
    tables |= {"slices": pd.DataFrame([SLICE]), "slice_texts": pd.DataFrame([SLICE_TEXT])}
    tables |= {"agreement": pd.DataFrame([CHURN]), "classes": pd.DataFrame([CLASS])}
    for name, table in tables.items():
        table.to_csv(folder / f"tables/{name}.csv", index=False)
    counts = {"train": {"examples": 300}, "test": {"examples": 300}}
    (folder / "card.json").write_text(json.dumps(CARDS["films"] | {"counts": counts}))
    for name in ("overview", "pie_share"):
        (folder / f"figures/{name}.svg").write_text(FIGURE)
        (folder / f"{name}.rst").write_text(CAPTION)
    study = {
        "models": {"bert": {"seeds": 30, "differ_by": differ_by}},
        "predictions": None,
        "training": {"films": {"bert": {}}},
        "methods": {"imp-ft": {"criterion": "magnitude", "schedule": "iterative"}},
        "sparsities": [90],
        "report": {"splits": ["test", "train"]},
        "figures": {"formats": ["svg", "pdf"]},
    }
    found = {
        "cards": [folder / "card.json"],
        "figures": [folder / f"figures/{name}.svg" for name in ("overview", "pie_share")],
        "captions": [folder / f"{name}.rst" for name in ("overview", "pie_share")],
        "tables": [folder / f"tables/{name}.csv" for name in tables],
    }
    names = {"template": "index.html.j2", "common_style": "common.css", "style": "index.css"}
    page = {name: TEMPLATES / file for name, file in names.items()} | {"columns": DESCRIPTIONS}
    page["glossary"] = TEMPLATES.parents[1] / "docs/reference/glossary.md"
    (folder / "gate").mkdir()
    page["gate"] = write_gate(folder / "gate", {"imp-ft": gate_cell(600)}, text=HOSTILE)[0]["json"]
    page["tried"] = [folder / "gate/bert.tried.csv"]
    tried = pd.DataFrame([CELL | {"kind": "fallback", "share": 0.2, "verdict": "WARN"}])
    tried.to_csv(page["tried"][0], index=False)
    html = folder / "report/index.html"
    settings = {
        "study": study,
        "datasets": ["films"],
        "methods": {"pruning": ["imp-ft"], "compressing": [], "controls": []},
        "categories": ["Overview", "PIEs"],
    }
    build_report.main(settings, found | page, html)
    return html
