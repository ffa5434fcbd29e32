"""Check on a machine with a GPU that it computes what a CPU does, and time it; minutes.

Compares gradients, masks, logits, PIE sets, resumed jobs and jobs that share the card with the
CPU's, times both models in the paper's shapes against padded single precision, adds the card to the
throughput table (as calibrate.py does), and prints a verdict a line. Ends with status 1 if a check
fails. Without a GPU everything but the last two runs on the CPU, which proves the way alone.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from functools import partial
from itertools import chain
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

import gpu_checks  # noqa: E402
import rivals  # noqa: E402
from calibrate import calibrate, seconds_of  # noqa: E402
from gpu_checks import Verdict  # noqa: E402
from random_study import draw_lengths, random_split, write_pretrained  # noqa: E402

from pielab.training import batches, devices, loop, models  # noqa: E402

BERT = {"architecture": "encoder", "freeze_embeddings": False, "freeze_layers": None}
BERT |= {"pretrained": "google-bert/bert-base-uncased", "revision": None, "layers": None}
BILSTM = {"architecture": "bilstm", "vectors": "a file"}
ROUNDS = 3


def check(device: torch.device, examples: int, seeds: int, jobs: int) -> Iterator[Verdict]:
    """Yield the verdict of each check."""
    with tempfile.TemporaryDirectory() as folder:
        for case in gpu_checks.cases(Path(folder), examples):
            yield gpu_checks.check_gradients(case, device)
            yield gpu_checks.check_predictions(case, device)
            yield gpu_checks.check_masks(case, device)
            yield gpu_checks.check_pies(case, device, seeds)
            yield gpu_checks.check_resumed(case, device)
            yield gpu_checks.check_sharing(case, device, jobs)


def against_padded(
    what: str, ours: Callable[[], None], padded: Callable[[], None], device: torch.device
) -> Verdict:
    """Time two ways to train on the same texts in turn, after each has warmed up."""
    ours()
    padded()
    pairs = [(seconds_of(ours, device), seconds_of(padded, device)) for _ in range(ROUNDS)]
    ratios = [other / own for own, other in pairs]
    seen = f"{statistics.median(ratios):.2f} times as fast as padded float32 ({min(ratios):.2f})"
    return Verdict(what, min(ratios) >= 1, seen)


def time_bilstm(device: torch.device, count: int, batch_size: int) -> Verdict:
    """Time a BiLSTM on texts as long as IMDB's against one that reads 512 tokens each."""
    lengths, words = draw_lengths(230, 0.65, 512, count), 20_000
    data = random_split(lengths, 2, words=words)
    texts = [" ".join(f"w{i}" for i in part.tolist()) for part in data.ids.split(lengths)]
    vocabulary = {f"w{index}": index for index in range(words)}
    with tempfile.TemporaryDirectory() as folder:
        model = models.build(BILSTM, write_pretrained(BILSTM, folder, words), 2, 0)
    vectors = model.get_parameter("embedding.weight").detach()
    tagger = rivals.Tagger(vectors, 2, packs=False).to(device)
    return against_padded(
        "training, BiLSTM, IMDB's lengths",
        our_training(model, data, batch_size, device),
        partial(rivals.train_tagger, tagger, texts, data.labels, vocabulary, batch_size, 512),
        device,
    )


def time_bert(device: torch.device, count: int, batch_size: int, layers: int) -> Verdict:
    """Time BERT base on texts as long as SNLI's against one that reads 128 tokens each."""
    data = random_split(draw_lengths(27, 0.35, 128, count), 2)
    texts, settings = list(data.ids.long().split(data.lengths.tolist())), BERT | {"layers": layers}
    with tempfile.TemporaryDirectory() as folder:
        model = models.build(settings, write_pretrained(settings, folder), 2, 0)
    padded = rivals.build_bert(2, layers).to(device)
    return against_padded(
        "training, BERT base, SNLI's lengths",
        our_training(model, data, batch_size, device),
        partial(rivals.train_bert, padded, texts, data.labels, batch_size, 128),
        device,
    )


def our_training(
    model: models.Classifier, data: batches.Encoded, batch_size: int, device: torch.device
) -> Callable[[], None]:
    """Return our training for an epoch."""
    run = loop.Run(data.to(device), loop.Settings(1, 1e-5, batch_size), 0)
    return partial(loop.train, model.to(device), run, 0)


def show(verdict: Verdict, proves: bool) -> None:
    """Print a line of the table."""
    said = {True: "yes", False: "NO", None: "not checked: no GPU"}[verdict.right]
    if verdict.right and not proves:
        said = "no GPU, the CPU agrees with itself"
    print(f"| {verdict.what} | {said} | {verdict.seen} |", flush=True)


def time_card(device: torch.device, config: Path, throughput: Path) -> Iterator[Verdict]:
    """Yield the verdicts on speed, and add the card to the throughput table."""
    yield time_bilstm(device, 4096, 1024)
    for batch_size in (256, 128, 64, 32):  # what padded texts leave room for
        try:
            yield time_bert(device, 2048, batch_size, 12)
            break
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
    try:
        with redirect_stdout(sys.stderr):
            calibrate(config, throughput, Path("results"), 3)
        yield Verdict(f"throughput of {config.name}", True, f"added to {throughput.name}")
    except torch.cuda.OutOfMemoryError as error:
        yield Verdict(f"throughput of {config.name}", False, str(error).partition(".")[0])


def main() -> None:
    """Read the options, check, time, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config/paper.yaml")
    parser.add_argument("--throughput", type=Path, default=ROOT / "resources/throughput.csv")
    parser.add_argument("--examples", type=int, default=400, help="of each split of the checks")
    parser.add_argument("--seeds", type=int, default=5, help="whose PIEs are compared")
    parser.add_argument("--jobs", type=int, default=4, help="that share the card")
    options = parser.parse_args()
    devices.make_deterministic(1)
    device, start = devices.choose_device("auto"), time.perf_counter()
    card = device.type == "cuda"
    print(f"torch {torch.__version__} on {torch.cuda.get_device_name() if card else 'a CPU'}\n")
    print("| what | as it should be | seen |\n| --- | --- | --- |")
    verdicts = check(device, options.examples, options.seeds, options.jobs)
    timed: Iterable[Verdict] = [
        Verdict(what, None, "`make calibrate` times a CPU")
        for what in ("speed against padded float32", "throughput")
    ]
    if card:
        timed = time_card(device, options.config, options.throughput)
    wrong = []
    for verdict in chain(verdicts, timed):
        show(verdict, card)
        wrong += [verdict.what] if verdict.right is False else []
    print(f"\n{time.perf_counter() - start:.0f} s")
    if wrong:
        sys.exit(f"not as it should be: {'; '.join(wrong)}")


if __name__ == "__main__":
    main()
