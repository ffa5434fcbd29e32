"""Predictions, with the length of what the last layer reads beside them."""

import torch

from helpers.small_model import bilstm, encoded
from pielab.training import batches, predict


def test_norms_are_of_each_example_in_its_order():
    model, data = bilstm(), encoded()
    logits, norms = predict.predict_with_norms(model, data)
    assert torch.equal(torch.from_numpy(logits), torch.from_numpy(predict.predict(model, data)))
    for row in range(len(data)):
        batch = batches.collate(data, torch.tensor([row]), model.padding)
        read = []
        last = model.get_submodule(model.last)
        hook = last.register_forward_pre_hook(lambda layer, inputs, read=read: read.extend(inputs))
        with torch.inference_mode():
            model(batch)
        hook.remove()
        assert torch.isclose(read[0].norm(), torch.tensor(norms[row]), rtol=1e-5)


def test_what_is_kept_of_the_last_layer_leaves_no_hook_behind():
    model = bilstm()
    predict.predict_with_norms(model, encoded())
    assert not model.get_submodule(model.last)._forward_pre_hooks
