"""Hours on cards by arithmetic."""

import sys

import pytest

from helpers.benchmark_script import load
from helpers.dataset_settings import ROOT

sys.path.append(str(ROOT / "benchmarks"))


@pytest.fixture(scope="module")
def cards():
    return load("cards")


BERT = {"vectors": None, "pretrained": "x", "layers": None, "freeze_layers": None}
LSTM = {"vectors": "glove.txt", "pretrained": None, "layers": None, "freeze_layers": None}


def test_operations_are_those_of_a_count_by_hand(cards):
    # 12 layers; 12 products of a width of 768 with itself a token; scores and their sums
    assert cards.forward_operations(BERT, 100) == 12 * 100 * (24 * 768**2 + 400 * 768)
    # Two directions, four gates of 100 units, which read 300 and 100 numbers, then 200 and 100
    assert cards.forward_operations(LSTM, 10) == 10 * 2 * 2 * 400 * (400 + 300)


def test_layers_that_are_cut_or_frozen_cost_nothing(cards):
    whole = cards.forward_operations(BERT, 30)
    assert cards.forward_operations(BERT | {"freeze_layers": 9}, 30) == whole / 4
    assert cards.forward_operations(BERT | {"layers": 6}, 30) == whole / 2


def test_a_training_step_is_three_forward_passes(cards):
    forward = cards.forward_operations(LSTM, 20)
    assert cards.training_operations(LSTM, 20, trained=5, predicted=2) == 17 * forward


def test_hours_are_operations_over_a_share_of_the_peak(cards):
    card = cards.Card("some", 100, 50)
    fewest, most = cards.hours(card, encoder=3600 * 40e12, recurrent=0)
    assert (fewest, most) == (pytest.approx(1.0), pytest.approx(40 / 15))
    fewest, most = cards.hours(card, encoder=0, recurrent=3600 * 1.5e12)
    assert (fewest, most) == (pytest.approx(1.0), pytest.approx(6.0))


def test_a_card_that_was_measured_is_not_calculated(cards, capsys):
    rows = [{"operations": 1e18, "recurrent": False}]
    cards.show(rows, {"NVIDIA L4", "NVIDIA H200", "NVIDIA A100-SXM4-40GB"})
    said = capsys.readouterr().out
    assert "calculated and not measured" in said
    assert [line.split()[0] for line in said.splitlines()[3:]] == ["L40S", "RTX", "V100", "T4"]
