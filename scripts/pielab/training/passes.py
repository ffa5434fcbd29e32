"""Pass calibration texts through a model again and again, while its stages are compressed in turn.

A stage is the layers that are compressed together, see matrices.stages.
Texts are batched by equal length, so that no matrix reads padding.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn

from pielab.training import batches, devices, loop, models

BATCH = 64  # texts that are read at a time


class _Passed(Exception):
    """Ends a pass: the texts have passed the stage that reads them."""


@contextmanager
def passing(
    model: models.Classifier, run: loop.Run, rows: Tensor, stages: list[list[str]]
) -> Iterator[Callable[[int], None]]:
    """Yield a function that passes the texts `rows` through a model until a stage has read them.

    It is called for one stage after another, each time with the stages before it as they will
    stay. What these say is computed once, and what comes after the stage not at all; of a model
    that calls its stages in another order, or more than once, all is computed each time.

    Parameters
    ----------
    rows : int64 (texts,)
        Among the examples of `run`.
    stages : list of list of str
        The names of each stage's modules.
    """
    device, pad_to = run.encoded.offsets.device, run.settings.pad_to
    modules = [[model.get_submodule(name) for name in names] for names in stages]
    parts = list(equal_length_batches(run.encoded.lengths, rows, pad_to))

    def read(part: Tensor) -> None:
        with suppress(_Passed), torch.no_grad(), devices.fast_linears(device):
            model(batches.collate(run.encoded, part.to(device), model.padding, pad_to))

    model.train(False)
    with ExitStack() as stack:
        in_order = [module for stage in modules for module in stage]
        in_turn = _called_by(lambda: read(rows[:1]), in_order) == in_order

        def read_until(index: int) -> None:
            if in_turn and index:
                for module in modules[index - 1]:
                    stack.callback(_remember(module, len(parts)))
            with ExitStack() as ends:
                for module in modules[index + 1] if in_turn and index + 1 < len(modules) else []:
                    ends.callback(module.register_forward_pre_hook(_end).remove)
                for part in parts:
                    read(part)

        yield read_until


def equal_length_batches(lengths: Tensor, rows: Tensor, pad_to: int | None) -> Iterator[Tensor]:
    """Yield `rows` in batches of texts with equally many tokens; padded ones all have `pad_to`."""
    lengths_of_rows = torch.full_like(rows, pad_to) if pad_to else lengths.cpu()[rows]
    for length in lengths_of_rows.unique():
        yield from rows[lengths_of_rows == length].split(BATCH)


def _called_by(work: Callable[[], None], modules: list[nn.Module]) -> list[nn.Module]:
    """Return which of these modules are called, in their order."""
    called: list[nn.Module] = []
    with ExitStack() as stack:
        for module in modules:
            hook = module.register_forward_pre_hook(
                lambda called_module, given: called.append(called_module)
            )
            stack.callback(hook.remove)
        work()
    return called


def _remember(module: nn.Module, number: int) -> Callable[[], None]:
    """Let a module say again what it said of each of so many batches; return what ends that."""
    compute, outputs = module.forward, deque[Any]()

    def forward(*given: Any, **named: Any) -> Any:
        outputs.append(outputs.popleft() if len(outputs) == number else compute(*given, **named))
        return outputs[-1]

    module.forward = forward
    return lambda: delattr(module, "forward")


def _end(module: nn.Module, given: tuple) -> None:
    raise _Passed
