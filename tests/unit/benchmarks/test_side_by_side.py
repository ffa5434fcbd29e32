import csv
import time

import pytest
import torch

from helpers.benchmark_script import load
from pielab.training import pruning


@pytest.fixture(scope="module")
def bench():
    return load("side_by_side")


def working(seconds, units=1):
    """Return a contender that computes for so long."""

    def work():
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
        return units

    return lambda: work


def test_seconds_are_those_of_the_processor_by_unit_of_work(bench):
    assert 0.005 <= bench.seconds_of(working(0.05, units=10)) < 0.02
    assert bench.seconds_of(lambda: lambda: time.sleep(0.3) or 1) < 0.1


@pytest.mark.slow
def test_a_row_says_seconds_ratios_and_whether_the_goal_is_reached(bench):
    goals = {"slow": 2.0, "even": 2.0}
    rivals = {"slow": working(0.3), "even": working(0.05)}
    slow, even = bench.compare(bench.Contest("x", working(0.05), rivals, goals=goals), 3)
    assert (slow["reached"], even["reached"]) == ("yes", "no")
    assert float(slow["ratio_min"]) <= float(slow["ratio_median"])
    (alone,) = bench.compare(bench.Contest("x", working(0.05), {}, most=10), 1)
    assert (alone["goal"], alone["reached"]) == ("10 s", "yes")


def test_a_contender_that_fails_is_no_fast_one(bench, capfd):
    with pytest.raises(ValueError, match="a contender failed"):
        bench.seconds_of(lambda: lambda: 1 // 0)


def test_results_of_a_day_and_machine_are_kept_once(bench, tmp_path):
    path = tmp_path / "results.csv"
    row = {"date": "d", "machine": "m", "what": "x", "rival": "y", "ours_s": "1"}
    bench.keep([row], path)
    bench.keep([row | {"ours_s": "2"}, row | {"rival": "z"}], path)
    bench.keep([row | {"date": "e"}], path)
    with open(path) as file:
        found = [(r["date"], r["rival"], r["ours_s"]) for r in csv.DictReader(file)]
    assert found == [("d", "y", "2"), ("d", "z", "1"), ("e", "y", "1")]


def test_rivals_prune_what_we_prune():
    rivals = load("rivals")
    scores = torch.randint(0, 9, (40, 30)).float()  # many ties
    mask = torch.rand(40, 30) < 0.8
    ours = pruning.prune_smallest(scores, mask, 0.3)
    assert torch.equal(rivals.prune_by_kthvalue(scores, mask, 0.3), ours)
    kept = pruning.prune_smallest(scores, mask, 0.3, ties="keep")
    assert torch.equal(rivals.prune_by_percentile(scores, mask, 0.3), kept)
    assert rivals.mask_at_random((40, 30), 0.3).sum() == 840
