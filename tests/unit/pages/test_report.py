import pandas as pd
import pytest

from helpers.judged_cells import cells
from helpers.report_page import write_report
from pielab.claims import adjusted
from pielab.pages import report, runs
from pielab.vocabulary import SIDES, TIES


def test_claims_come_in_order_with_a_verdict_for_each_pair():
    row = {"dataset": "d", "model": "a", "name": "n", "effect_name": "e", "rule": "r"}
    row |= {"matched_verdict": None, "comparison": "primary", "effect_by_probability": 0.1}
    row |= {"low_by_probability": -0.1, "high_by_probability": 0.3}
    row |= {"verdict_by_probability": "inconclusive"} | dict.fromkeys(adjusted.COLUMNS)
    rows = [
        row | {"claim": 2, "effect": 0.12345, "low": 0.1, "high": 0.2, "verdict": "reproduced"},
        row | {"claim": 1, "effect": None, "low": None, "high": None, "verdict": "inconclusive"},
        row | {"claim": 2, "effect": -1, "low": -2, "high": 0, "verdict": "not reproduced"},
    ]
    rows[1]["note"] = "one model only"
    first, second = report.claims(pd.DataFrame(rows))
    assert (first["number"], second["number"]) == (1, 2)
    assert first["verdicts"][0]["effect"] == "–"
    assert first["verdicts"][0]["note"] == "one model only"
    assert [one["verdict"] for one in second["verdicts"]] == ["reproduced", "not reproduced"]
    assert second["verdicts"][0]["effect"] == "0.123"


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        ("tokens", "longer"),
        ("flesch_reading_ease", "harder to read"),
        ("el2n", "more influential"),
    ],
)
def test_a_claim_has_the_odds_of_a_pie_with_other_factors_held_fixed(factor, words):
    row = {"dataset": "films", "model": "bert", "name": "n", "effect_name": "e", "rule": "r"}
    row |= {"matched_verdict": None, "comparison": "primary", "effect_by_probability": 0.1}
    row |= {"low_by_probability": -0.1, "high_by_probability": 0.3, "note": None}
    row |= {"verdict_by_probability": "inconclusive", "verdict": "inconclusive"}
    row |= {"effect": 0.1, "low": 0.0, "high": 0.2}
    known = dict(zip(adjusted.COLUMNS, (1.1, 0.8, 1.5, factor), strict=True))
    table = pd.DataFrame([row | {"claim": 4}, row | {"claim": 5} | known])
    fourth, fifth = report.claims(table)
    assert fourth["verdicts"][0]["adjusted"] == ""
    assert fifth["verdicts"][0]["adjusted"] == (
        "the odds of a PIE are 1.1 times as high (95 % interval 0.8 to 1.5) for a text that is "
        f"{words} by one standard deviation"
    )


CARD = {"task": "single-label", "classes": ["a", "b"]}
CARD |= {"counts": {"train": {"examples": 1500}, "test": {"examples": 400}}}
MADE = {
    "imp-ft": {"criterion": "magnitude", "schedule": "iterative"},
    "mp-ai": {"criterion": "magnitude", "schedule": "at-initialisation"},
    "int8": {"compressor": "quantise", "bits": 8},
    "wanda": {"compressor": "wanda"},
    "control": {"criterion": "none", "schedule": "iterative"},
}


def test_the_study_is_said_in_a_few_sentences_with_its_methods_spelled_out():
    study = {"models": {"bert": {"seeds": 9}, "bilstm": {"seeds": 5}}, "sparsities": [50, 99.5]}
    study |= {"training": {"films": {"bert": {}, "bilstm": {}}, "news": {"bert": {}}}}
    study |= {"methods": MADE}
    methods = {"pruning": ["imp-ft", "mp-ai"], "controls": ["control"], "compressing": []}
    cards = {"films": CARD, "news": CARD | {"task": "multi-label"}}
    assert runs.run(cards, {"study": study, "methods": methods}) == (
        "Two classifiers, bert and bilstm, were pruned by imp-ft (iterative magnitude pruning with "
        "fine-tuning) and mp-ai (magnitude pruning at initialisation), which remove 50 or 99.5 % "
        "of the weights. Each version was trained with different random seeds: bert 9 times and "
        "bilstm 5 times. On 400 test texts of films and 400 test texts of news, the majority "
        "answer of its models is compared with that of uncompressed models (dense, or control, "
        "which trained as long as the pruned ones). Changes that retraining alone causes are "
        "subtracted."
    )
    assert report.trainings_a_seed(study, methods) == {"bert": 12, "bilstm": 6}
    without = runs.run(cards, {"study": study, "methods": methods | {"controls": []}})
    assert "with that of uncompressed models. Changes" in without


