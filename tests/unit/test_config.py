import io
import math
import sys

import pandas as pd
import pytest
import yaml

from helpers.dataset_settings import ROOT, SCHEMA, config
from pielab.config import check_config, check_palette, find_predictions, missing_files

ENCODER = {"architecture": "encoder", "pretrained": "x", "seeds": 1}


def refusal(study, files=()):
    with pytest.raises(ValueError) as caught:
        check_config(study, SCHEMA, files)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_valid_config_gets_all_defaults_and_is_not_changed_itself():
    given_config = config()
    study = check_config(given_config, SCHEMA)
    assert given_config == config()
    assert study["pies"] == {"ties": "lowest", "baseline": "both"}
    assert study["models"]["bilstm"]["seeds_per_job"] == 10
    assert study["datasets"]["toy"]["columns"] == {"text": "text", "label": "label"}
    assert study["methods"]["imp-ft"]["rewind"] is False


def test_checking_a_checked_config_again_changes_nothing():
    study = check_config(config(), SCHEMA)
    assert check_config(study, SCHEMA) == study


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"models__bilstm__freeze_layers": 1}, "1; expected where architecture is encoder"),
        ({"models__m__freeze_layers": 2}, "2; expected fewer than layers, which is 2"),
        ({"models__m__freeze_layers": 0}, "0; expected a number of first layers"),
    ],
)
def test_layers_that_cannot_be_frozen_are_refused(values, said):
    encoder = {"architecture": "encoder", "pretrained": "x", "layers": 2, "seeds": 1}
    assert f"freeze_layers: {said}" in refusal(config(models__m=encoder, **values))


def test_what_a_model_would_not_read_is_refused():
    line = refusal(config(training__toy__bilstm__pad_with="mean"))
    assert "training.toy.bilstm.pad_with: mean; expected with pad_to_max_tokens" in line
    encoder = {"architecture": "encoder", "pretrained": "x", "seeds": 1}
    line = refusal(config(models__m=encoder | {"tokenizer": "basic_english"}))
    assert "models.m.tokenizer: 'basic_english'; expected where architecture is bilstm" in line


@pytest.mark.parametrize("section", ["datasets", "models", "methods"])
def test_names_that_differ_in_case_alone_are_refused(section):
    study = config()
    name = next(iter(study[section]))
    study[section][name.upper()] = study[section][name]
    assert f"{section}: {name} and {name.upper()} differ in case alone" in refusal(study)


def test_defaults_are_not_shared_between_two_configs():
    check_config(config(), SCHEMA)["figures"]["formats"].append("gif")
    assert check_config(config(), SCHEMA)["figures"]["formats"] == ["svg", "pdf"]


