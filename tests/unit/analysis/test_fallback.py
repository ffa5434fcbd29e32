"""What is left of negative flips if the least sure texts go to the baseline's models."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pielab.analysis.fallback import (
    COLUMNS,
    LABELS_ONLY,
    TOO_FEW,
    fallback_table,
    halves,
    negative_flips,
    recommended,
    routed,
    rows_of,
    with_sizes,
)
from pielab.pies.cell import Cell, Predictions
from pielab.pies.decisions import decide
from pielab.pies.scores import model_scores
from pielab.stats.fallback import SHARES


def cell_of_logits(dense, compressed, labels, draws=1):
    labels = np.asarray(labels)
    sides = [
        decide({"test": np.asarray(side, dtype=np.float32)}, labels[:0])["test"]
        for side in (dense, compressed)
    ]
    return Cell(*sides, labels, np.arange(len(labels)), "lowest", draws=draws)


def random_cell(models=5, texts=120, classes=3, several=False, seed=0):
    """Return a cell whose compressed models err most where they are least sure."""
    rng = np.random.default_rng(seed)
    shape = (models, texts, classes)
    if several:
        labels = (rng.random((texts, classes)) < 0.4).astype(np.uint8)
        truth = np.where(labels, 1.5, -1.5)
    else:
        labels = rng.integers(0, classes, texts)
        truth = 2.0 * (labels[:, None] == np.arange(classes))
    dense = truth + rng.normal(0, 0.8, shape)
    return cell_of_logits(dense, dense + rng.normal(0, 0.9, shape), labels)


def slow_table(cell, chosen_on, judged_on):
    """Return for each share what is left, by going through models and texts one by one."""
    rows = []
    margins = []
    for logits in cell.compressed.logits.astype(float):
        own = []
        for text in logits:
            scores = sorted(np.exp(text) / np.exp(text).sum())
            own.append(scores[-1] - scores[-2])
        margins.append(own)
    for share in SHARES:
        left = right = sent = 0
        for model, own in enumerate(margins):
            allowed = int(share * len(chosen_on) + 1e-9)
            ordered = sorted(own[text] for text in chosen_on)
            cut = [0, *ordered[1:], np.inf][allowed]
            for text in judged_on:
                goes = own[text] < cut
                before = cell.baseline.logits[model, text].argmax() == cell.labels[text]
                after = cell.compressed.logits[model, text].argmax() == cell.labels[text]
                sent += goes
                left += before and not after and not goes
                right += before if goes else after
        total = len(margins) * len(judged_on)
        rows.append((sent / total, left / total, right / total))
    return np.array(rows)


def test_one_pair_of_models_of_eight_texts_by_hand():
    # The compressed model flips the two texts of which it is least sure, 0 and 1
    odds = np.array([-0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    dense = np.stack([np.ones(8), np.zeros(8)], axis=1)
    compressed = np.stack([odds, np.zeros(8)], axis=1)
    cell = cell_of_logits([dense], [compressed], np.zeros(8, dtype=int))
    table = fallback_table(cell, np.random.default_rng(0)).set_index("share")
    assert negative_flips(cell).sum() == 2
    assert table["all_flips_left"].loc[[0, 0.12, 0.13, 0.25, 1]].tolist() == [
        *(0.25, 0.25, 0.125, 0.0, 0.0)
    ]
    assert table["all_share_left"].loc[[0.12, 0.13, 0.25]].tolist() == [1.0, 0.5, 0.0]
    assert table["all_sent"].loc[[0.12, 0.13, 0.25, 1]].tolist() == [0, 0.125, 0.25, 1]


def test_the_judged_half_is_as_a_slow_count_says():
    cell = random_cell()
    table = fallback_table(cell, np.random.default_rng(3))
    slow = slow_table(cell, *halves(120, np.random.default_rng(3)))
    assert table[["sent", "flips_left", "score"]].to_numpy() == pytest.approx(slow)


@pytest.mark.parametrize("several", [False, True])
def test_no_text_sent_leaves_each_flip_and_every_text_sent_none(several):
    cell = random_cell(several=several)
    table = fallback_table(cell, np.random.default_rng(0))
    _, judged_on = halves(120, np.random.default_rng(0))
    flips = negative_flips(cell)
    first, last = table.iloc[0], table.iloc[-1]
    assert first[["share", "sent", "all_sent"]].tolist() == [0, 0, 0]
    all_left = first[["flips_left", "best_left", "random_left"]].tolist()
    assert all_left == pytest.approx([flips[:, judged_on].mean()] * 3)
    assert first["all_flips_left"] == flips.mean()
    ends = ["flips_left", "flips_left_low", "flips_left_high", "random_left", "best_left"]
    assert last[["share", "sent", *ends]].tolist() == [1, 1, 0, 0, 0, 0, 0]
    for row, side in ((first, cell.compressed), (last, cell.baseline)):
        of_half = side.decisions[:, judged_on], cell.truth[judged_on], several
        assert row["score"] == pytest.approx(model_scores(*of_half).mean())


@pytest.mark.parametrize("several", [False, True])
def test_hindsight_is_best_and_more_texts_leave_fewer_flips(several):
    table = fallback_table(random_cell(several=several), np.random.default_rng(0))
    assert (table["best_left"] <= table["flips_left"] + 1e-12).all()
    assert (table["flips_left_low"] <= table["flips_left"]).all()
    assert (table["flips_left"] <= table["flips_left_high"]).all()
    for name in ("flips_left", "random_left", "best_left", "all_flips_left"):
        assert (table[name].diff().dropna() <= 1e-12).all()
    assert (table["sent"].diff().dropna() >= 0).all()


def test_margins_that_know_nothing_are_as_good_as_chance():
    gaps = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        labels, sure = np.zeros(60, dtype=int), rng.uniform(0.1, 2, (1, 60))
        wrong = rng.random((1, 60)) < 0.3
        odds = np.where(wrong, -sure, sure)
        dense = np.stack([np.ones((1, 60)), np.zeros((1, 60))], axis=2)
        cell = cell_of_logits(dense, np.stack([odds, np.zeros((1, 60))], axis=2), labels)
        table = fallback_table(cell, rng).set_index("share").loc[0.3]
        gaps.append(table["flips_left"] - table["random_left"])
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / 60**0.5


def test_the_share_is_chosen_on_one_half_alone():
    cell = random_cell()
    _, judged_on = halves(120, np.random.default_rng(0))
    logits = cell.compressed.logits.copy()
    logits[:, judged_on] = np.random.default_rng(1).normal(size=logits[:, judged_on].shape)
    other = replace(cell, compressed=replace(cell.compressed, logits=logits))
    tables = [fallback_table(one, np.random.default_rng(0)) for one in (cell, other)]
    assert tables[0]["margin"].equals(tables[1]["margin"])
    assert tables[0]["chosen"].equals(tables[1]["chosen"])
    assert tables[0]["chosen"].sum() == 1


def test_the_smallest_share_that_leaves_a_quarter_is_recommended():
    margins = np.arange(100)[None] / 100 + 0.001
    flips = np.isin(np.arange(100), [2, 4, 6, 90])[None]
    assert recommended(flips, margins) == 0.07  # three of four are gone with the seven lowest
    assert recommended(np.zeros_like(flips), margins) == 0


def test_draws_of_a_seed_are_one_replicate_of_the_interval():
    one = random_cell(models=6)
    repeated = [
        replace(
            side,
            logits=np.repeat(side.logits, 3, axis=0),
            decisions=np.repeat(side.decisions, 3, 0),
        )
        for side in one.sides
    ]
    drawn = replace(one, baseline=repeated[0], compressed=repeated[1], draws=3)
    tables = [fallback_table(cell, np.random.default_rng(0)) for cell in (one, drawn)]
    pd.testing.assert_frame_equal(*tables)


def test_labels_alone_have_no_margin():
    table = fallback_table(random_cell(), np.random.default_rng(0), scores_known=False)
    assert table["note"].tolist() == [LABELS_ONLY]
    assert table[["margin", "flips_left", "score"]].isna().all(axis=None)
    assert tuple(table) == COLUMNS


def test_a_single_text_has_no_halves():
    table = fallback_table(random_cell(texts=1), np.random.default_rng(0))
    assert table["note"].tolist() == [TOO_FEW]


def test_two_texts_and_one_pair_of_models_have_a_table():
    table = fallback_table(random_cell(models=1, texts=2), np.random.default_rng(0))
    assert len(table) == len(SHARES)
    assert table[["flips_left_low", "score_high"]].notna().all(axis=None)


def test_texts_are_routed_by_the_threshold_of_the_other_half():
    cell = random_cell(models=2, texts=10)
    (found,) = routed(cell, [0.4], np.random.default_rng(5))
    both = halves(10, np.random.default_rng(5))
    margins = np.sort(np.exp(cell.compressed.logits.astype(float)), axis=2)
    margins = (margins[:, :, -1] - margins[:, :, -2]) / margins.sum(axis=2)
    for judged_on, chosen_on in (both, both[::-1]):
        for model in range(2):
            cut = np.sort(margins[model, chosen_on])[2]
            for text in judged_on:
                side = cell.baseline if margins[model, text] < cut else cell.compressed
                assert (found.compressed.logits[model, text] == side.logits[model, text]).all()
                assert (
                    found.compressed.decisions[model, text] == side.decisions[model, text]
                ).all()
    assert found.baseline is cell.baseline


def test_both_models_are_stored_while_texts_go_either_way():
    names = {"dataset": "a", "model": "b", "method": "c"}
    shares = {0.0: 0.0, 0.2: 0.19, 1.0: 1.0}
    rows = [{"level": 4.0, "share": share, "sent": sent} for share, sent in shares.items()]
    table = pd.DataFrame([names | row for row in rows])
    sizes = pd.DataFrame([names | {"level": 4.0, "bytes": 10.0, "dense_bytes": 80.0}])
    found = with_sizes(table, sizes)
    assert found["bytes"].tolist() == [10, 90, 80]
    assert found["size_share"].tolist() == [0.125, 1.125, 1]
    assert found["models_asked"].tolist() == [1, 1.19, 1]  # a text that is sent needs both
    unknown = with_sizes(table, sizes.assign(bytes=np.nan, dense_bytes=np.nan))
    assert unknown[["bytes", "size_share"]].isna().all(axis=None)


def test_predictions_by_a_threshold_have_a_table():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 4, 40, 2)).astype(np.float32)
    labels = rng.integers(0, 2, 40)
    sides = [decide({"test": own}, labels[:0], 0.7)["test"] for own in logits]
    assert isinstance(sides[0], Predictions)
    cell = Cell(*sides, labels, np.arange(40), "lowest")
    table = fallback_table(cell, np.random.default_rng(0))
    assert table["flips_left"].iloc[-1] == 0


def test_halves_of_clusters_share_none_and_are_nearly_equal():
    clusters = np.array([0, 0, 0, 1, 2, 2, 3, 3, 3, 3])
    for seed in range(20):
        both = halves(10, np.random.default_rng(seed), clusters)
        assert sorted(np.concatenate(both).tolist()) == list(range(10))
        assert not set(clusters[both[0]]) & set(clusters[both[1]])
        assert 3 <= len(both[0]) <= 7
    one = halves(4, np.random.default_rng(0), np.zeros(4, dtype=int))
    assert [len(half) for half in one] == [0, 4]


def test_copies_of_texts_are_worth_no_more_than_the_texts():
    cell = random_cell(texts=120)
    texts = np.repeat(np.arange(120), 4)
    copies = replace(rows_of(cell, texts), clusters=texts)
    alone = replace(cell, clusters=np.arange(120))
    of_texts, of_copies, ignored = (
        fallback_table(one, np.random.default_rng(0)).set_index("share").loc[[0.0, 0.1]]
        for one in (alone, copies, replace(copies, clusters=None))
    )
    for name in ("flips_left", "score"):
        np.testing.assert_allclose(of_copies[name], of_texts[name], atol=1e-9)
        widths = [
            table[f"{name}_high"] - table[f"{name}_low"] for table in (of_copies, of_texts, ignored)
        ]
        np.testing.assert_allclose(widths[0], widths[1], rtol=0.05)
        assert widths[0].iloc[0] > 1.3 * widths[2].iloc[0]


def test_one_cluster_has_no_table():
    cell = replace(random_cell(texts=12), clusters=np.zeros(12, dtype=int))
    table = fallback_table(cell, np.random.default_rng(0))
    assert table["note"].tolist() == [TOO_FEW]