def test_what_is_compressed_after_training_is_said_with_its_levels_and_never_called_pruned():
    study = {"models": {"bert": {"seeds": 9}}, "sparsities": [50, 90], "methods": MADE}
    study |= {"training": {"films": {"bert": {}}}}
    after = [{"name": "int8", "levels": ["8 bits"], "draws": 1}]
    after += [{"name": "wanda", "levels": ["50 %", "90 %"], "draws": 2}]
    methods = {"pruning": ["imp-ft"], "compressing": after, "controls": ["control"]}
    said = runs.run({"films": CARD}, {"study": study, "methods": methods})
    assert said.startswith(
        "One classifier, bert, was pruned by imp-ft (iterative magnitude pruning with "
        "fine-tuning), which removes 50 or 90 % of the weights, or compressed after training by "
        "int8 (weights rounded to a few bits after training; 8 bits) and wanda (Wanda pruning "
        "after training; 50 % or 90 %, with 2 draws of calibration texts each). Each version was "
        "trained 9 times with different random seeds."
    )
    assert report.trainings_a_seed(study, methods) == {"bert": 4}
    alone = methods | {"pruning": [], "controls": []}
    assert "was pruned" not in runs.run({"films": CARD}, {"study": study, "methods": alone})


def test_of_many_methods_the_sentence_has_only_names_and_the_list_spells_them_out():
    many = {f"way-{number}": MADE["mp-ai"] for number in range(5)}
    study = {"models": {"bert": {"seeds": 9}}, "sparsities": [50], "methods": many}
    study |= {"training": {"films": {"bert": {}}}}
    methods = {"pruning": list(many), "controls": [], "compressing": []}
    said = runs.run({"films": CARD}, {"study": study, "methods": methods})
    assert "by way-0, way-1, way-2, way-3 and way-4, which" in said
    assert runs.methods_spelled(study)[0] == ("way-0", "magnitude pruning at initialisation")


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        (7, "There are 7 models of each version, which differ by training seed; their majority"),
        (1, "on 400 test texts of films. There is one model of each version."),
    ],
)
def test_models_from_elsewhere_are_said_to_be_so_with_their_number(seeds, said):
    study = {"models": {"linear": {"seeds": seeds, "differ_by": "seed"}}, "predictions": {}}
    after = [{"name": "int8", "levels": ["as given"], "draws": 1}]
    methods = {"pruning": [], "compressing": after, "controls": []}
    run = runs.run({"films": CARD}, {"study": study, "methods": methods})
    assert run.startswith(
        "One compressed version of linear from elsewhere (int8) was compared with the uncompressed "
        "(dense) models on 400 test texts of films."
    )
    assert said in run


def test_a_decoder_that_was_compressed_here_has_a_model_for_each_draw():
    own = {"seeds": 1, "differ_by": "draw", "pretrained": "models/tiny"}
    after = [{"name": "int8", "levels": ["8 bits"], "draws": 1}]
    after += [{"name": "wanda", "levels": ["50 %"], "draws": 5}]
    methods = {"pruning": [], "compressing": after, "controls": []}
    study = {"models": {"tiny": own}, "predictions": {}}
    run = runs.run({"films": CARD}, {"study": study, "methods": methods})
    assert run.startswith("Two compressed versions of tiny (int8 (8 bits) and wanda (50 %, with 5")
    assert "a model for each draw, whose majority answer counts; of the others there is one" in run


def test_data_without_training_texts_are_not_said_to_have_none():
    card = CARD | {"counts": CARD["counts"] | {"train": {"examples": 0}}}
    assert runs.data({"films": card}, {}) == ["films: 400 test texts, 2 classes."]


def test_the_page_says_what_the_data_are_and_which_class_was_made_rare():
    own = {"description": "Film reviews.", "max_train_by_class": {"a": 60}}
    assert runs.data({"films": CARD}, {"datasets": {"films": own}}) == [
        "films: Film reviews. 1,500 training texts and 400 test texts, 2 classes. The config keeps "
        "only 60 of a for training."
    ]
    assert runs.data({"films": CARD | {"task": "multi-label"}}, {}) == [
        "films: 1,500 training texts and 400 test texts, 2 classes, several for a text."
    ]


def test_sizes_that_are_alike_are_said_once():
    table = cells({}, {"model": "bilstm"}, {"model": "tiny", "seeds": 5})
    assert report.sizes(table) == (
        "films, bert and films, bilstm: 400 texts, 9 seeds; films, tiny: 400 texts, 5 seeds"
    )


