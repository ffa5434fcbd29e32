import json

import pytest

from pielab import digests
from pielab.data.cards import check_bins, check_digests, check_fetched

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


def test_a_card_on_disk_is_read_only_if_something_is_expected_of_it(tmp_path):
    path = tmp_path / "card.json"
    check_fetched(path, {"train": "a1"})
    path.write_text("")
    check_fetched(path, None)
    with pytest.raises(ValueError, match=r"card.json: not a card; remove it to fetch"):
        check_fetched(path, {"train": "a1"})
    path.write_text(json.dumps(CARD))
    check_fetched(path, {"train": "a1"})
    with pytest.raises(ValueError, match=r"sha256.train: 0; what was read has a1"):
        check_fetched(path, {"train": "0"})


def test_a_card_that_was_changed_is_told_from_one_of_other_data(tmp_path, monkeypatch):
    monkeypatch.setattr(digests, "SECONDS", 0)
    path = tmp_path / "data/toy/card.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(CARD))
    digests.write(path, tmp_path)
    check_fetched(path, {"train": "a1"})
    path.write_text(json.dumps(CARD).replace("a1", "a2"))
    with pytest.raises(ValueError, match=r"card.json: changed since it was written; delete it"):
        check_fetched(path, {"train": "a1"})


def test_there_may_be_as_many_bins_as_training_examples_and_no_more():
    check_bins(CARD, 20)
    with pytest.raises(ValueError) as caught:
        check_bins(CARD, 21)
    said = "influence.bins: 21; expected at most the 20 training examples of toy"
    assert str(caught.value) == said
