"""Made-up tables of a study of any size, in the columns of results/tables, for its figures."""

import itertools

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from pielab.causes.factors import FACTORS, OUTCOMES
from pielab.claims.scorecard import CLAIMS
from pielab.figures.catalogue import FIGURES, Quantity
from pielab.pies.sets import persistence
from pielab.stats.fallback import SHARES
from pielab.vocabulary import COMPLEXITY, INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED

METHODS = ("imp-ft", "imp-wr", "iibp-ft", "iibp-wr", "irp-ft", "mp-ai", "ibp-ai", "rp-ai")
CLASSES = {"imdb": 2, "snli": 3, "reuters": 22, "aapd": 54}
MEASURES = {
    "imdb": "Accuracy",
    "snli": "Accuracy",
    "reuters": "Macro-F1",
    "aapd": "Macro-F1",
}
DRAWN = ("tokens", "flesch_reading_ease", "gunning_fog", "dale_chall")
SIZES = {  # datasets, models, methods and levels
    "one pair": (["imdb"], ["bilstm"], METHODS[:2], [50.0, 90.0, 99.0]),
    "two pairs": (["imdb"], ["bilstm", "minilm"], METHODS[:4], [50.0, 90.0, 99.0]),
    "shipped": (["snli", "imdb"], ["bilstm", "bert"], ("imp-ft", "ibp-ai"), [50.0, 90.0, 99.0]),
    "the paper": (list(CLASSES), ["bilstm", "bert"], METHODS, [20.0, 50.0, 70.0, 90.0, 99.0]),
}
# Two of its eight rows of panels: of each model and kind of score, with the fewest and most classes
TWO_ROWS = "two rows of the paper"
ONE_ROW = "one row of what ships"
KINDS = (
    *("pies", "scores", "classes", "influence_bins", "influence_top", "complexity", "scorecard"),
    *("paper_comparison", "seeds", "agreement", "pie_overlap", "persistence"),
    *("frontier", "layer_map", "slices", "fallback", "causes", "data_map", "tasks"),
)
TEST, TRAIN, BINS = 1000, 2000, 20
SEEDS = {"one pair": 6, "two pairs": 6, "shipped": 30, ONE_ROW: 30, "the paper": 30, TWO_ROWS: 30}


def has_collapsed(model, method, level):
    """Return whether a made-up cell has: at 99 % all of a BiLSTM, and one method of the others."""
    return level == 99 and (model == "bilstm" or method == "imp-wr")


def pairs_of(size):
    """Return the datasets and models of a study of this size, a pair each."""
    if size == TWO_ROWS:
        return [("imdb", "bilstm"), ("aapd", "bert")]
    if size == ONE_ROW:
        return [("snli", "bilstm")]
    datasets, models, *_ = SIZES[size]
    return list(itertools.product(datasets, models))


