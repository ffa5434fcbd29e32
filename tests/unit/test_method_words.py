"""What a method does, for who has never heard its name."""

import pytest

from pielab.method_words import spelled
from pielab.methods import COMPRESSORS, PRUNE, compressor, compressor_names


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (("magnitude", "iterative", False), "iterative magnitude pruning with fine-tuning"),
        (("impact", "iterative", True), "iterative impact-based pruning with weight rewinding"),
        (("random", "at-initialisation", False), "random pruning at initialisation"),
        (("magnitude", "after-training", False), "magnitude pruning after training"),
        (("none", "iterative", False), "no pruning, trained as long as the iterative methods"),
    ],
)
def test_a_pruning_method_is_spelled_by_criterion_schedule_and_rewinding(method, words):
    assert spelled(dict(zip(("criterion", "schedule", "rewind"), method, strict=True))) == words


def test_a_remedy_is_named():
    method = {"criterion": "magnitude", "schedule": "iterative"}
    method |= {"objective": {"name": "distillation", "teacher": "own"}}
    assert spelled(method).endswith("with fine-tuning; remedy: distillation")


@pytest.mark.parametrize("name", compressor_names())
def test_every_compressor_says_what_it_does(name):
    words = spelled({"compressor": name})
    assert words == (compressor(name).words or "made elsewhere")
    assert words.isascii()
    assert not words.endswith(".")


def test_the_compressor_without_words_is_the_one_that_prunes():
    assert PRUNE in {path.stem for path in COMPRESSORS.glob("*.py")}
