import copy
import dataclasses
import itertools
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.dataset_settings import SCHEMA
from helpers.small_model import bilstm, encoded, run
from pielab.training import batches, loop, models, pruning
from pielab.training.architectures import encoder

METHODS = {
    "imp-ft": pruning.Method("magnitude", "iterative"),
    "imp-wr": pruning.Method("magnitude", "iterative", rewind=True),
    "iibp-ft": pruning.Method("impact", "iterative", impact_examples=10),
    "iibp-wr": pruning.Method("impact", "iterative", rewind=True, impact_examples=10),
    "irp-ft": pruning.Method("random", "iterative"),
    "mp-ai": pruning.Method("magnitude", "at-initialisation"),
    "ibp-ai": pruning.Method("impact", "at-initialisation", impact_examples=10),
    "rp-ai": pruning.Method("random", "at-initialisation"),
    "control": pruning.Method("none", "iterative"),
}


def slow_prune(scores, mask, share):
    """Return the mask by sorting (score, position) pairs of what is left in plain Python."""
    left = [(s, i) for i, (s, keep) in enumerate(zip(scores, mask, strict=True)) if keep]
    gone = {i for _, i in sorted(left)[: round(share * len(left))]}
    return [keep and i not in gone for i, keep in enumerate(mask)]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=30),
    st.floats(0, 1),
)
def test_pruning_removes_what_a_plain_sort_removes(rows, share):
    scores, mask = (list(column) for column in zip(*rows, strict=True))
    if not any(mask):
        return
    got = pruning.prune_smallest(torch.tensor(scores).float(), torch.tensor(mask), share)
    assert got.tolist() == slow_prune(scores, mask, share)


def test_of_equal_weights_the_first_go():
    mask = pruning.prune_smallest(torch.ones(2, 5), torch.ones(2, 5, dtype=torch.bool), 0.7)
    assert mask.tolist() == [[False] * 5, [False] * 2 + [True] * 3]


def test_ties_that_are_kept_stay_at_the_percentile_and_the_rest_below_it_goes():
    everything = torch.ones(8, dtype=torch.bool)
    scores = torch.tensor([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0])
    # numpy's linear percentile by hand: position 0.5 * 7 is a zero; 0.75 * 7 = 5.25 gives 1.25
    assert pruning.prune_smallest(scores, everything, 0.5, "keep").all()
    kept = pruning.prune_smallest(scores, everything, 0.75, "keep")
    assert kept.tolist() == [False] * 6 + [True] * 2
    again = pruning.prune_smallest(scores, kept, 0.5, "keep")  # of what is left only: over 2.5
    assert again.tolist() == [False] * 7 + [True]


def test_a_gradient_with_dropout_differs_and_is_the_same_for_one_seed(tmp_path):
    from transformers import BertConfig, BertModel

    sizes = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=20, **sizes)).save_pretrained(tmp_path)
    model = encoder.Encoder(tmp_path, 2)
    masks = {"encoder.pooler.dense.weight": torch.ones(8, 8, dtype=torch.bool)}

    def left(**changes):
        method = dataclasses.replace(METHODS["ibp-ai"], **changes)
        return pruning.prune_once(model, masks, 0.5, method, run(), 0)[
            "encoder.pooler.dense.weight"
        ]

    assert torch.equal(left(impact_dropout=True), left(impact_dropout=True))
    assert not torch.equal(left(impact_dropout=True), left())


def test_a_sparsity_may_leave_one_weight():
    scores = torch.arange(100.0).reshape(10, 10)
    mask = pruning.prune_smallest(scores, torch.ones(10, 10, dtype=torch.bool), 0.99)
    assert mask.sum() == 1
    assert mask[9, 9]


def test_a_score_that_is_not_a_number_stops_the_pruning():
    with pytest.raises(ValueError, match="not a number"):
        pruning.prune_smallest(torch.tensor([1.0, float("nan")]), torch.tensor([True, True]), 0.5)


def test_three_steps_leave_what_one_would_leave():
    for sparsity in (20, 50, 70, 90, 99):
        left = 1.0
        for share in METHODS["imp-ft"].steps(sparsity):
            left *= 1 - share
        assert left == pytest.approx(1 - sparsity / 100)
        assert METHODS["mp-ai"].steps(sparsity) == [sparsity / 100]


def test_impact_is_the_weight_times_its_gradient():
    w = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
    scores = pruning.score({"w": w}, "impact", {"w": torch.tensor([-1.0, 0.1, 4.0])}, 0)
    assert torch.allclose(scores["w"], torch.tensor([1.0, 0.2, 2.0]))