def study(size):
    """Return the methods of a study of this size, the control last, and its tables by name."""
    *_, methods, levels = SIZES[{TWO_ROWS: "the paper", ONE_ROW: "shipped"}.get(size, size)]
    pairs = pairs_of(size)
    seeds = SEEDS[size]
    rng = np.random.default_rng(0)
    tables = {kind: [] for kind in KINDS}
    for dataset, model in pairs:
        pair = {"dataset": dataset, "model": model}
        dense = pair | {"method": "dense", "level": 0.0}
        tables["scores"].append(_scores(dense, 0.0, seeds, rng))
        tables["scorecard"].append(_claims(pair, rng))
        tables["causes"].append(_causes(pair, rng))
        tables["data_map"] += [_data_map(pair, rng, over) for over in ("models", "epochs")]
        sets = rng.random((len(methods) * len(levels), TEST)) < 0.1
        kept = persistence(sets).to_dict("list")
        tables["persistence"].append(kept | pair | {"without_collapsed": True})
        tables["paper_comparison"].append(_comparison(dense, rng))
        tables["layer_map"].append(_layer_map(pair, rng))
        for method, level in [*itertools.product(methods, levels), ("control", 0.0)]:
            cell = pair | {"method": method, "level": level}
            if level:
                tables["frontier"].append(_frontier(cell, rng))
            share = min(0.9, 0.02 + 0.35 * (level / 100) ** 3 * rng.uniform(0.6, 1.4))
            tables["scores"].append(_scores(cell, share, seeds, rng))
            tables["paper_comparison"].append(_comparison(cell, rng))
            baselines = ("dense", "control") if method.endswith(("-ft", "-wr")) else ("dense",)
            for baseline in baselines:
                cell |= {"baseline": baseline, "primary": baseline == baselines[-1]}
                cell |= {"collapsed": has_collapsed(model, method, level)}
                if level:
                    tables["fallback"].append(_fallback(cell, share))
                tables["pies"].append(
                    _pies(cell, share, seeds, rng)
                    | {"level_unit": "percent", "level_text": f"{level:g} %"}
                    | {"is_compressed": level > 0}
                )
                tables["seeds"].append(_seeds(cell, share))
                tables["agreement"].append(_agreement(cell, share))
                tables["classes"].append(_classes(cell, share, rng))
                for name, table in _influence(share, rng).items():
                    tables[name].append(cell | table)
                tables["complexity"].append(_complexity(cell, rng))
                tables["slices"].append(_slices(cell, rng))
                tables["tasks"].append(_tasks(cell, share))
                share *= 0.6
    cells = _joined(tables["pies"])
    overlaps = [_overlap(cells, dataset, rng) for dataset in dict(pairs)]
    joined = {kind: _joined(parts) for kind, parts in tables.items() if parts}
    joined["pie_overlap"] = pd.concat(overlaps, ignore_index=True)
    for figure in FIGURES.values():
        if isinstance(figure.says, Quantity):
            _fill(joined[figure.tables[0]], figure.says)
    return [*methods, "control"], joined


def _fill(table, quantity):
    """Make up what a new figure is about, with its interval, if the table lacks it."""
    if quantity.column not in table:
        values = np.linspace(0.1, 0.8, len(table)) * (TEST if quantity.is_count else 1)
        for end, factor in (("", 1), ("_low", 0.9), ("_high", 1.1)):
            table[f"{quantity.column}{end}"] = factor * values


def _causes(pair, rng):
    """Return made-up effects of all factors, of which some cannot be told from others."""
    rows = []
    for outcome, (factor, known) in itertools.product(OUTCOMES, FACTORS.items()):
        alone, adjusted = rng.normal(0, 0.5, 2)
        if factor in ("vote_margin", "smog"):
            adjusted = np.nan
        ends = {"alone": alone, "alone_low": alone - 0.3, "alone_high": alone + 0.3}
        ends |= {"adjusted": adjusted, "adjusted_low": adjusted - 0.6}
        ends |= {"adjusted_high": adjusted + 0.6}
        if outcome != "shift":
            ends = {name: float(np.exp(value)) for name, value in ends.items()}
        row = {"split": "test", "method": "all", "outcome": outcome, "factor": factor}
        row["factor_name"] = known.words
        rows.append(pair | row | ends)
    return pd.DataFrame(rows).to_dict("list") | pair


def _data_map(pair, rng, over):
    texts = rng.integers(1, 400, 40)
    pies = (texts * rng.choice([0, 0.1], 40)).astype(int)
    places = {"variability": rng.random(40) / 2, "confidence": rng.random(40)}
    return pair | {"over": over, "texts": texts, "pies": pies} | places


def _joined(parts):
    """Return the rows of parts one below the other: each a dict of values, or lists, by column.

    One table made at the end takes a tenth of the time of one for each part.
    """
    columns = {name: [] for name in parts[0]}
    for part in parts:
        rows = max(1 if np.isscalar(values) else len(values) for values in part.values())
        for name, values in part.items():
            columns[name].extend([values] * rows if np.isscalar(values) else values)
    return pd.DataFrame(columns)


