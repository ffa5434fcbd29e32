"""Where and how exactly models compute."""

import torch
import torch.utils.deterministic


def choose_device(name: str) -> torch.device:
    """Return the device named `auto` (a GPU if there is one), `cpu` or `cuda`."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def autocast(device: torch.device) -> torch.autocast:
    """Return a context of bfloat16 arithmetic where the card has it, else of no effect."""
    enabled = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


def make_deterministic(threads: int) -> None:
    """Make this process's results independent of the number of cores and of what ran before."""
    torch.set_num_threads(threads)
    # Long texts push a BiLSTM's gradients into denormals, which a CPU computes 6 to 9 times slower
    torch.set_flush_denormal(True)
    # As use_deterministic_algorithms(True, warn_only=True), which imports compilers for a second
    torch.set_deterministic_debug_mode("warn")
    # Also fills fresh memory, for code that reads what it has not written: an eighth of the time
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = False
