"""The card of a compressed model that leaves: what was done, what was lost, how to call it."""

from collections.abc import Mapping

import numpy as np

from pielab.gate.wording import sentence


def own_flips(
    dense: np.ndarray, compressed: np.ndarray, truth: np.ndarray, several: bool
) -> tuple[int, int]:
    """Return how many texts one model got wrong by compression, and how many right.

    Parameters
    ----------
    dense, compressed : float (texts, classes)
        Logits of the model before and after.
    truth : int (texts,), or with several labels 0 or 1 (texts, classes)
    """
    before, after = (_is_right(side, truth, several) for side in (dense, compressed))
    return int((before & ~after).sum()), int((~before & after).sum())


def _is_right(logits: np.ndarray, truth: np.ndarray, several: bool) -> np.ndarray:
    if several:
        return ((logits > 0) == truth.astype(bool)).all(axis=1)
    return logits.argmax(axis=1) == truth


def card(version: Mapping, facts: Mapping) -> str:
    """Return the text of a README.md.

    Parameters
    ----------
    version : mapping
        What gate.json holds of the version.
    facts : mapping
        `model` (its name), `seed` and `draw` (of this model; the draw None if there are none),
        `max_tokens`, `examples`, `newly_wrong`, `newly_right`, `agrees` (texts on which the folder
        decides as the audited model), `report`, `weights` (a sentence on what was compressed),
        `is_retrained` (whether it was trained after pruning) and `packed` (a sentence on its other
        form, perhaps empty).
    """
    before = "the dense model of its seed" if facts["is_retrained"] else "itself before compression"
    drawn = f", calibration draw {facts['draw']}" if facts["draw"] is not None else ""
    about = [
        f"One of the models that PIElab compressed and audited on {version['dataset']}: "
        f"seed {facts['seed']}{drawn}. {facts['weights']}",
        "",
        "```python",
        "from transformers import pipeline",
        "",
        'classify = pipeline("text-classification", "THIS FOLDER")',
        f'classify("a text", truncation=True, max_length={facts["max_tokens"]})',
        "```",
        "",
        f"Called so, it decides on all {facts['agrees']} audited texts as the audited model "
        "did. Its weights are float32: pruned ones are zeros, quantised ones the values that "
        "they are rounded to.",
        *(["", facts["packed"]] if facts["packed"] else []),
    ]
    lost = [
        f"Of {facts['examples']} texts, this model got {facts['newly_wrong']} newly wrong and "
        f"{facts['newly_right']} newly right, compared with {before}.",
        "",
    ]
    return _card("text-classification", version, about, lost, facts["report"])


def decoder_card(version: Mapping, facts: Mapping) -> str:
    """Return the text of a README.md of a decoder.

    Parameters
    ----------
    version : mapping
        What gate.json holds of the version.
    facts : mapping
        `draw` (of this model, None if there are none), `precision`, `report`, and `weights` (a
        sentence on what was compressed).
    """
    drawn = f", calibration draw {facts['draw']}" if facts["draw"] is not None else ""
    about = [
        f"A decoder that PIElab compressed and audited on {version['dataset']}{drawn}. "
        f"{facts['weights']}.",
        "",
        f"Its weights are {facts['precision']}: pruned ones are zeros, quantised ones the "
        "values that they are rounded to.",
    ]
    return _card("text-generation", version, about, [], facts["report"])


def _card(task: str, version: Mapping, about: list[str], lost: list[str], report: str) -> str:
    return "\n".join(
        [
            "---",
            "library_name: transformers",
            f"pipeline_tag: {task}",
            "---",
            "",
            f"# {version['model']}, compressed by {version['method']} ({version['level_text']})",
            "",
            *about,
            "",
            "## What was lost",
            "",
            *lost,
            f"The gate judged all models of this kind together: {version['verdict']}.",
            "",
            *(f"- {rule['verdict']}: {sentence(rule, version)}" for rule in version["rules"]),
            "",
            f"The report: {report}",
            "",
        ]
    )
