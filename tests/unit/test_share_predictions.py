"""What a study leaves for others to read."""

from pathlib import Path

import numpy as np
import pytest

import share_predictions
from pielab import files


@pytest.mark.parametrize("embedded", [[], ["rotten_tomatoes"]])
def test_predictions_are_halved_and_embeddings_are_as_they_are(tmp_path, embedded):
    block = tmp_path / "films/lstm/dense/none/seeds0-0.test.safetensors"
    logits = np.array([[[1.0002, 1.0001], [0.1, 0.3]]], dtype=np.float32)
    files.write_arrays(block, {"logits": logits, "seeds": np.array([0])}, {"examples": "ab"})
    made = [tmp_path / f"{name}.embeddings.safetensors" for name in embedded]
    for path in made:
        files.write_arrays(path, {"test": np.eye(3, dtype=np.float16)}, {"test": "cd"})
    inputs = {"predictions": [str(block)], "embeddings": list(map(str, made))}
    shared = tmp_path / "shared"
    outputs = {"predictions": [str(shared / "seeds0-0.test.safetensors")]}
    outputs["embeddings"] = [str(shared / name / "embeddings.safetensors") for name in embedded]
    share_predictions.main({"single_label": ["films"]}, inputs, outputs)
    arrays, header = files.read_arrays(outputs["predictions"][0])
    assert header == {"examples": "ab"}
    assert arrays["logits"].dtype == np.float16
    assert arrays["logits"].argmax(axis=2).tolist() == [[0, 1]]
    for path, output in zip(made, outputs["embeddings"], strict=True):
        assert path.read_bytes() == Path(output).read_bytes()
