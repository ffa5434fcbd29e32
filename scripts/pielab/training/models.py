"""A classifier, how it is built from the config, and files of trained weights."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pielab import files
from pielab.seeds import derive_seed
from pielab.training import batches, weights
from pielab.training.architectures import architecture_module


class Classifier(nn.Module):
    """A model that turns batches into logits.

    Attributes
    ----------
    padding : int
        The id that fills its batches up.
    autocasts : bool
        Whether it may compute in bfloat16 where the card has it.
    last : str
        The name of the last layer, which is never compressed.
    unit_kinds : tuple of str
        What `structured` can remove of it: heads, feed_forward or lstm_units.
    not_loaded : mapping
        How many weights of the whole model are left out of this one, by their roles.
    """

    padding: int
    autocasts = False
    last = "classifier"
    unit_kinds: tuple[str, ...] = ()
    not_loaded: Mapping[str, int] = {}

    def forward(self, batch: batches.Batch) -> Tensor:
        """Return logits (rows, classes)."""
        raise NotImplementedError

    def units(self, what: str) -> list[weights.Units]:
        """Return the units of each layer that can be removed whole."""
        return []


def build(settings: dict, pretrained: str | Path, n_classes: int, seed: int) -> Classifier:
    """Return the model that `seed` initialises, on the CPU.

    Parameters
    ----------
    settings : dict
        The model's `architecture`, and what that reads of a model's keys.
    pretrained : path
        What it starts from: a file of word vectors, or of the weights in a fetched folder.
    """
    module = architecture_module(settings["architecture"])
    torch.manual_seed(derive_seed(seed, "initialisation"))
    return module.build(settings, pretrained, n_classes)


def trainable_state(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the parameters that training changes, on the CPU."""
    return {
        name: parameter.detach().cpu().clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def restore(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Set the trainable parameters to `state`."""
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if parameters.keys() != state.keys():
        wrong = sorted(parameters.keys() ^ state.keys())
        raise ValueError(f"the weights do not fit the model: {wrong[0]} is in one of them only")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(state[name])


@contextmanager
def writing_states(
    path: str | Path, model: nn.Module, seeds: Sequence[int]
) -> Iterator[Callable[[int, nn.Module], None]]:
    """Yield a function that writes a seed's trained parameters to the one file of all seeds.

    `model` is like those to come; the file appears when the block ends without error.
    """
    shapes = {
        f"{seed}/{name}": (np.dtype(np.float32), tuple(parameter.shape))
        for seed in seeds
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    with files.writing_arrays(path, shapes, weights.header(model)) as put:

        def write(seed: int, model: nn.Module) -> None:
            for name, parameter in model.named_parameters():
                if parameter.requires_grad:
                    put(f"{seed}/{name}", parameter.detach().cpu().numpy())

        yield write


def read_state(path: str | Path, seed: int) -> dict[str, Tensor]:
    """Return the trainable parameters of one seed's model.

    Raises
    ------
    ValueError
        If it is no whole file.
    """
    prefix = f"{seed}/"
    with files.open_arrays(path, "pt") as file:
        names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
        return {name.removeprefix(prefix): file.get_tensor(name) for name in names}