# --- whole methods, on a BiLSTM small in tokens -------------------------------------------------


@pytest.fixture(scope="module")
def dense():
    model = bilstm()
    loop.train(model, run(), stage=0)
    return models.trainable_state(model)


@pytest.mark.parametrize("name", METHODS)
def test_masks_only_grow_counts_are_exact_and_pruned_weights_stay_zero(name, dense, monkeypatch):
    model, history, method = bilstm(), [], METHODS[name]
    apply = pruning.apply_masks

    def record(model, masks):
        history.append(masks)
        apply(model, masks)

    monkeypatch.setattr(pruning, "apply_masks", record)
    masks = pruning.compress(model, method, 90, dense, run())
    if name == "control":
        assert not masks
        return
    weights = pruning.prunable(bilstm(), layer_norm=False)
    left = {key: w.numel() for key, w in weights.items()}
    for share, step in zip(method.steps(90), history, strict=True):
        left = {key: count - round(share * count) for key, count in left.items()}
        assert {key: int(mask.sum()) for key, mask in step.items()} == left
    for before, after in itertools.pairwise(history):
        assert all((after[key] <= before[key]).all() for key in after)
    state = dict(model.named_parameters())
    assert all((state[key][~mask] == 0).all() for key, mask in masks.items())
    assert all((state[key][mask] != 0).any() for key, mask in masks.items())


def test_what_may_be_pruned_is_every_matrix_but_embeddings_and_classifier():
    names = set(pruning.prunable(bilstm(), layer_norm=True))
    lstm = {
        f"{side}.{n}.weight_{k}_l0"
        for side in ("forward_lstms", "backward_lstms")
        for n in "01"
        for k in ("ih", "hh")
    }
    assert names == lstm | {"hidden.0.weight", "hidden.2.weight"}


def test_rewinding_puts_the_survivors_and_the_biases_back_to_their_first_values(dense, monkeypatch):
    monkeypatch.setattr(loop, "train", lambda *args, **kwargs: None)
    model, initial = bilstm(), models.trainable_state(bilstm())
    masks = pruning.compress(model, METHODS["imp-wr"], 50, dense, run())
    for name, value in models.trainable_state(model).items():
        expected = initial[name] * masks[name] if name in masks else initial[name]
        assert torch.equal(value, expected)


def test_at_initialisation_the_first_weights_decide_and_the_dense_ones_are_not_needed(monkeypatch):
    monkeypatch.setattr(loop, "train", lambda *args, **kwargs: None)
    model, initial = bilstm(), models.trainable_state(bilstm())
    masks = pruning.compress(model, METHODS["mp-ai"], 50, None, run())
    for name, mask in masks.items():
        values = initial[name].abs()
        assert values[mask].min() >= values[~mask].max()


def test_the_control_trains_as_long_as_an_iterative_method_and_differs_from_the_dense_model(dense):
    model = bilstm()
    pruning.compress(model, METHODS["control"], 0, dense, run())
    again = bilstm()
    models.restore(again, dense)
    for stage in (1, 2, 3):
        loop.train(again, run(), stage)
    first, second = models.trainable_state(model), models.trainable_state(again)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], dense[name]) for name in first)


def test_the_impact_gradient_is_the_mean_over_examples_taken_one_by_one():
    model, data = bilstm(), encoded()
    rows = torch.tensor([3, 1, 20, 7])
    weights = pruning.prunable(model, layer_norm=False)
    settings = loop.Settings(epochs=1, learning_rate=0.01, batch_size=3)
    got = pruning.mean_gradient(model, weights, run(data, settings), rows)
    total = {name: torch.zeros_like(w) for name, w in weights.items()}
    for row in rows:
        single = copy.deepcopy(model)
        batch = batches.collate(data, row[None], 0)
        torch.nn.functional.cross_entropy(single(batch), batch.labels).backward()
        for name, parameter in single.named_parameters():
            if name in total:
                total[name] += parameter.grad / len(rows)
    assert all(torch.allclose(got[name], total[name], atol=1e-6) for name in got)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_random_masks_differ_between_seeds_and_are_the_same_for_one():
    weights = pruning.prunable(bilstm(), layer_norm=False)
    a, b, c = (pruning.score(weights, "random", {}, seed) for seed in (1, 1, 2))
    assert all(torch.equal(a[n], b[n]) and not torch.equal(a[n], c[n]) for n in a)


def test_every_criterion_of_the_schema_is_a_module_and_every_module_one_of_them():
    folder = Path(pruning.__file__).parent / "criteria"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    criteria = SCHEMA["$defs"]["method"]["properties"]["criterion"]["enum"]
    assert modules | {"none"} == set(criteria)
