"""Estimate what a study will cost: trainings, hours, disk and memory, before it is run.

Hours come from the throughput table (benchmarks/calibrate.py adds the machine that it runs on).
Sizes of datasets come from what is fetched, else from resources/paper/datasets.csv.
"""

import argparse
import os
import sys
from math import log
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

import cards  # noqa: E402
from sizes import find_size, model_key, read_rows, shape_of, state_width, trained  # noqa: E402

from pielab.config import check_config  # noqa: E402
from pielab.methods import is_retrained  # noqa: E402

STEPS = 3  # stages of an iterative method after the dense one, see pielab/training/pruning.py
PIE_BYTES = 16  # of one example's row in a table of PIEs, seen in the default study
# Bytes of a process before it has a model, and copies of one model in the host's memory: initial,
# dense, in its checkpoint and the one at hand (on a GPU: to build it); two moments of Adam; on a
# CPU its gradient too. Upper bounds.
HOST = {"cpu": (1e9, 7), "gpu": (3e9, 6)}
# Seconds of one core that a study's jobs take beside their arithmetic, seen in the default study
OTHER_JOBS, OF_DATASET, OF_BLOCK = 60, 30, 6
MASK = 0.25  # bytes of a weight's mask by those of the weight
GB = 1e9


def find_rate(rows: list[dict], device: str, model: dict, tokens: float) -> dict:
    """Return the rates of the measured row that is nearest in tokens, scaled to `tokens`."""
    key = model_key(model)
    own = [row for row in rows if row["device"] == device and row["model"] == key]
    if not own:
        raise ValueError(f"{device}: no throughput of {key}; run `make calibrate` with this config")
    row = min(own, key=lambda row: abs(log(float(row["tokens"]) / tokens)))
    scale = float(row["tokens"]) / tokens
    rates = {key: float(row[key]) * scale for key in ("train_per_s", "predict_per_s")}
    return row | rates | {"parameters": int(row["parameters"])}


def trained_methods(study: dict) -> dict[str, dict]:
    """Return the methods that train; compressing after training costs next to nothing."""
    return {name: own for name, own in study["methods"].items() if is_retrained(own)}


def estimate(study: dict, rows: list[dict], device: str, results: Path) -> list[dict]:
    """Return a row for each dataset, model and method: trainings, epochs and hours."""
    found = []
    for dataset, pairs in study["training"].items():
        for name, training in pairs.items():
            model = study["models"][name]
            size = find_size(study, dataset, name, results)
            rate = find_rate(rows, device, model, size.tokens)
            base, copies = HOST[rate["kind"]]
            for method, own in {"dense": None, **trained_methods(study)}.items():
                levels = (
                    1 if own is None or own["criterion"] == "none" else len(study["sparsities"])
                )
                stages = STEPS if own and own["schedule"] == "iterative" else 1
                trainings = levels * model["seeds"]
                epochs = stages * training["epochs"]  # 0 of models trained elsewhere
                # Dense models predict the training split once more, after the first epoch
                predicted = size.examples + (size.train if own is None and epochs else 0)
                seconds = epochs * size.train / rate["train_per_s"]
                seconds += predicted / rate["predict_per_s"]
                if own is None and model["freeze_layers"]:  # whose layers are computed once
                    below, whole = model["freeze_layers"], shape_of(model).layers
                    passes = size.examples / rate["predict_per_s"] * below / (whole - below)
                    seconds += passes / trainings
                found.append(
                    {
                        "dataset": dataset,
                        "model": name,
                        "method": method,
                        "trainings": trainings,
                        "epochs": epochs,
                        "hours": trainings * seconds / 3600,
                        "operations": trainings
                        * cards.training_operations(
                            model, size.tokens, epochs * size.train, predicted
                        ),
                        "recurrent": model["vectors"] is not None,
                        "predictions": 4 * trainings * predicted * size.classes,
                        "pies": 0 if own is None else levels * size.examples * PIE_BYTES,
                        "weights": 4 * trainings * rate["parameters"],
                        # Once for all trainings, in half precision
                        "states": 0
                        if own
                        else round(2 * size.examples * size.tokens * state_width(model)),
                        # All seeds with their masks, and the moments of the last one
                        "checkpoints": 4
                        * rate["parameters"]
                        * (model["seeds_per_job"] * (1 + MASK) + 2),
                        "host": base + 4 * rate["parameters"] * (model["seeds_per_job"] + copies),
                    }
                )
    return found


def choose_device(study: dict, rows: list[dict]) -> str:
    """Return the last device that knows all models of the study, a GPU if one does."""
    known: dict[str, set] = {}
    for row in sorted(rows, key=lambda row: row["kind"] == "gpu"):
        known.setdefault(row["device"], set()).add(row["model"])
    models = {
        model_key(study["models"][name]) for own in study["training"].values() for name in own
    }
    able = [device for device, own in known.items() if models <= own]
    return (able or list(known))[-1]


