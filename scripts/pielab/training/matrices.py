"""A model's weight matrices, and what each of them reads of calibration texts."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from pielab.seeds import derive_seed
from pielab.training import batches, loop, models, passes, pruning, text_scores, weights

# Sums over what a matrix reads, float64: of squares (columns,), or of products (columns, columns)
Statistic = Callable[[Tensor], Tensor]


def matrices(model: nn.Module) -> dict[str, Tensor]:
    """Return the weight matrices that are compressed, (outputs, inputs), by name.

    Those that pruning prunes: not the embeddings', the last classifier layer's, or frozen ones. A
    matrix that its layer keeps as (inputs, outputs) is a view, so that a change reaches the layer.
    """
    across = weights.turned(model)
    return {
        name: weight.detach().T if name in across else weight
        for name, weight in pruning.prunable(model, layer_norm=False).items()
    }


def stages(model: nn.Module) -> list[list[str]]:
    """Return the names of the matrices in the order of compression, those of a stage together.

    The directions of an LSTM layer are one stage, because the next layer reads both.
    """
    found: dict[str, list[str]] = {}
    for name in matrices(model):
        stage = re.sub(r"^(forward|backward)_", "", _module_of(name))
        found.setdefault(stage, []).append(name)
    return list(found.values())


def _module_of(name: str) -> str:
    """Return the numbered module that a matrix is part of, its own layer if there is none."""
    numbered = re.match(r"(.*?\.\d+)\.", name)
    return numbered[1] if numbered else name.rpartition(".")[0]


def change_each(model: nn.Module, change: Callable[[Tensor], Tensor]) -> None:
    """Replace each matrix by what `change` makes of it."""
    with torch.no_grad():
        for weight in matrices(model).values():
            weight.copy_(change(weight))


def change_calibrated(
    model: models.Classifier,
    run: loop.Run,
    rows: Tensor,
    statistic: Statistic,
    change: Callable[[Tensor, Tensor], Tensor],
) -> None:
    """Replace each matrix by what `change` makes of it and of the statistic of its inputs.

    Stage by stage: what a stage reads has passed the stages before it as they are now, compressed
    (Frantar and Alistarh 2023, arXiv 2301.00774).
    """
    by_name, found = matrices(model), stages(model)
    layers = [list(dict.fromkeys(map(_module_of, names))) for names in found]
    with passes.passing(model, run, rows, layers) as read_until:
        for index, names in enumerate(found):
            with gathering(model, names, statistic) as inputs:
                read_until(index)
            with torch.no_grad():
                for name in names:
                    by_name[name].copy_(change(by_name[name], inputs[name]))


def sum_of_squares(inputs: Tensor) -> Tensor:
    """Return the sum of squares of inputs (tokens, columns), float64 (columns,)."""
    return inputs.double().square().sum(dim=0)


def sum_of_products(inputs: Tensor) -> Tensor:
    """Return the sum of products of inputs (tokens, columns), float64 (columns, columns)."""
    return functional.linear(inputs.T, inputs.T).double()  # see devices.fast_linears


@contextmanager
def gathering(
    model: nn.Module, names: list[str], statistic: Statistic
) -> Iterator[dict[str, Tensor]]:
    """Yield the statistic of what these matrices read while the context lasts, by name.

    Raises
    ------
    ValueError
        If a matrix belongs to a layer that is neither linear nor an LSTM.
    """
    sums: dict[str, Tensor] = {}
    with ExitStack() as stack:
        for name in names:
            stack.callback(_hook(model, name, statistic, sums).remove)
        yield sums


def _hook(
    model: nn.Module, name: str, statistic: Statistic, sums: dict[str, Tensor]
) -> torch.utils.hooks.RemovableHandle:
    path, _, leaf = name.rpartition(".")
    layer = model.get_submodule(path)
    if not weights.is_linear(layer):
        layer_type = type(layer).__name__
        raise ValueError(f"{name}: a layer of type {layer_type}; expected Linear or LSTM")

    def add(layer: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        read = given[0]
        if leaf.startswith("weight_hh"):  # what it said one token before
            states = output[0]  # (tokens, rows, columns)
            read = torch.cat([torch.zeros_like(states[:1]), states[:-1]])
        found = statistic(read.reshape(-1, read.shape[-1]).float())
        sums[name] = sums[name] + found if name in sums else found

    return layer.register_forward_hook(add)


def draw_texts(
    examples: batches.Encoded, drawn: Mapping, key: tuple[int, int], scores: Tensor | None = None
) -> Tensor:
    """Return the calibration texts of a draw for a dense model, int64 (texts,).

    Each dense model has draws of its own, so that models of different seeds share nothing.

    Parameters
    ----------
    drawn : mapping
        How many `examples`, and perhaps how they are `chosen`, see text_scores.choose.
    key : (int, int)
        The dense model's seed, and the draw.

    Raises
    ------
    ValueError
        If there are fewer examples.
    """
    wanted, (seed, draw) = drawn["examples"], key
    if wanted > len(examples):
        expected = f"at most {len(examples)}, the training examples"
        raise ValueError(f"calibration.examples: {wanted}; expected {expected}")
    generator = torch.Generator().manual_seed(derive_seed(seed, "calibration", draw))
    how = drawn.get("chosen", "at-random")
    return text_scores.choose(how, examples, wanted, generator, scores)
