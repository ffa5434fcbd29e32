import pytest

from pielab.data.cards import check_bins, check_digests

CARD = {
    "dataset": "toy",
    "sha256": {"train": "a1", "test": "b2"},
    "counts": {"train": {"examples": 20}},
}


@pytest.mark.parametrize("sha256", [None, {}, {"train": "a1"}, {"train": "a1", "test": "b2"}])
def test_data_with_the_expected_digests_pass(sha256):
    check_digests(CARD, sha256)


def test_data_with_another_digest_are_refused_by_key():
    with pytest.raises(ValueError) as caught:
        check_digests(CARD, {"test": "a1"})
    assert str(caught.value) == "datasets.toy.sha256.test: a1; what was read has b2"


def test_there_may_be_as_many_bins_as_training_examples_and_no_more():
    check_bins(CARD, 20)
    with pytest.raises(ValueError) as caught:
        check_bins(CARD, 21)
    said = "influence.bins: 21; expected at most the 20 training examples of toy"
    assert str(caught.value) == said
