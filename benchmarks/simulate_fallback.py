"""Check the intervals of fallback.csv against simulated studies, and print a table.

How often the interval of the negative flips that are left misses their true share, below it and
above it, by the number of texts and pairs of models and the share of the texts that is sent. 2.5 %
each is nominal. Thresholds come from one half of the texts, as in a study. The truth is that of
endlessly many texts and models; so one pair is simulated whose models do not differ as wholes.

    PYTHONPATH=scripts python benchmarks/simulate_fallback.py --runs 400
"""

import argparse

import numpy as np

from pielab.stats.fallback import is_sent, rate_interval, thresholds

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3)
TEXTS, PAIRS = (200, 850), (1, 4, 9, 30)
LEANS = (0.0, 0.3)  # standard deviations over models of what each does to all texts
LARGE = 20_000  # texts, of which the truth is known


def draw_study(
    rng: np.random.Generator, texts: int, pairs: int, lean: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return which texts are negative flips, and margins, both (pairs, texts).

    Log odds of the truth: texts differ in how easy they are and in what compression does to them;
    models differ by seed, of which the compressed one keeps a part.
    """
    easy, moved = rng.normal(1.6, 1.6, texts), rng.normal(0, 0.5, texts)
    seed = rng.normal(0, 0.6, (pairs, texts))
    own = rng.normal(0, 0.6, (pairs, texts)) + lean * rng.normal(size=(pairs, 1))
    compressed = 0.8 * easy + moved + 0.5 * seed + own
    return (easy + seed > 0) & (compressed <= 0), np.abs(compressed)


def left(flips: np.ndarray, margins: np.ndarray, chosen_on: slice, judged_on: slice) -> list:
    """Return the flips that are left of the judged texts for each of SHARES, (pairs, texts)."""
    cuts = thresholds(margins[:, chosen_on], SHARES).T
    return [flips[:, judged_on] & ~is_sent(margins[:, judged_on], cut) for cut in cuts]


def truth(rng: np.random.Generator, lean: float) -> np.ndarray:
    """Return the true share that is left for each of SHARES."""
    all_texts = slice(None)
    studies = [draw_study(rng, LARGE, 10, lean) for _ in range(40)]
    found = [[own.mean() for own in left(*one, all_texts, all_texts)] for one in studies]
    return np.mean(found, axis=0)


def misses(
    rng: np.random.Generator, texts: int, pairs: int, lean: float, true: np.ndarray, runs: int
) -> np.ndarray:
    """Return how often intervals lie above and below the truth, and their width, (shares, 3)."""
    total = np.zeros((len(SHARES), 3))
    half = texts // 2
    for _ in range(runs):
        judged = left(*draw_study(rng, texts, pairs, lean), slice(half), slice(half, None))
        for at, own in enumerate(judged):
            _, low, high = rate_interval(1.0 * own)
            total[at] += low > true[at], high < true[at], high - low
    return total / runs


def main(runs: int) -> None:
    """Print a row for each kind of study: misses below and above, and widths in points."""
    rng = np.random.default_rng(0)
    print("lean texts pairs  sent: truth, interval above it, below it, width (all in %)")
    for lean in LEANS:
        true = truth(rng, lean)
        for texts in TEXTS:
            for pairs in PAIRS if not lean else PAIRS[1:]:
                found = misses(rng, texts, pairs, lean, true, runs)
                cells = [
                    f"{100 * share:.0f}: {100 * own:.1f}, {100 * above:.1f}, {100 * below:.1f}, "
                    f"{100 * width:.1f}"
                    for share, own, (above, below, width) in zip(SHARES, true, found, strict=True)
                ]
                print(f"{lean:4} {texts:5} {pairs:5}  {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=400)
    main(parser.parse_args().runs)
