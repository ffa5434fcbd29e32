"""Time the reading of word vectors from a text file like GloVe 840B 300d, and its peak memory."""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

LINES = 2_196_017  # of glove.840B.300d.txt, 5.65 GB


def write(path: Path, words: int, dimensions: int) -> None:
    """Write random vectors as GloVe does: five digits, some words with spaces in them."""
    generator = np.random.default_rng(0)
    block = [
        " ".join(f"{value:.5g}" for value in row)
        for row in generator.normal(0, 0.4, (1000, dimensions))
    ]
    with open(path, "w", encoding="utf-8") as file:
        for index in range(words):
            word = f"w{index} at w.com" if index % 1000 == 7 else f"w{index}"
            file.write(f"{word} {block[index % 1000]}\n")


def main() -> None:
    """Write a file, read it and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=200_000, help="lines of the file")
    parser.add_argument("--kept", type=int, default=40_000, help="words that the data have")
    parser.add_argument("--dimensions", type=int, default=300)
    options = parser.parse_args()
    from pielab.data.vectors import read_vectors

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        write(path, options.words, options.dimensions)
        size = path.stat().st_size
        kept = {f"w{index}" for index in np.linspace(0, options.words - 1, options.kept, dtype=int)}
        start = time.perf_counter()
        found, _, _ = read_vectors(str(path), kept)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.words} lines, {size / 1e6:.0f} MB, {len(found)} words kept")
    print(f"{seconds:.1f} s, {options.words / seconds:.0f} lines/s, peak {peak:.0f} MiB")
    print(
        f"at this pace the {LINES} lines of GloVe 840B take {LINES * seconds / options.words:.0f} s"
    )


if __name__ == "__main__":
    main()
