"""How far a job has trained its models, so that the next attempt goes on there."""

import hashlib
import logging
import time
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from pielab import files, provenance
from pielab.training import adam, models

logger = logging.getLogger("pielab")


class Checkpoint:
    """The last finished epochs of a job's models: a file for each seed, beside the job's result.

    A file of other settings, code or inputs, or one that is damaged, counts as none. Writing
    is atomic, so that two copies of a job do no harm, and where it fails the job goes on.

    Attributes
    ----------
    stage, epoch : int
        What the present seed's model had finished when it was opened; -1 and 0 for nothing.
    kept : dict of tensors
        What else has to outlive the job, by names of the caller's choice, such as masks.
    """

    def __init__(
        self,
        result: str | Path,
        minutes: float,
        settings: Iterable[str],
        inputs: Iterable[str | Path],
    ) -> None:
        """Prepare files beside `result`, written when `minutes` of work would be lost.

        They count for a job of the same settings (which name the code too) and versions of inputs.
        """
        self._result, self._seconds = Path(result), 60 * minutes
        # By size and time, as Snakemake sees a change: an encoder's configuration, which lies
        # beside its weights, is rewritten with them
        versions = {str(p): [(s := Path(p).stat()).st_size, s.st_mtime_ns] for p in inputs}
        job = {"result": str(result), "settings": list(settings), "inputs": versions}
        self._job = provenance.canonical(job)
        self._written = time.monotonic()
        self._waiting: dict[int, tuple[dict[str, Tensor], dict[str, str]]] = {}

    def path(self, seed: int) -> Path:
        """Return the file of a seed."""
        return self._result.with_suffix(f".seed{seed}.checkpoint.safetensors")

    def open(self, seed: int) -> None:
        """Turn to the model of `seed`."""
        tensors, header = self._read(self.path(seed))
        self.seed, self.stage = seed, int(header.get("stage", -1))
        self.epoch = int(header.get("epoch", 0))
        self.kept, self._model = _part(tensors, "kept/"), _part(tensors, "model/")
        self._adam = _part(tensors, "adam/")
        if header:
            logger.info("seed %d goes on after stage %d epoch %d", seed, self.stage, self.epoch)

    def resume(self, stage: int, model: nn.Module, optimizer: adam.Adam) -> int:
        """Set model and optimizer to what was reached in `stage`; return its finished epochs."""
        if stage != self.stage:
            return 0
        models.restore(model, self._model)
        for name, parameter in model.named_parameters():
            if state := _part(self._adam, f"{name}/"):
                # Copies, since what was read is mapped from the file
                optimizer.state[parameter] = {
                    key: tensor.to(parameter.device, copy=True) for key, tensor in state.items()
                }
        self._model, self._adam = {}, {}
        return self.epoch

    def save(
        self,
        stage: int,
        epoch: int,
        model: nn.Module,
        optimizer: adam.Adam,
        stage_ends: bool,
    ) -> None:
        """Note that an epoch is finished; write it if enough work would be lost without it."""
        due = time.monotonic() - self._written >= self._seconds
        if not (due or stage_ends):
            return
        tensors = {f"model/{name}": t for name, t in models.trainable_state(model).items()}
        tensors |= {f"kept/{name}": t.cpu() for name, t in self.kept.items()}
        if not stage_ends:  # the next stage has a fresh Adam
            for name, parameter in model.named_parameters():
                state = optimizer.state.get(parameter, {})
                tensors |= {f"adam/{name}/{key}": t.cpu() for key, t in state.items()}
        header = {"job": self._job, "stage": str(stage), "epoch": str(epoch)}
        self._waiting[self.seed] = (tensors, header)  # of earlier seeds too, which took little time
        if due:
            self._write()

    def discard(self, seeds: Iterable[int]) -> None:
        """Remove the files, and what killed attempts left half written."""
        for seed in seeds:
            path = self.path(seed)
            for leftover in [path, *path.parent.glob(f".*.{path.name}")]:
                leftover.unlink(missing_ok=True)

    def _write(self) -> None:
        start = time.monotonic()
        for seed, (tensors, header) in self._waiting.items():
            header |= {"sha256": _sha256(tensors, header)}
            try:
                with files.replacing(self.path(seed)) as temporary:
                    save_file(tensors, temporary, header)
            except OSError as error:
                logger.warning("no checkpoint: %s", error)
        size = sum(t.nbytes for tensors, _ in self._waiting.values() for t in tensors.values())
        self._waiting.clear()
        self._written = time.monotonic()
        logger.info("checkpoint: %.3f GB in %.1f s", size / 1e9, self._written - start)

    def _read(self, path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
        try:
            with safe_open(path, framework="pt") as file:
                header = file.metadata() or {}
                if header.get("job") == self._job:
                    tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                    if header.get("sha256") == _sha256(tensors, header):
                        return tensors, header
                    logger.warning("%s is damaged and is not used", path)
                    return {}, {}
            logger.info("%s is of other settings, code or inputs: not used", path)
        except FileNotFoundError:
            pass
        except (OSError, SafetensorError) as error:
            logger.warning("%s cannot be read and is not used: %s", path, error)
        return {}, {}


def _sha256(tensors: dict[str, Tensor], header: dict[str, str]) -> str:
    """Return the digest of what a file holds, which is in its header, so that both come at once."""
    stated = {name: text for name, text in header.items() if name != "sha256"}
    digest = hashlib.sha256(provenance.canonical(stated).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names start with `prefix`, by the rest of their names."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
