"""How many tokens a model that was made elsewhere reads."""

import pytest
import transformers

from pielab.external.tokens import positions


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "roberta", "max_position_embeddings": 34, "pad_token_id": 0}, 33),
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 512),
        ({"model_type": "gpt2", "n_positions": 1024}, 1024),
        ({}, None),
        ({"max_position_embeddings": None}, None),
    ],
)
def test_positions_that_padding_uses_up_are_not_counted(described, expected):
    assert positions(described) == expected


@pytest.mark.parametrize("kind", ["Roberta", "Camembert", "XLMRoberta", "MPNet"])
def test_transformers_has_as_many_positions_as_are_counted(kind):
    import torch

    sizes = {"vocab_size": 20, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8}
    config = getattr(transformers, f"{kind}Config")(
        **sizes, num_hidden_layers=1, max_position_embeddings=12, pad_token_id=1
    )
    model = getattr(transformers, f"{kind}Model")(config).eval()
    most = positions(config.to_dict())
    model(input_ids=torch.full((1, most), 5))
    with pytest.raises((IndexError, RuntimeError)):
        model(input_ids=torch.full((1, most + 1), 5))
