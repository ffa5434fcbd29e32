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
    before, after = (_is_right(own, truth, several) for own in (dense, compressed))
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
    origin = f"seed {facts['seed']}"
    origin += f", calibration draw {facts['draw']}" if facts["draw"] is not None else ""
    found = [f"- {one['verdict']}: {sentence(one, version)}" for one in version["rules"]]
    limit = facts["max_tokens"]
    return "\n".join(
        [
            "---",
            "library_name: transformers",
            "pipeline_tag: text-classification",
            "---",
            "",
            f"# {version['model']}, compressed by {version['method']} ({version['level_text']})",
            "",
            f"One of the models that PIElab compressed and audited on {version['dataset']}: "
            f"{origin}. {facts['weights']}",
            "",
            "```python",
            "from transformers import pipeline",
            "",
            'classify = pipeline("text-classification", "THIS FOLDER")',
            f'classify("a text", truncation=True, max_length={limit})',
            "```",
            "",
            f"Called so, it decides on all {facts['agrees']} audited texts as the audited model "
            "did. Its weights are float32: pruned ones are zeros, quantised ones the values that "
            "they are rounded to.",
            *(["", facts["packed"]] if facts["packed"] else []),
            "",
            "## What was lost",
            "",
            f"Of {facts['examples']} texts, this model got {facts['newly_wrong']} newly wrong and "
            f"{facts['newly_right']} newly right, compared with {before}.",
            "",
            f"The gate judged all models of this kind together: {version['verdict']}.",
            "",
            *found,
            "",
            f"The report: {facts['report']}",
            "",
        ]
    )


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
    found = [f"- {one['verdict']}: {sentence(one, version)}" for one in version["rules"]]
    drawn = f", calibration draw {facts['draw']}" if facts["draw"] is not None else ""
    return "\n".join(
        [
            "---",
            "library_name: transformers",
            "pipeline_tag: text-generation",
            "---",
            "",
            f"# {version['model']}, compressed by {version['method']} ({version['level_text']})",
            "",
            f"A decoder that PIElab compressed and audited on {version['dataset']}{drawn}. "
            f"{facts['weights']}.",
            "",
            f"Its weights are {facts['precision']}: pruned ones are zeros, quantised ones the "
            "values that they are rounded to.",
            "",
            "## What was lost",
            "",
            f"The gate judged all models of this kind together: {version['verdict']}.",
            "",
            *found,
            "",
            f"The report: {facts['report']}",
            "",
        ]
    )
