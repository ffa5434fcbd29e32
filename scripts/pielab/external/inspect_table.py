"""Write an Inspect log as a table of JSON lines, in an environment that has inspect_ai.

    python inspect_table.py LOG TABLE RESULTS

A line is a sample in an epoch, in the form in which lm-evaluation-harness logs documents, with
the value of each scorer as a metric. RESULTS gets what describes the run. inspect_ai conflicts
with what the rest of the project needs, so this file imports nothing else of it.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}  # correct, partially, incorrect, no answer
LONGEST = 200  # characters of an argument of a model that are kept
WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


def main(log: str, table: str, results: str) -> None:
    """Read a log by inspect_ai's own reader and write both files."""
    from inspect_ai.log import read_eval_log

    read = read_eval_log(log)
    rows, failed, unscored = [], 0, 0
    places: dict[str, int] = {}
    for sample in read.samples or []:
        scores = metrics_of(sample.scores or {})
        failed += sample.error is not None
        unscored += sample.error is None and not scores
        if sample.error is None and scores:
            place = places.setdefault(str(sample.id), len(places))
            rows.append(row_of(sample, scores, place))
    common = set.intersection(*(set(row["metrics"]) for row in rows)) if rows else set()
    for row in rows:  # a scorer that did not score a sample has no value for it
        row["metrics"] = [name for name in row["metrics"] if name in common]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    Path(table).write_text("".join(lines), encoding="utf-8")
    described = describe(read) | {"samples_failed": failed, "samples_unscored": unscored}
    Path(results).write_text(
        json.dumps({"config": described}, indent=1, default=str, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


def metrics_of(scores: dict) -> dict[str, float]:
    """Return a number for each scorer, and for each key of one that gives several."""
    found = {}
    for name, score in scores.items():
        values = score.value if isinstance(score.value, dict) else {None: score.value}
        for key, value in values.items():
            number = number_of(value)
            if number is not None:
                found[name if key is None else f"{name}/{key}"] = number
    return found


def number_of(value: object) -> float | None:
    """Return the value of a scorer as a number, None if it is none."""
    text = str(value)
    if not isinstance(value, bool) and (text in LETTERS or text.lower() in WORDS):
        return LETTERS.get(text, WORDS.get(text.lower()))
    if "_" in text:  # Python takes `1_0` for ten
        return None
    try:
        number = float(value) if isinstance(value, (bool, int, float)) else float(text)
    except (ValueError, OverflowError):
        return None
    return number if number == number else None


def row_of(sample: Any, scores: dict[str, float], place: int) -> dict:
    """Return a sample in an epoch as a line of a log of lm-evaluation-harness."""
    asked = text_of(sample.input)
    target = sample.target if isinstance(sample.target, str) else json.dumps(sample.target)
    completion = sample.output.completion if sample.output and sample.output.choices else ""
    answers = [score.answer for score in sample.scores.values() if score.answer is not None]
    document = {"input": asked, **{str(key): value for key, value in sample.metadata.items()}}
    return {
        "doc_id": place,
        "doc": json.loads(json.dumps(document, default=str)),
        "target": target,
        "arguments": {"gen_args_0": {"arg_0": asked, "arg_1": {}}},
        "resps": [[completion]],
        "filtered_resps": [answers[0] if answers else completion],
        "filter": "none",
        "metrics": list(scores),
        "doc_hash": digest(asked),
        "prompt_hash": digest("\n".join(message.text for message in sample.messages[:-1])),
        "target_hash": digest(target),
        "sample_id": str(sample.id),
        "epoch": sample.epoch,
        **scores,
    }


def text_of(asked: Any) -> str:
    """Return what is asked; for a chat, the last message."""
    return asked if isinstance(asked, str) else asked[-1].text


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def describe(read: Any) -> dict:
    """Return what of a run may change its answers, beside the model's weights."""
    about = read.eval
    return {
        "status": read.status,
        "task": about.task,
        "task_version": about.task_version,
        "task_args": about.task_args,
        "model": about.model,
        "model_args": {name: repr(value)[:LONGEST] for name, value in about.model_args.items()},
        "generate": about.model_generate_config.model_dump(exclude_none=True),
        "epochs": about.config.epochs,
        "limit": about.config.limit,
        "solver": about.solver,
        "packages": about.packages,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