@pytest.mark.parametrize(
    ("counts", "words"), [((40, 40, 40), ""), ((40, 38, 40), "38 to 40"), ((0, 0, 0), "")]
)
def test_pies_by_the_rule_for_ties_are_said_only_where_they_differ(counts, words):
    ties = {f"pies_{rule}": count for rule, count in zip(TIES, counts, strict=True)}
    more = {"half_seeds": 3, "expected_pies": 33.0, "shifted": 60}
    scores = {f"score_{side}_{where}": 0.5 for side in SIDES for where in ("on_pies", "on_random")}
    (row,) = report.more_of_cells(cells(more | scores | ties), {"films": "multi-label"})
    assert row["ties"] == words
    assert (row["half_pies"], row["floor"], row["measure"]) == ("6.0 %", "5.0 %", "macro-F1")
    assert row["score_on_pies"] == "50.0 % → 50.0 %"


def test_provenance_has_versions_and_the_config_but_no_date():
    made = report.provenance({"datasets": {"films": {"source": "files"}}})
    assert "numpy" in dict(made["versions"])
    assert made["config"] == "datasets:\n  films:\n    source: files\n"


@pytest.mark.parametrize(
    ("rarest", "names"), [(90, {"class_pie_rate", "class_distribution"}), (50, set())]
)
def test_figures_by_frequency_are_hidden_where_classes_are_as_frequent(rarest, names):
    classes = pd.DataFrame({"dataset": "films", "train_examples": [100, rarest]})
    hidden = report.hidden_figures(classes)
    assert set(hidden) == names
    assert all("films: 1.11" in reason for reason in hidden.values())


def test_what_else_differs_between_logged_runs_is_said_once():
    rows = [("int4", "batch_size is 1 in the first run and 8 in the other")] * 2
    rows += [("int4", f"seed {number}") for number in range(5)]
    table = pd.DataFrame(rows, columns=["method", "difference"])
    (said,) = runs.differences(table)
    assert said.count("batch_size") == 1
    assert "seed 2; and 2 more (run_differences.csv)." in said
    assert runs.differences(None) == runs.differences(table[:0]) == []


def test_reasons_to_doubt_external_models_come_first_equal_scores_before_others():
    rows = [("note", f"a.csv: note {number}") for number in range(6)]
    rows += [("input", "int8 reads 16 tokens"), ("equal scores", "is it the same model?")] * 2
    said = runs.external_warnings(pd.DataFrame(rows, columns=["kind", "difference"]))
    assert said[:2] == ["Warning: is it the same model?", "Warning: int8 reads 16 tokens."]
    assert said[-1] == "Warning: 2 more reasons to doubt are in external_differences.csv."
    assert runs.external_warnings(None) == []


def test_what_is_odd_in_datasets_is_said():
    cards = {"films": {"warnings": ["class 'nan' is odd"]}, "mail": {}}
    assert runs.data_warnings(cards) == ["Warning: films: class 'nan' is odd."]


def test_external_models_show_a_dash_for_what_is_not_known():
    table = pd.DataFrame(
        {
            "digest": ["0012", None],
            "token_limit": [16.0, None],
            "truncated": [0.0, None],
            "tied": [3.0, None],
        }
    )
    assert runs.external_models(table) == [
        {"digest": "0012", "token_limit": 16, "truncated": 0, "tied": 3},
        {"digest": "–", "token_limit": "–", "truncated": "–", "tied": "–"},
    ]
    assert runs.external_models(None) == []


@pytest.mark.parametrize(
    ("differ_by", "words"), [("seed", "retraining"), ("rerun", "a rerun"), ("draw", "another draw")]
)
def test_the_page_names_what_changes_answers_without_compression(tmp_path, differ_by, words):
    page = write_report(tmp_path, differ_by).read_text(encoding="utf-8")
    assert f"Extra changes beyond {words}<" in page
    assert f"More than {words}?" in page


def test_the_page_says_of_how_many_weights_a_percentage_is():
    rows = [("a", "m", "x", "compressed", 750), ("a", "m", "", "embedding", 200)]
    rows += [("a", "m", "y", "bias", 50), ("b", "m", "x", "compressed", 750)]
    table = pd.DataFrame(rows, columns=["dataset", "model", "module", "role", "parameters"])
    assert runs.compressed(table) == [
        "For m, percentages refer to the 750 weights that can be compressed, of 1,000 in all "
        "(75.0 %). The rest: embedding 200 and bias 50 (weights.csv)."
    ]
    assert runs.compressed(table[:0]) == runs.compressed(None) == []


def test_models_that_a_harness_asks_are_no_classifiers():
    for source, kind in {"lm_eval": "language model", "inspect": "language model"}.items():
        assert runs.kind_of_models({"datasets": {"own": {"source": source}}}) == kind
    assert runs.kind_of_models({"datasets": {"own": {"source": "files"}}}) == "classifier"