def test_the_default_and_the_paper_config_are_valid():
    for path in (ROOT / "config").glob("*.yaml"):
        check_config(yaml.safe_load(path.read_text()), SCHEMA, [path])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sparsitys": [1]}, "top level: unknown key 'sparsitys'; did you mean sparsities?"),
        ({"pies__tie": "lowest"}, "pies: unknown key 'tie'; did you mean ties?"),
        ({"figures__zzz": 1}, "figures: unknown key 'zzz'; expected one of formats, palette, dpi"),
        ({"models__bilstm__sedes": 3}, "models.bilstm: unknown key 'sedes'; did you mean seeds?"),
        ({"sparsities": [50, 0]}, "sparsities.1: 0; expected a percentage over 0 and under 100"),
        ({"sparsities": [100]}, "sparsities.0: 100; expected a percentage over 0 and under 100"),
        ({"sparsities": [-5]}, "sparsities.0: -5; expected a percentage"),
        ({"sparsities": ["ninety"]}, "sparsities.0: 'ninety'; expected a percentage over 0"),
        ({"sparsities": [True]}, "sparsities.0: True; expected a percentage"),
        ({"sparsities": [math.nan]}, "sparsities.0: nan; expected a percentage"),
        ({"sparsities": []}, "sparsities: []; expected a list of percentages"),
        ({"sparsities": 90}, "sparsities: 90; expected a list of percentages"),
        ({"sparsities": [50, 50.0]}, "sparsities: [50, 50.0]; expected a list"),
        ({"models__bilstm__seeds": 0}, "models.bilstm.seeds: 0; expected a number of models"),
        ({"models__bilstm__seeds": 5.0}, "models.bilstm.seeds: 5.0; expected a number of models"),
        ({"models__bilstm__seeds": True}, "models.bilstm.seeds: True; expected a number"),
        ({"models__bilstm__seeds_per_job": 0}, "models.bilstm.seeds_per_job: 0; expected"),
        (
            {"methods__x": {"criterion": "magnitud", "schedule": "iterative"}},
            "methods.x.criterion: 'magnitud'; expected magnitude, impact, random or none",
        ),
        (
            {"methods__x": {"criterion": "impact", "schedule": "twice"}},
            "methods.x.schedule: 'twice'; expected iterative, at-initialisation or after",
        ),
        ({"methods__x": "imp-ft"}, "methods.x: 'imp-ft'; expected a criterion, a schedule"),
        ({"methods__x": {"criterion": "impact"}}, "methods.x: key 'schedule' is missing"),
        ({"methods": {}}, "methods: {}; expected ways of compressing, one or more"),
        ({"pies": None}, "pies: None; expected a mapping"),
        ({"pies__ties": "first"}, "pies.ties: 'first'; expected lowest, highest or exclude"),
        ({"datasets__a b": {"source": "imdb_local"}}, "datasets: 'a b' is not a name; expected"),
        ({"datasets__a\n": {"source": "imdb_local"}}, "datasets: 'a\\n' is not a name"),
        ({"datasets__../a": {"source": "imdb_local"}}, "datasets: '../a' is not a name"),
        ({"datasets__x": {"source": "web"}}, "datasets.x.source: 'web'; expected bbc, rotten_tom"),
        ({"datasets__toy__classes": [False, True]}, "datasets.toy.classes.0: False; expected a"),
        ({"datasets__toy__classes": ["a"]}, "datasets.toy.classes: ['a']; expected a list of two"),
        ({"datasets__toy__test_share": 1}, "datasets.toy.test_share: 1; expected fraction"),
        ({"datasets__toy__max_train": 0}, "datasets.toy.max_train: 0; expected most examples"),
        ({"datasets__toy__columns__label": 3}, "datasets.toy.columns.label: 3; expected the"),
        ({"datasets__toy__files__train": 3}, "datasets.toy.files.train: 3; expected the path"),
        ({"models__bilstm__seeds": 10**7}, "models.bilstm.seeds: 10000000; expected a number of"),
        ({"compute__threads": 10**9}, "compute.threads: 1000000000; expected a number of CPU"),
        ({"sparsities": [1e-320]}, "sparsities.0: 1e-320; expected a percentage over 0 and under"),
        ({"sparsities": [99.9999999]}, "sparsities.0: 99.9999999; expected a percentage over 0"),
        ({"sparsities": [10**400]}, "sparsities.0: 1000000"),
        ({"training__toy__bilstm__learning_rate": 10**400}, "learning_rate: 10000"),
        ({"influence__bins": 10**6}, "influence.bins: 1000000; expected bins of equally many"),
    ],
)
def test_a_value_that_the_schema_refuses_is_named_with_its_key_and_what_was_expected(values, said):
    assert said in refusal(config(**values))


@pytest.mark.parametrize("rate", [math.nan, math.inf, -math.inf, 0, -0.1])
def test_a_learning_rate_that_is_no_positive_number_is_refused(rate):
    line = refusal(config(training__toy__bilstm__learning_rate=rate))
    assert f"training.toy.bilstm.learning_rate: {rate!r}; expected learning rate" in line


def test_a_number_that_yaml_reads_as_text_gets_a_hint():
    line = refusal(config(training__toy__bilstm__learning_rate="1e-3"))
    assert "write numbers without quotes, 1e-3 as 1.0e-3" in line


@pytest.mark.parametrize("empty", [None, [], "", 3])
def test_a_config_that_is_no_mapping_is_refused(empty):
    assert f"config: top level: {empty!r}; expected the configuration" in refusal(empty)


def test_an_empty_config_lacks_its_first_required_key():
    assert refusal({}) == "config: top level: key 'datasets' is missing"


def test_a_key_that_is_no_text_is_refused_in_one_line():
    assert "datasets: 1 is not a name" in refusal(config() | {"datasets": {1: {}, "a": {}}})
    line = refusal(config() | {"methods": {False: config()["methods"]["imp-ft"]}})
    assert "methods: False is not a name; expected" in line
    assert line.endswith("unless you put them in quotes")
    assert "top level: unknown key 1" in refusal(config() | {1: 2})


@pytest.mark.parametrize("name", ["2024", "1e5", "NA", "nan", "None", "True", "inf"])
def test_a_name_that_a_table_would_not_give_back_as_text_is_refused(name):
    column = pd.read_csv(io.StringIO(f"name\n{name}\n"))["name"]
    assert column.tolist() != [name]
    for section in ("datasets", "models", "methods"):
        own = config()
        own[section][name] = next(iter(own[section].values()))
        assert f"{section}: {name!r} is not a name; in a csv table" in refusal(own)


