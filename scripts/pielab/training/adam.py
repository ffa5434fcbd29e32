"""Adam by torch's fused kernel: the class in torch.optim imports compilers, 823 modules in 2.13.

That takes nearly as long as importing torch itself, 0.9 of it; these functions take 0.05 of it.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim.adam import adam


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) with torch's defaults, as `torch.optim.Adam`.

    Attributes
    ----------
    state : dict
        `step`, `exp_avg` and `exp_avg_sq` of each parameter.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        self.parameters, self.learning_rate = list(parameters), learning_rate
        self.state = {parameter: _fresh(parameter) for parameter in self.parameters}

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change the parameters that have a gradient by it."""
        changed = [(p, p.grad) for p in self.parameters if p.grad is not None]
        states = [self.state[parameter] for parameter, _ in changed]
        adam(
            [parameter for parameter, _ in changed],
            [gradient for _, gradient in changed],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            [state["step"] for state in states],
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


def _fresh(parameter: nn.Parameter) -> dict[str, Tensor]:
    zeros = (torch.zeros_like(parameter, requires_grad=False) for _ in range(2))
    step = torch.zeros((), dtype=torch.float32, device=parameter.device)
    return {"step": step} | dict(zip(("exp_avg", "exp_avg_sq"), zeros, strict=True))
