"""Logs of lm-evaluation-harness as its release 0.4.13 writes them, made by hand."""

import hashlib
import json
from pathlib import Path


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def hashes(document, target, prompt):
    written = json.dumps(document, indent=2, ensure_ascii=False)
    return {
        "doc_hash": sha256(written),
        "prompt_hash": sha256(prompt),
        "target_hash": sha256(str(target)),
    }


def choice_row(number, scores, target=0, choices=None, text=None, **changes):
    """Return the row of a document with choices of these log probabilities."""
    choices = choices or [f"choice {position}" for position in range(len(scores))]
    text = f"What of number {number}?" if text is None else text
    document = {"question": text, "answer": "a secret one"}
    prompt = f"Q: {text}\nA:"
    pairs = [[str(score), "False"] for score in scores]
    requests = [{"arg_0": prompt, "arg_1": f" {choice}"} for choice in choices]
    right = float(max(range(len(scores)), key=scores.__getitem__) == target)
    row = {
        "doc_id": number,
        "doc": document,
        "target": str(target),
        "arguments": {f"gen_args_{position}": each for position, each in enumerate(requests)},
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "filter": "none",
        "metrics": ["acc"],
        **hashes(document, target, prompt),
        "acc": right,
    }
    return row | changes


def answer_row(number, value, metric="exact_match", **changes):
    """Return the row of a document whose answer is generated."""
    document = {"question": f"What is number {number}?", "answer": "42"}
    prompt = f"Q: What of another?\nA: 41\n\nQ: What is number {number}?\nA:"
    row = {
        "doc_id": number,
        "doc": document,
        "target": "42",
        "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {"until": ["\n"]}}},
        "resps": [["42"]],
        "filtered_resps": ["42"],
        "filter": "none",
        "metrics": [metric],
        **hashes(document, "42", prompt),
        metric: value,
    }
    return row | changes


def write_log(path, rows):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    Path(path).write_text("".join(lines), encoding="utf-8")
    return str(path)