def test_a_name_that_would_make_too_long_a_path_is_refused():
    line = refusal(config(**{"methods__" + "x" * 260: config()["methods"]["imp-ft"]}))
    assert "is not a name; expected 1 to 50 letters, digits, - and _" in line
    assert len(line) < 200
    check_config(config(**{"methods__" + "x" * 50: config()["methods"]["imp-ft"]}), SCHEMA)


def test_a_config_that_holds_itself_is_refused():
    study = config()
    study["pies"] = study
    assert "a value that holds itself" in refusal(study)
    study = config()
    study["datasets"]["toy"]["files"] = study["datasets"]["toy"]
    assert refusal(study).startswith("config: ")


def test_only_every_other_palette_is_asked_of_seaborn(monkeypatch):
    for palette in ("colorblind", "viridis", "husl", "light:#5A9", "Set2"):
        check_palette(check_config(config(figures__palette=palette), SCHEMA))
    for palette in ("nope", "", "light:nope"):
        with pytest.raises(ValueError, match=r"figures.palette: .*; expected a palette that"):
            check_palette(check_config(config(figures__palette=palette), SCHEMA))
    monkeypatch.setitem(sys.modules, "seaborn", None)
    check_palette(check_config(config(figures__palette="nope"), SCHEMA))


def test_a_long_value_is_cut():
    assert len(refusal(config(sparsities=["x" * 10_000]))) < 300