def minutes(study: dict, rows: list[dict], cores: int) -> int:
    """Return about how long the study takes from nothing on the CPUs of this machine.

    The hours of training and prediction, and what all jobs else take.
    """
    blocks = sum(
        -(-row["trainings"] // study["models"][row["model"]]["seeds_per_job"]) for row in rows
    )
    seconds = sum(row["hours"] for row in rows) * 3600
    seconds += OTHER_JOBS + len(study["training"]) * OF_DATASET + blocks * OF_BLOCK
    return max(1, round(seconds / cores / 60))


def disk_of(rows: list[dict], jobs: int, keep_pruned: bool) -> dict[str, float]:
    """Return the bytes on disk by kind.

    Pruned weights are not written unless they are kept, checkpoints live while their job does.
    """
    kept = [row for row in rows if row["method"] == "dense" or keep_pruned]
    in_flight = jobs * max(row["checkpoints"] for row in rows)
    return {
        "dense weights, kept" if not keep_pruned else "all weights, kept": sum(
            row["weights"] for row in kept
        ),
        "predictions": sum(row["predictions"] for row in rows),
        "states of frozen layers": sum(row["states"] for row in rows),
        "tables of PIEs": sum(row["pies"] for row in rows),
        f"checkpoints of {jobs} jobs at once, at most": in_flight,
    }


def show(rows: list[dict], disk: dict[str, float], unit: str) -> None:
    """Print the estimate."""
    line = "{:<16}{:<12}{:<12}{:>10}{:>8}{:>12}"
    print(line.format("dataset", "model", "method", "trainings", "epochs", unit))
    for row in rows:
        names = (row["dataset"], row["model"], row["method"])
        print(line.format(*names, row["trainings"], row["epochs"], f"{row['hours']:,.1f}"))
    print()
    pairs = dict.fromkeys((row["dataset"], row["model"]) for row in rows)
    print(line.format("dataset", "model", "all", "trainings", "", unit))
    for pair in [*pairs, None]:
        own = [row for row in rows if pair in (None, (row["dataset"], row["model"]))]
        trainings, hours = (sum(row[key] for row in own) for key in ("trainings", "hours"))
        print(line.format(*(pair or ("all", "")), "", trainings, "", f"{hours:,.1f}"))
    print(f"\nPeak disk: {sum(disk.values()) / GB:,.1f} GB")
    for kind, size in disk.items():
        print(f"  {kind}: {size / GB:,.1f} GB")
    print("Peak memory of a training job on the host, activations not counted:")
    for model in dict.fromkeys(row["model"] for row in rows):
        host = max(row["host"] for row in rows if row["model"] == model)
        print(f"  {model}: {host / GB:,.1f} GB")


def main() -> None:
    """Read the config and the throughput table, and print the estimate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config/config.yaml")
    parser.add_argument("--throughput", type=Path, default=ROOT / "resources/throughput.csv")
    parser.add_argument("--device", help="a device of the throughput table; by default a GPU")
    parser.add_argument("--jobs", type=int, default=200, help="training jobs at once (default 200)")
    parser.add_argument("--brief", action="store_true", help="one line, of this machine's cores")
    parser.add_argument("--results", type=Path, default=Path("results"))
    options = parser.parse_args()
    try:
        schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
        config = yaml.safe_load(options.config.read_text(encoding="utf-8"))
        study = trained(check_config(config, schema, [str(options.config)]))
        rates = read_rows(options.throughput)
        gpus = [row["device"] for row in rates if row["kind"] == "gpu"]
        device = options.device or choose_device(study, rates)
        rows = estimate(study, rates, device, options.results)
    except (ValueError, OSError) as error:
        sys.exit(f"cost: {error}")
    if options.brief:
        cores = len(os.sched_getaffinity(0))
        print(
            f"From nothing the study takes about {minutes(study, rows, cores)} min on {cores} "
            f"cores like those of {device}; what is there already is not made again."
        )
        return
    used = [row for row in rates if row["device"] == device]
    unit = f"{used[-1]['kind'].upper()} hours"
    show(rows, disk_of(rows, options.jobs, study["compute"]["keep_pruned_models"]), unit)
    keys = {model_key(model) for model in study["models"].values()}
    peaks = [float(row["memory_mb"]) for row in used if row["model"] in keys and row["memory_mb"]]
    if peaks:
        print(f"Peak memory of the GPU: {max(peaks) / 1000:,.1f} GB")
    print(
        f"\nHours by the throughput of {device} ({used[-1]['source']}), disk and memory by formula."
    )
    cards.show(rows, set(gpus))
    if not gpus:
        print("No GPU row measured: run `make calibrate` on a GPU node, then this again.")
    for dataset in study["training"]:
        size = find_size(study, dataset, next(iter(study["training"][dataset])), options.results)
        print(f"{dataset}: {size.train} + {size.test} examples ({size.source})")


if __name__ == "__main__":
    main()
