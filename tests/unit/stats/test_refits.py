import numpy as np
import pytest
from scipy.special import expit

from pielab.stats import odds, refits
from pielab.stats.odds import Sample
from pielab.stats.refits import LeftOut


def draw(rng, replicates=6, texts=300, factors=3, comparisons=4):
    """Factors that hardly differ between replicates, and outcomes of which each loses a part."""
    same = rng.normal(size=(factors, texts))
    design = same + 0.02 * rng.normal(size=(replicates, factors, texts))
    chance = expit(-1.5 + 0.8 * same[0] - 0.5 * same[-1])
    by_replicate = rng.binomial(comparisons, chance, (replicates, texts)) / comparisons
    without = [np.delete(by_replicate, at, axis=0).mean(axis=0) for at in range(replicates)]
    return Sample(same.T, by_replicate.mean(axis=0)), LeftOut(design, np.stack(without))


def one_by_one(left_out, scale):
    """Each replicate's fit by itself, from nothing."""
    samples = [Sample(factors.T, outcome) for factors, outcome in zip(*left_out, strict=True)]
    return np.stack([odds._fit(each, scale).coefficients for each in samples])


def model_variances(whole, left_out, scale):
    """The variance over replicates, one replicate and one text after another."""
    fitted = odds._fit(whole, scale)
    refitted = one_by_one(left_out, scale)[:, 1:]
    moved = []
    for factors, outcome in zip(*left_out, strict=True):
        of_replicate = []
        for text in range(len(outcome)):
            rows = [np.r_[1, one] for one in (factors[:, text], whole.factors[text])]
            scores = []
            for row, own in zip(rows, (outcome[text], whole.outcome[text]), strict=True):
                linear = row @ fitted.coefficients
                off = scale * (own - expit(linear)) if scale else own - linear
                scores.append(off * row)
            of_replicate.append(((scores[0] - scores[1]) @ fitted.inverse)[1:])
        moved.append(of_replicate)
    moved = np.array(moved)  # (replicates, texts, factors)
    number, n_texts = moved.shape[:2]
    of_models = ((refitted - refitted.mean(axis=0)) ** 2).sum(axis=0)
    squares = ((moved - moved.mean(axis=0)) ** 2).sum(axis=(0, 1))
    sums = moved.sum(axis=1)
    of_sums = ((sums - sums.mean(axis=0)) ** 2).sum(axis=0)
    of_both = (squares - of_sums / n_texts) * n_texts / (n_texts - 1)
    return np.maximum(0, of_models - of_both) * (number - 1) / number


@pytest.mark.parametrize("scale", [4, 0])
def test_the_variance_over_replicates_is_that_of_a_slow_reference(scale):
    whole, left_out = draw(np.random.default_rng(0))
    fitted = odds._fit(whole, scale)
    found = odds._model_variances(fitted, left_out)
    assert found == pytest.approx(model_variances(whole, left_out, scale), rel=1e-3)
    assert (found > 0).any()


@pytest.mark.parametrize("scale", [4, 0])
@pytest.mark.parametrize("chunk", [1, 3000, refits.CHUNK])
def test_refits_are_those_of_each_replicate_by_itself(scale, chunk, monkeypatch):
    monkeypatch.setattr(refits, "CHUNK", chunk)
    whole, left_out = draw(np.random.default_rng(1), replicates=5)
    start = odds._fit(whole, scale).coefficients
    found = list(refits.refits(left_out, scale, start))
    rows = np.concatenate([np.arange(5)[each.rows] for each in found])
    assert rows.tolist() == list(range(5))
    together = np.concatenate([each.coefficients for each in found])
    assert together == pytest.approx(one_by_one(left_out, scale), abs=1e-4)


def test_a_replicate_that_is_far_away_is_left_to_others():
    whole, left_out = draw(np.random.default_rng(2), replicates=4)
    left_out.outcome[2] = 0
    (found,) = refits.refits(left_out, 4, odds._fit(whole, 4).coefficients)
    assert np.isnan(found.coefficients).any(axis=1).tolist() == [False, False, True, False]
    assert np.isfinite(odds._model_variances(odds._fit(whole, 4), left_out)).all()


def test_chances_are_those_of_scipy():
    linear = np.r_[-1e4, -800, np.linspace(-40, 40, 1001), 800, 1e4]
    assert refits._chance(linear.copy()) == pytest.approx(expit(linear), rel=1e-14, abs=1e-300)