def _columns(rows):
    """Return rows, dicts of the same keys, as a dict of lists."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def _scores(cell, share, seeds, rng):
    scores = rng.normal(0.85 - share, 0.01, seeds)
    return cell | {"seed": range(seeds), "score": scores}


def _pies(cell, share, seeds, rng):
    pies = int(share * TEST)
    bad = int(0.6 * pies)
    row = {
        "seeds": seeds,
        "replicates": seeds,
        "differ_by": "seed",
        "examples": TEST,
        "pies": pies,
        "pie_share": pies / TEST,
    }
    row |= {"pie_share_low": 0.9 * share, "pie_share_high": 1.1 * share}
    row |= {
        "positive_flips": pies - bad - pies // 5,
        "negative_flips": bad,
        "both_wrong": pies // 5,
    }
    row |= {"constant_score": 0.4, "score_baseline": 0.85, "score_compressed": 0.85 - share / 2}
    row |= {"noise_floor": (0.2 if cell["baseline"] == "dense" else 0.15) * TEST}
    row |= {"expected_pies": 0.8 * pies}
    row |= {"certain": pies // 4, "likely": pies // 3, "half_pies": (0.2 + share) * TEST}
    row |= {"excess": share * TEST, "excess_low": (share - 0.05) * TEST}
    row |= {"excess_high": (share + 0.05) * TEST, "q": rng.uniform(0, 0.1)}
    on_pies = {"score_baseline_on_pies": 0.6, "score_compressed_on_pies": rng.uniform(0.2, 0.4)}
    error = 0.5 / max(1, pies) ** 0.5
    for name, score in on_pies.items():
        row |= {name: score, f"{name}_low": score - error, f"{name}_high": score + error}
    return cell | row


def _frontier(cell, rng):
    excess = rng.uniform(0, 0.2) * TEST
    row = {"size_share": 1 - cell["level"] / 110, "negative_flip_excess": excess, "examples": TEST}
    row |= {"negative_flip_excess_low": excess - 20, "negative_flip_excess_high": excess + 20}
    row["collapsed"] = has_collapsed(cell["model"], cell["method"], cell["level"])
    return cell | row


def _fallback(cell, share):
    sent = np.array(SHARES)
    left = share * np.clip(1 - 4 * sent, 0, 1) ** 2
    table = {"share": sent, "sent": sent, "flips_left": left, "random_left": share * (1 - sent)}
    table |= {"flips_left_low": 0.8 * left, "flips_left_high": 1.2 * left + 0.002}
    table |= {"best_left": np.clip(share - sent, 0, 1), "score": 0.85 - left / 2}
    table |= {"score_low": 0.83 - left / 2, "score_high": 0.87 - left / 2, "chosen": sent == 0.12}
    stored = (1 - cell["level"] / 110) * (sent < 1) + (sent > 0)
    named = {"level_text": f"{cell['level']:g} %", "is_compressed": True}
    return table | {"bytes": 1000 * stored, "size_share": stored} | named | cell


def _slices(cell, rng):
    long_names = "a column of many words = a value of many more & Flesch reading ease −20 to 35"
    names = ["class = class-1.XY", "tokens 12 to 40 & channel is missing", long_names]
    excess = rng.uniform(0, 0.4, len(names))
    ends = {"low": excess - 0.1, "high": excess + 0.1, "confirmed": excess > 0.2}
    p_replicates = np.where(excess > 0.3, 0.001, [0.4, 0.4, np.nan])
    return {"slice": names, "excess": excess, "p_replicates": p_replicates, **ends, **cell}


def _tasks(cell, share):
    tasks = ["mmlu", "mmlu_anatomy", "mmlu_astronomy", "perplexing_prose"]
    change = np.array([-share, -2 * share, 0.01, share])
    table = {"kind": ["group", "task", "task", "task"], "task": tasks, "change": change}
    table |= {"change_low": change - 0.05, "change_high": change + 0.05}
    table |= {"metric": ["acc", "acc", "acc", "bits_per_byte"]}
    table |= {"better": ["higher"] * 3 + ["lower"], "q": [np.nan, 0.01, 0.8, 0.2]}
    return table | cell


def _layer_map(pair, rng):
    layers = [f"encoder.encoder.layer.{n}.attention.self.{kind}" for n in range(6)
              for kind in ("query", "key", "value")]  # fmt: skip
    flips = [{"layer": layer, "flip": flip, "lightened": rng.uniform(-1, 1)}
             for layer in layers for flip in range(30)]  # fmt: skip
    return _columns(flips) | pair | {"method": "int4", "level": 4.0}


def _seeds(cell, share):
    seeds = np.array([2, 3, 5, 7, 15, 20, 30])
    table = {"seeds": seeds, "pies": TEST * share * (1 + 1 / seeds), "excess": TEST * share / 2}
    table |= {"overlap": seeds / 30, "overlap_sd": (1 - seeds / 30) / 10}
    table |= {f"{name}_sd": TEST * share / (10 * seeds) for name in ("pies", "excess")}
    known = np.where((seeds > 2) & (seeds < 10), 1.0, np.nan)
    table |= {"precision_votes": known * 0.4, "precision_probability": known * (0.5 + seeds / 50)}
    table |= {"brier_votes": known * 0.15, "brier_probability": known * (0.1 - seeds / 500)}
    return table | cell


def _agreement(cell, share):
    row = {"churn_same_seed": share, "churn_baseline": 0.1, "probability_loyalty": 1 - share}
    row |= {"kl_divergence": 2 * share, "calibration_error_compressed": share / 2}
    return cell | row | {"calibration_error_baseline": 0.05}


def _overlap(pies, dataset, rng):
    keys = ["dataset", "model", "method", "level", "baseline", "collapsed"]
    own = pies.loc[pies["primary"] & (pies["dataset"] == dataset), keys]
    pairs = own.merge(own.drop(columns="dataset").add_prefix("other_"), how="cross")
    jaccard = rng.uniform(0, 0.4, (len(own), len(own)))
    same_model = own["model"].to_numpy()[:, None] == own["model"].to_numpy()
    jaccard = np.where(same_model, jaccard + jaccard.T, (jaccard + jaccard.T) / 3)
    np.fill_diagonal(jaccard, 1)
    return pairs.assign(jaccard=jaccard.ravel())


def _classes(cell, share, rng):
    number = CLASSES[cell["dataset"]]
    names = ["negative", "positive"] if number == 2 else [f"class-{i}.XY" for i in range(number)]
    frequency = (20000 / np.arange(1, number + 1)).astype(int)
    table = {"class": names, "train_examples": frequency, "examples": frequency // 10}
    table |= {"pie_rate": np.clip(share * rng.uniform(0.5, 1.5, number), 0, 1)}
    table |= {"example_share": frequency / frequency.sum()}
    table |= {"pie_rate_by_probability": 0.8 * table["pie_rate"]}
    table |= {"class_share_of_pies": rng.dirichlet(frequency / 100)}
    table |= {
        "score_baseline": 0.8,
        "score_compressed": np.clip(0.8 - share * np.arange(number), 0, 1),
    }
    return table | cell


def _influence(share, rng):
    scores = np.arange(TRAIN) / TRAIN
    pies = rng.random(TRAIN) < np.clip(share * 3 * scores**2, 0, 1)
    change = share * rng.normal(1 + scores, 0.3)
    loss = 0.5 + scores
    by_bin = {"loss_baseline": loss, "loss_compressed": loss + change, "loss_change": change}
    by_bin |= {"pie_share": pies, "mean_of_ratios": 1 + change / loss}
    bins = {name: each.reshape(BINS, -1).mean(1) for name, each in by_bin.items()}
    bins |= {"bin": range(1, BINS + 1), "examples": TRAIN // BINS}
    bins["ratio_of_means"] = bins["loss_compressed"] / bins["loss_baseline"]
    for name, each in (
        ("loss_change", change),
        ("mean_of_ratios", change / loss),
        ("ratio_of_means", (change - loss * (np.repeat(bins["ratio_of_means"], TRAIN // BINS) - 1))
         / np.repeat(bins["loss_baseline"], TRAIN // BINS)),
    ):  # fmt: skip
        of_bin = each.reshape(BINS, -1)
        bins[f"{name}_se"] = of_bin.std(1, ddof=1) / of_bin.shape[1] ** 0.5
    bins["pie_share_by_probability"] = 0.8 * bins["pie_share"]
    tables = {"influence_bins": bins, "influence_top": _top(pies, (4 * scores).astype(int))}
    return {name: dict(table) | {"influence_measure": "el2n"} for name, table in tables.items()}


def _top(pies, margins):
    percents = np.array([1, 5, 10])
    sizes = percents * TRAIN // 100
    found = np.array([pies[-size:].sum() for size in sizes])
    table = {"top_percent": percents, "examples": sizes, "pies": found, "pie_share": found / sizes}
    # Clopper and Pearson's interval
    low = np.where(found, betaincinv(np.maximum(1, found), sizes - found + 1, 0.025), 0)
    lost = np.maximum(1, sizes - found)
    high = np.where(found < sizes, betaincinv(found + 1, lost, 0.975), 1)
    by_margin = np.array([pies[margins == margin].mean() for margin in range(4)])[margins]
    matched = np.array([by_margin[-size:].mean() for size in sizes])
    return table | {
        "pie_share_low": low,
        "pie_share_high": high,
        "chance": pies.mean(),
        "chance_matched": matched,
    }


def _complexity(cell, rng):
    rows = []
    middles = dict(zip(DRAWN, (230, 60, 12, 8), strict=True))
    for split, measure in itertools.product(("train", "test"), COMPLEXITY):
        middle = middles.get(measure, 10)
        row = {"split": split, "measure": measure, "mean_all": middle}
        for group, shift in (("pies", rng.uniform(1, 1.3)), ("others", 1)):
            quantiles = middle * shift * np.array([0.3, 0.7, 0.95, 1.2, 2])
            names = ("p05", "p25", "median", "p75", "p95")
            row |= {f"{n}_{group}": q for n, q in zip(names, quantiles, strict=True)}
            row[f"mean_{group}"] = middle * shift
        row |= {"mean_pies_low": 0.9 * row["mean_pies"], "mean_pies_high": 1.1 * row["mean_pies"]}
        row |= {"cliffs_delta": rng.uniform(-0.2, 0.4), "matched": rng.uniform(-0.3, 0.3)}
        rows.append(cell | row)
    return _columns(rows)


def _claims(pair, rng):
    rows = []
    for number, claim in CLAIMS.items():
        effect = rng.normal(0.1, 0.2)
        row = {"claim": number, "name": claim.claim, "effect_name": claim.effect, "note": ""}
        row |= {"effect": effect, "low": effect - 0.1, "high": effect + 0.1}
        row["verdict"] = (REPRODUCED, NOT_REPRODUCED, INCONCLUSIVE)[number % 3]
        matched = effect - 0.1 if number > 4 else np.nan
        row |= {"matched": matched, "matched_low": matched - 0.1, "matched_high": matched + 0.1}
        odds = rng.uniform(0.8, 2) if number > 4 else np.nan
        row |= {"adjusted": odds, "adjusted_low": odds / 1.3, "adjusted_high": odds * 1.3}
        row["adjusted_factor"] = {5: "el2n", 6: "tokens"}.get(number)
        if number == 3:
            row |= dict.fromkeys(("effect", "low", "high"), np.nan)
            row |= {"note": "there is no model of the other kind", "verdict": INCONCLUSIVE}
        rows.append(pair | row)
    return _columns(rows)


def _comparison(cell, rng):
    found = "absent from the paper" if cell["method"] == "control" else "both"
    return cell | {"found": found, "difference_in_std": rng.normal(0, 1.5)}
