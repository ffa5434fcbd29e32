"""Time training and prediction on this machine, and add the rates to the throughput table.

Random tokens in the shapes of a config, a few batches of each shape: minutes. On a CPU batches are
small, because its rate hardly depends on them, and the process's own time counts, so that other
load on the machine does not.
"""

import argparse
import csv
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import torch
import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

from random_study import random_split, write_pretrained  # noqa: E402
from sizes import find_size, model_key, read_rows, trained  # noqa: E402

from pielab import files  # noqa: E402
from pielab.architectures import architecture  # noqa: E402
from pielab.config import check_config  # noqa: E402
from pielab.training import batches, devices, loop, models, predict  # noqa: E402

FIELDS = [
    "device",
    "kind",
    "model",
    "parameters",
    "tokens",
    "batch_size",
    "train_per_s",
    "predict_per_s",
    "memory_mb",
    "source",
]


def seconds_of(work, device: torch.device) -> float:
    """Return the seconds that `work()` takes on the device."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return clock() - start


def rates_of(
    model: models.Classifier, split, own: loop.Settings, device: torch.device, budget: float
) -> dict[str, float]:
    """Return examples a second in training and in prediction, after a batch to warm up."""

    def part(repeats: int) -> batches.Encoded:
        return split(own.batch_size * repeats).to(device)

    def run_train(data: batches.Encoded) -> float:
        return seconds_of(lambda: loop.train(model, loop.Run(data, own, seed=0), stage=0), device)

    def run_predict(data: batches.Encoded) -> float:
        return seconds_of(lambda: predict.predict(model, data, own.pad_to), device)

    rates = {}
    for name, run in (("train_per_s", run_train), ("predict_per_s", run_predict)):
        run(part(1))
        repeats = max(1, int(budget / max(run(part(1)), 1e-3)))
        rates[name] = own.batch_size * repeats / run(part(repeats))
    return rates


def measure(
    study: dict, dataset: str, name: str, tokens: int, batch_size: int, budget: float
) -> dict:
    """Return the row of one dataset and model at this length of texts."""
    model, training = study["models"][name], study["training"][dataset][name]
    device = devices.choose_device(study["compute"]["device"])
    own = loop.Settings(
        epochs=1,
        learning_rate=training["learning_rate"],
        batch_size=batch_size,
        pad_to=tokens if model["pad_to_max_tokens"] else None,
    )
    multi_label = study["datasets"][dataset]["task"] == "multi-label"
    with tempfile.TemporaryDirectory() as folder:
        n_classes = 54 if multi_label else 3
        built = models.build(model, write_pretrained(model, folder), n_classes, 0).to(device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    width = built.get_parameter(f"{built.last}.weight").shape[1] if model["freeze_layers"] else 0

    tables = [each for each in built.modules() if isinstance(each, torch.nn.Embedding)]
    words = min([1000, *(each.num_embeddings for each in tables[:1])])

    def split(count: int) -> batches.Encoded:
        return random_split([tokens] * count, n_classes, multi_label, width, words)

    rates = rates_of(built, split, own, device, budget)
    peak = round(torch.cuda.max_memory_allocated() / 1e6) if device.type == "cuda" else ""
    threads = f"{torch.get_num_threads()} thread, " if device.type == "cpu" else ""
    return {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else cpu_name(),
        "kind": "gpu" if device.type == "cuda" else "cpu",
        "model": model_key(model),
        "parameters": sum(t.numel() for t in models.trainable_state(built).values()),
        "tokens": tokens,
        "batch_size": batch_size,
        **{key: f"{value:.4g}" for key, value in rates.items()},
        "memory_mb": peak,
        "source": f"calibrate.py, {threads}torch {torch.__version__}, {date.today()}",
    }


def cpu_name() -> str:
    """Return the processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "cpu"


def shapes(study: dict, results: Path) -> list[tuple[str, str, int, int]]:
    """Return dataset, model, tokens and batch size to time: each shape of a model once."""
    on_cpu = devices.choose_device(study["compute"]["device"]).type == "cpu"
    found: dict[tuple, tuple] = {}
    for dataset, pairs in study["training"].items():
        for name, training in pairs.items():
            # A GPU's memory is needed for the longest texts, its time for the usual ones
            usual = round(find_size(study, dataset, name, results).tokens)
            most = training["max_tokens"] or usual
            own = architecture(study["models"][name]["architecture"])
            batch_size = min(training["batch_size"], own.cpu_batch if on_cpu else 2**20)
            for tokens in {most, usual}:
                shape = (tokens, batch_size)
                found.setdefault((name, *shape), (dataset, name, *shape))
    return list(found.values())


def calibrate(config: Path, throughput: Path, results: Path, budget: float) -> None:
    """Time each shape of the config and write the table anew after each."""
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    study = trained(check_config(yaml.safe_load(config.read_text()), schema, [str(config)]))
    devices.make_deterministic(study["compute"]["threads"])
    devices.keep_memory()
    rows = read_rows(throughput) if throughput.exists() else []
    for dataset, name, tokens, batch_size in shapes(study, results):
        new = measure(study, dataset, name, tokens, batch_size, budget)
        print(" ".join(f"{key}={new[key]}" for key in FIELDS[2:-1]), flush=True)
        same = ("device", "model", "tokens", "batch_size")
        rows = [row for row in rows if any(str(row[key]) != str(new[key]) for key in same)] + [new]
        with files.replacing(throughput) as temporary, open(temporary, "w") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config/config.yaml")
    parser.add_argument("--throughput", type=Path, default=ROOT / "resources/throughput.csv")
    parser.add_argument("--seconds", type=float, default=10, help="of each timing (default 10)")
    parser.add_argument("--results", type=Path, default=Path("results"))
    options = parser.parse_args()
    try:
        calibrate(options.config, options.throughput, options.results, options.seconds)
    except (ValueError, OSError) as error:
        sys.exit(f"calibrate: {error}")


if __name__ == "__main__":
    main()
