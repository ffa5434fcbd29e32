"""Where a pretrained classifier keeps what: its list of layers, its last layer, heads and units."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from pielab.training.weights import Units, is_linear

# Siblings whose rows are heads, the value among them, and who reads these; then fused forms, whose
# rows are query, key and value one after the other
QUERIES = ("query", "query_proj", "q_proj", "q_lin", "pos_query_proj")
KEYS = ("key", "key_proj", "k_proj", "k_lin", "pos_key_proj")
VALUES = ("value", "value_proj", "v_proj", "v_lin")
FUSED = ("c_attn", "Wqkv")
HEAD_READERS = ("out_lin", "o_proj", "out_proj", "c_proj", "Wo", "dense")
# Layers whose rows are feed-forward units, in how many parts, and who reads these
FEED_FORWARD = {
    ("intermediate.dense",): (1, "output.dense"),
    ("lin1",): (1, "lin2"),
    ("ffn",): (1, "ffn_output"),
    ("c_fc",): (1, "c_proj"),
    ("fc1",): (1, "fc2"),
    ("Wi",): (2, "Wo"),
    ("gate_proj", "up_proj"): (1, "down_proj"),
}


class Anatomy(NamedTuple):
    """What one pass of a text shows of a classifier.

    `order`: the names of its modules in the order of their first calls; `last`: its last layer;
    `layers`: the name of its list of layers, None if it has none; `gives_tuples`: whether a layer
    returns a tuple, whose first element is the states.
    """

    order: dict[str, int]
    last: str
    layers: str | None
    gives_tuples: bool


def examine(model: Any) -> Anatomy:
    """Return what a transformers classifier is made of.

    Raises
    ------
    ValueError
        If its logits are not those of a linear layer.
    """
    order: dict[str, int] = {}
    calls: list[str] = []
    returned: dict[str, Any] = {}
    config = model.config
    # Two tokens, neither of which is padding
    token = next(number for number in range(1, 4) if number != config.pad_token_id)
    was_training = model.training
    with ExitStack() as stack, torch.no_grad():
        for name, module in model.named_modules():
            stack.callback(module.register_forward_pre_hook(_noting(name, order, calls)).remove)
            stack.callback(module.register_forward_hook(_keeping(name, returned)).remove)
        model.train(False)(
            input_ids=torch.full((1, 2), token), attention_mask=torch.ones(1, 2, dtype=torch.long)
        )
    model.train(was_training)
    linear = [name for name in order if is_linear(model.get_submodule(name))]
    outputs = [name for name in linear if _rows(model.get_submodule(name)) == config.num_labels]
    if not outputs or outputs[-1] != linear[-1]:
        raise ValueError(
            f"a {config.model_type} classifier: its logits are not those of a linear layer; "
            "expected one that ends with a linear layer of an output a class"
        )
    layers = _list_of_layers(model, calls)
    gives_tuples = layers is not None and isinstance(returned[f"{layers}.0"], tuple)
    return Anatomy(order, linear[-1], layers, gives_tuples)


def _noting(name: str, order: dict[str, int], calls: list[str]) -> Any:
    def note(module: nn.Module, given: tuple) -> None:
        order.setdefault(name, len(order))
        calls.append(name)

    return note


def _keeping(name: str, returned: dict[str, Any]) -> Any:
    def keep(module: nn.Module, given: tuple, output: Any) -> None:
        returned[name] = output

    return keep


def _rows(module: nn.Module) -> int:
    return int(getattr(module, "out_features", 0) or getattr(module, "nf", 0))


def _list_of_layers(model: Any, calls: list[str]) -> str | None:
    """Return the list whose modules are called once each, in turn, as many as the config states."""
    wanted = getattr(model.config, "num_hidden_layers", None)
    for name, module in model.named_modules():
        names = [f"{name}.{number}" for number in range(wanted or 0)]
        is_list = isinstance(module, nn.ModuleList) and len(module) == wanted
        if is_list and [call for call in calls if call in names] == names:
            return name
    return None


def frozen_parameters(model: Any, found: Anatomy, below: int) -> list[nn.Parameter]:
    """Return what is not trained if the embeddings and so many first layers are frozen.

    That is all that is called before the first trained layer, and what is outside of the layers and
    never called by itself, such as the table of relative positions that all layers read.
    """
    if found.layers is None:  # only its tables are known to be embeddings
        tables = [m for m in model.modules() if isinstance(m, nn.Embedding)]
        return [parameter for table in tables for parameter in table.parameters()]
    start = found.order[f"{found.layers}.{below}"]
    frozen = []
    for name, module in model.named_modules():
        number = name.removeprefix(f"{found.layers}.").partition(".")[0]
        if name.startswith(f"{found.layers}."):
            is_frozen = int(number) < below
        else:
            is_frozen = found.order.get(name, -1) < start
        frozen += list(module.parameters(recurse=False)) if is_frozen else []
    return frozen


def unused_parameters(model: Any, found: Anatomy) -> list[nn.Parameter]:
    """Return the weights of linear layers that are never called."""
    return [
        parameter
        for name, module in model.named_modules()
        if is_linear(module) and name not in found.order
        for parameter in module.parameters(recurse=False)
    ]


def unit_layers(model: nn.Module, kind: str, config: Any) -> Iterator[Units]:
    """Yield the attention heads or feed-forward units of each layer.

    Where several heads share a value, by the model's configuration, these go together.
    """
    heads = config.num_attention_heads
    groups = getattr(config, "num_key_value_heads", None) or heads
    for path, block in model.named_modules():
        children = dict(block.named_modules())
        if kind == "heads":
            yield from _heads(path, children, heads, groups)
        else:
            yield from _feed_forward(path, children)


def _heads(path: str, children: dict[str, nn.Module], heads: int, groups: int) -> Iterator[Units]:
    value = next((name for name in VALUES if is_linear_at(children, name)), None)
    fused = next((name for name in FUSED if is_linear_at(children, name)), None)
    if value is None and fused is None:
        return
    reader = next((name for name in HEAD_READERS if is_linear_at(children, name)), None)
    reading = f"{path}.{reader}"
    if reader is None:  # of a block around it, as in BERT
        reading = f"{path.rpartition('.')[0]}.output.dense"
    if value is not None:
        made = [n for n in (*QUERIES, *KEYS, value) if is_linear_at(children, n)]
        yield _units(groups, {f"{path}.{value}": (1, None)}, [f"{path}.{n}" for n in made], reading)
    else:
        yield _units(heads, {f"{path}.{fused}": (3, 2)}, [f"{path}.{fused}"], reading)


def _feed_forward(path: str, children: dict[str, nn.Module]) -> Iterator[Units]:
    for makers, (parts, reader) in FEED_FORWARD.items():
        if all(is_linear_at(children, name) for name in (*makers, reader)):
            made = [f"{path}.{name}" for name in makers]
            number = _rows(children[makers[0]]) // parts
            zeroed: dict[str, tuple[int, int | None]] = {name: (parts, None) for name in made}
            yield _units(number, zeroed, made, f"{path}.{reader}")


def is_linear_at(children: dict[str, nn.Module], name: str) -> bool:
    """Return whether a block has a linear layer of this name."""
    return name in children and is_linear(children[name])


def _units(
    number: int, zeroed: dict[str, tuple[int, int | None]], made: list[str], reader: str
) -> Units:
    leaves = ("weight", "bias")
    return Units(
        number,
        {f"{name}.{leaf}": parts for name, parts in zeroed.items() for leaf in leaves},
        [f"{name}.{leaf}" for name in made for leaf in leaves],
        [f"{reader}.weight"],
    )


class GivenStates(nn.Module):
    """Stands in for frozen layers: says what was given it, or what it reads if that is nothing."""

    def __init__(self, original: nn.Module, gives_tuples: bool) -> None:
        super().__init__()
        self.gives_tuples = gives_tuples
        self.states: Tensor | None = None
        for name, value in vars(original).items():  # such as the kind of attention, which is asked
            if not name.startswith("_") and name not in vars(self):
                setattr(self, name, value)

    def forward(self, hidden_states: Tensor, *unused: Any, **named: Any) -> Any:
        """Return the given states, as the layer that it stands for returns them."""
        states = hidden_states if self.states is None else self.states
        return (states, None) if self.gives_tuples else states
