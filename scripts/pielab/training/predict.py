"""Predict with a trained model."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from tqdm import tqdm

from pielab import files
from pielab.training import batches, devices, models


@torch.inference_mode()
def predict(
    model: models.Classifier,
    encoded: batches.Encoded,
    pad_to: int | None = None,
    batch_size: int | None = None,
) -> np.ndarray:
    """Return the logits of all examples in their order, float32 (examples, classes).

    Raises
    ------
    ValueError
        If a logit is not a finite number.
    """
    device = next(model.parameters()).device
    model.train(False)
    # Larger batches leave the caches of a CPU, and smaller ones leave a GPU idle
    batch_size = batch_size or (64 if device.type == "cpu" else 512)
    logits = torch.empty(len(encoded), encoded.n_classes)
    rows = list(batches.sorted_batches(encoded.lengths.cpu(), batch_size))
    with devices.fast_linears(device), devices.autocast(device, model.autocasts):
        for part in tqdm(rows, desc="predict", disable=None, leave=False):
            batch = batches.collate(encoded, part.to(device), model.padding, pad_to)
            logits[part] = model(batch).float().cpu()
    if not logits.isfinite().all():
        raise ValueError("a prediction is not a finite number: the model has diverged")
    return logits.numpy()


def predict_with_norms(
    model: models.Classifier, encoded: batches.Encoded, pad_to: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return what predict does, and the length of the last layer's input, float32 (examples,)."""
    seen: list[torch.Tensor] = []

    def keep(layer: torch.nn.Module, read: tuple[torch.Tensor, ...]) -> None:
        seen.append(read[0].float().norm(dim=-1).cpu())

    hook = model.get_submodule(model.last).register_forward_pre_hook(keep)
    try:
        logits = predict(model, encoded, pad_to)
    finally:
        hook.remove()
    norms = torch.empty(len(encoded))
    norms[encoded.lengths.cpu().argsort(stable=True)] = torch.cat(seen)  # as batches are sorted
    return logits, norms.numpy()


def predict_splits(
    model: models.Classifier, splits: dict[str, batches.Encoded], pad_to: int | None
) -> dict[str, np.ndarray]:
    """Return the logits of each split."""
    return {split: predict(model, examples, pad_to) for split, examples in splits.items()}


def write_logits(
    path: str,
    logits: Sequence[np.ndarray],
    numbers: Mapping[str, Sequence[int]],
    header: dict[str, str],
) -> None:
    """Write the logits of a block's models on a split, float32 (models, examples, classes).

    `numbers` are the `seeds` and perhaps `draws` of the models; `header` says what they are for,
    `examples`, and how they were computed.
    """
    arrays = {name: np.array(values) for name, values in numbers.items()}
    files.write_arrays(path, {"logits": np.stack(logits)} | arrays, header)
