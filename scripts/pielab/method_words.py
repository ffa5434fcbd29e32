"""Spell out what a method does, for readers who do not know its name."""

from collections.abc import Mapping

from pielab.methods import EXTERNAL, PRUNE, compressor, compressor_of
from pielab.remedies import remedy_name

CRITERIA = {"impact": "impact-based", "none": "no"}  # how sentences call a criterion


def spelled(method: Mapping) -> str:
    """Return what a method of the config does, such as `magnitude pruning at initialisation`."""
    name = compressor_of(method)
    if name == EXTERNAL:
        return "made elsewhere"
    if name != PRUNE:
        return compressor(name).words or f"{name}, after training"
    words = _pruning(method)
    remedy = remedy_name(method)
    return f"{words}; remedy: {remedy}" if remedy else words


def _pruning(method: Mapping) -> str:
    criterion, schedule = method.get("criterion", "none"), method.get("schedule")
    if criterion == "none":
        return "no pruning, trained as long as the iterative methods"
    pruning = f"{CRITERIA.get(criterion, criterion)} pruning"
    if schedule == "iterative":
        after = "weight rewinding" if method.get("rewind") else "fine-tuning"
        return f"iterative {pruning} with {after}"
    return f"{pruning} {'after training' if schedule == 'after-training' else 'at initialisation'}"
