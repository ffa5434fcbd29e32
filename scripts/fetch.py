"""Read a dataset from its source, check it and write the splits with a card that describes them."""

import json
from pathlib import Path

from pielab import files, jobs, logs, provenance, study_lock
from pielab.data import cards, data_warnings, sources
from pielab.data.labels import class_counts
from pielab.data.splits import prepare


def main(settings: dict, train: str, test: str, card: str) -> None:
    frames, named_classes = sources.read_source(settings)
    splits, classes = prepare(frames, named_classes, settings)
    for name, path in (("train", train), ("test", test)):
        files.write_frame(path, splits[name])
        logs.logger.info("%s: %d examples", name, len(splits[name]))
    sha256 = {"train": provenance.sha256_of(train), "test": provenance.sha256_of(test)}
    repeated = data_warnings.texts_in_both(splits)
    lines = data_warnings.data_warnings(repeated, classes, settings["columns"])
    for line in lines:
        logs.logger.warning("%s: %s", settings["name"], line)
    description = {
        "dataset": settings["name"],
        "task": settings["task"],
        "classes": [str(name) for name in classes],
        "source": settings["hub"] or settings["files"] or settings["source"],
        "origin": settings["origin"],
        "counts": {
            name: {"examples": len(frame), "classes": class_counts(frame, classes)}
            for name, frame in splits.items()
        },
        "left_out": sum(map(len, frames.values())) - sum(map(len, splits.values())),
        "texts_in_both_splits": repeated,
        "warnings": lines,
        "sha256": sha256,
    }
    cards.check_digests(description, settings["sha256"])
    cards.check_bins(description, settings.get("bins", 0))
    files.write_text(card, json.dumps(description, indent=2, ensure_ascii=False) + "\n")


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, **job.outputs)
        if "owner" in job.settings:
            study_lock.claim(job.settings["owner"], Path(job.outputs["card"]).parents[2])