def test_the_config_file_is_named_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal({}, [tmp_path / "a.yaml"]).startswith("a.yaml: top level")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"training__nope": config()["training"]["toy"]}, "'nope' is not one of datasets (toy)"),
        (
            {"training__toy__bert": config()["training"]["toy"]["bilstm"]},
            "training.toy: 'bert' is not one of models (bilstm)",
        ),
        (
            {"methods__dense": {"criterion": "none", "schedule": "iterative"}},
            "methods.dense: the name is taken",
        ),
        (
            {"methods__imp-ft__criterion": "none"},
            "methods: imp-ft; expected one or more that compress",
        ),
        (
            {"methods__imp-ft__schedule": "at-initialisation", "methods__imp-ft__rewind": True},
            "methods.imp-ft.rewind: true; only iterative methods rewind",
        ),
        (
            {"methods__x": {"criterion": "none", "schedule": "at-initialisation"}},
            "methods.x.schedule: 'at-initialisation'",
        ),
        ({"datasets__toy__files": None}, "datasets.toy.files: None; expected where source is"),
        ({"datasets__toy__source": "imdb_local"}, "expected where source is files or lm_eval"),
        (
            {"datasets__toy__source": "lm_eval", "datasets__toy__columns": {"text": "doc"}},
            "expected no such key, since a log says it",
        ),
        (
            {"datasets__toy__source": "lm_eval", "datasets__toy__task": "multi-label"},
            "datasets.toy.task: 'multi-label'; expected no such key",
        ),
        (
            {
                "datasets__toy__source": "lm_eval",
                "datasets__toy__files": {"train": {"text": "a", "label": "b"}},
            },
            "datasets.toy.files.train: {'text': 'a', 'label': 'b'}; expected the path of a log",
        ),
        (
            {"datasets__toy": {"source": "bbc", "slice_by": ["channel"]}},
            "datasets.toy.slice_by: ['channel']; expected where source is files, hub, lm_eval or "
            "inspect",
        ),
        ({"slices": {"max_columns": 3}}, "slices.max_columns: 3; expected 1 or 2"),
        (
            {"datasets__toy__hub": {"path": "a/b", "splits": {"train": "train"}}},
            "datasets.toy.hub: {'path': 'a/b'",
        ),
        ({"datasets__toy__classes": ["1", 1]}, "datasets.toy.classes: ['1', '1']; expected each"),
        (
            {"datasets__toy__task": "multi-label", "datasets__toy__drop_labels": ["x"]},
            "datasets.toy.drop_labels: ['x']; expected for single-label data only",
        ),
        (
            {"datasets__toy__task": "multi-label", "datasets__toy__max_train_by_class": {"x": 1}},
            "datasets.toy.max_train_by_class: {'x': 1}; expected for single-label data only",
        ),
        ({"models__bilstm__vectors": None}, "models.bilstm.vectors: None; expected where"),
        ({"models__bilstm__pretrained": "x"}, "models.bilstm.pretrained: 'x'; expected where"),
        ({"models__bilstm__layers": 2}, "models.bilstm.layers: 2; expected where architecture is"),
        ({"models__bilstm__dropout": 0}, "models.bilstm.dropout: 0; expected where architecture"),
        ({"models__bilstm__freeze_embeddings": True}, "bilstm.freeze_embeddings: True; expected"),
        ({"models__bilstm__revision": "main"}, "bilstm.revision: 'main'; expected where"),
        (
            {"models__b": ENCODER | {"pad_to_max_tokens": True}},
            "models.b.pad_to_max_tokens: True; expected where architecture is bilstm",
        ),
        ({"models__b": ENCODER | {"lowercase": False}}, "models.b.lowercase: False; expected wh"),
        ({"models__bilstm__vectors": "{v}.txt"}, "models.bilstm.vectors: '{v}.txt'; expected a"),
        (
            {"datasets__toy__files": {"train": {"text": "a}", "label": "b"}}},
            "datasets.toy.files: 'a}'; expected a path without { and }",
        ),
        (
            {"datasets__toy__max_train": 10, "influence__bins": 11},
            "influence.bins: 11; expected at most datasets.toy.max_train, 10",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(values, said):
    assert said in refusal(config(**values))


def external(pattern, percent):
    """Return a config of predictions that were made elsewhere."""
    trained = config(
        models={"ours": {"architecture": "external", "seeds": 1}},
        methods={"cut": {"compressor": "external", "percent": percent}},
        predictions={"files": {"dense": "a.csv", "cut": pattern}},
    )
    return {key: value for key, value in trained.items() if key != "training"}


def test_one_file_is_not_read_as_two_levels():
    said = refusal(external("b.csv", [50, 90]))
    assert "predictions.files.cut: 'b.csv'; expected {level} in it, since the method has" in said
    check_config(external("b.csv", 50), SCHEMA)
    check_config(external("{level}.csv", [50, 90]), SCHEMA)


@pytest.mark.parametrize("key", ["dataset", "model"])
def test_one_file_is_not_read_as_two_datasets_or_models(key):
    study = external("b.csv", 50)
    own = study[f"{key}s"]
    (name,) = own
    own["other"] = own[name]
    said = refusal(study)
    assert f"predictions.files.dense: 'a.csv'; expected {{{key}}} in it, since the study" in said
    study["predictions"]["files"] = {"dense": f"{{{key}}}.csv", "cut": f"b/{{{key}}}.csv"}
    check_config(study, SCHEMA)


def test_a_study_can_be_planned_without_its_files_but_they_are_listed(tmp_path):
    there = tmp_path / "there.csv"
    there.touch()
    files = {"train": str(there), "test": {"text": "gone.txt", "label": str(tmp_path)}}
    study = check_config(
        config(datasets__toy__files=files, models__bilstm__vectors="gone.vec"), SCHEMA
    )
    assert missing_files(study) == [
        "datasets.toy.files: 'gone.txt': no such file",
        f"datasets.toy.files: {str(tmp_path)!r}: no such file",
        "models.bilstm.vectors: 'gone.vec': no such file",
    ]


def test_every_node_of_the_schema_says_what_is_expected():
    def nodes(schema, path):
        if {"type", "enum", "oneOf"} & schema.keys():
            yield path, schema
        below = schema.get("properties", {}) | schema.get("$defs", {})
        below |= {key: schema[key] for key in ("items", "additionalProperties") if key in schema}
        for name, sub in below.items():
            if isinstance(sub, dict):
                yield from nodes(sub, f"{path}.{name}")

    assert [path for path, schema in nodes(SCHEMA, "") if "description" not in schema] == []


def test_shared_predictions_are_looked_for_here_and_then_beside_the_snakefile(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    study = check_config(config(predictions="shown"), SCHEMA)
    with pytest.raises(ValueError, match="predictions: 'shown': no such folder"):
        find_predictions(study, tmp_path / "project")
    (tmp_path / "project/shown").mkdir(parents=True)
    find_predictions(study, tmp_path / "project")
    assert study["predictions"] == "project/shown"


def test_a_folder_of_predictions_has_no_braces():
    assert refusal(config(predictions="a{b}")).startswith("config: predictions: 'a{b}'; expected")


def test_a_key_of_an_earlier_release_is_refused_with_its_new_name():
    with pytest.raises(ValueError, match="'bad_flips' is now called 'negative_flips'"):
        check_config(config(gate__rules__bad_flips={"block": 2}), SCHEMA)
