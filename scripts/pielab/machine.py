"""What the machine that Snakemake plans on has."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def has_gpu(device: str, nodes: Path = Path("/dev")) -> bool:
    """Return whether jobs with this `compute.device` find an NVIDIA GPU here.

    Told by the driver's files, since asking torch takes seconds at each start of Snakemake.
    """
    if device == "cpu" or os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    try:
        if version("torch").endswith("+cpu"):
            return False
    except PackageNotFoundError:  # --sdm conda brings the jobs' torch
        pass
    return any(nodes.glob("nvidia[0-9]*"))
