"""The rows of the design's table: what runs again after which change."""

import copy
import json
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers.small_study import ROOT, plan, snakemake

TABLES = {"tabulate_pies", "tabulate_effectiveness", "tabulate_influence", "tabulate_classes"}
TABLES |= {"measure_influence", "compare_complexity", "compare_pie_sets"}
TABLES |= {"find_slices", "pick_examples", "score_claims", "tabulate_claims", "tabulate_frontier"}
TABLES |= {"measure_harm", "judge_gate", "try_remedies", "measure_remedies", "tabulate_remedies"}
TABLES |= {"find_causes", "tabulate_causes", "map_data"}
PAGES = {"build_report", "build_browser"}
FIGURES = {"plot_pies", "plot_texts", "plot_claims"}
TABLES |= FIGURES | PAGES
TRAINING = {"train_dense", "prune", "find_pies"} | TABLES


def rules(jobs):
    return {rule for rule, _ in jobs}


def changed(study, *path, value):
    """Return the study with the value at a path of keys changed."""
    study = copy.deepcopy(study)
    *parents, last = path
    at = study
    for key in parents:
        at = at.setdefault(key, {})
    at[last] = value
    return study


@pytest.fixture(scope="module")
def kept(finished_once, tmp_path_factory):
    """A copy of the finished study for tests that plan alone, or put back what they take."""
    folder = tmp_path_factory.mktemp("kept") / "copy"
    return Path(shutil.copytree(finished_once, folder, copy_function=shutil.copy2, symlinks=True))


@contextmanager
def lost(path):
    """Take a file away, and put it back as old as it was."""
    away = path.rename(path.with_name(f"{path.name}.away"))
    try:
        yield
    finally:
        away.rename(path)


def test_nothing_changed_and_nothing_runs(kept, study):
    assert not plan(kept, study)


PAIR = ("training", "rotten_tomatoes", "bilstm")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ((*PAIR, "learning_rate"), 0.02, TRAINING),
        ((*PAIR, "max_tokens"), 30, TRAINING | {"encode_words"}),
        (
            ("datasets", "rotten_tomatoes", "max_train"),
            50,
            TRAINING | {"fetch", "encode_words", "measure_complexity", "measure_factors"},
        ),
        (("pies", "ties"), "highest", {"find_pies"} | TABLES),
        (("figures", "palette"), "deep", FIGURES | {"build_report"}),
        (
            ("figures", "formats"),
            ["svg", "png"],
            FIGURES | {"build_report"},
        ),
        (("complexity", "drawn"), ["tokens"], {"plot_texts", "build_report"}),
        (
            ("slices", "max_columns"),
            1,
            {"find_slices", "judge_gate", "try_remedies", "plot_texts", "build_report"},
        ),
        (
            ("influence", "bins"),
            10,
            {"measure_influence", "tabulate_influence", "score_claims", "tabulate_claims"}
            | {"find_causes", "tabulate_causes", "map_data"}
            | {"plot_texts", "plot_claims"}
            | PAGES,
        ),
        (
            ("causes", "embeddings"),
            True,
            {"embed_texts", "measure_factors", "find_causes", "tabulate_causes", "map_data"}
            | {"tabulate_claims", "plot_texts", "plot_claims"}
            | PAGES,
        ),
        (("pruning", "ties"), "keep", {"prune", "find_pies"} | TABLES),
        # Of the study's methods none ranks by impact, and its BiLSTM has no LayerNorm
        (("pruning", "impact_examples"), 50, {"build_report"}),
        (("pruning", "impact_dropout"), True, {"build_report"}),
        (("pruning", "prune_layer_norm"), True, {"build_report"}),
        (("pies", "baseline"), "dense", {"build_report"}),  # there is no control
        (("gate",), {"fail_on": "WARN"}, {"judge_gate", "build_report"}),
        (
            ("gate",),
            {"methods": ["imp-ft"]},
            {"measure_harm", "judge_gate", "try_remedies", "build_report"},
        ),
        (("datasets", "rotten_tomatoes", "origin"), "a package", {"build_report"}),
        (("datasets", "rotten_tomatoes", "label_separator"), ";", {"build_report"}),
        (("datasets", "unused"), {"source": "imdb_local"}, set()),
        (("models", "unused"), {"architecture": "encoder", "pretrained": "x", "seeds": 1}, set()),
        (("compute", "device"), "cpu", set()),
        (("compute", "keep_pruned_models"), True, {"prune", "find_pies"} | TABLES),
        (("compute", "checkpoint_minutes"), 0, set()),
        (("compute", "gpu_share"), {"bilstm": 50}, set()),
    ],
)
def test_a_value_reruns_just_what_uses_it(kept, study, path, value, expected):
    assert rules(plan(kept, changed(study, *path, value=value))) == expected


@pytest.mark.parametrize(
    ("objective", "teachers"),
    [
        ({"name": "distillation"}, set()),
        ({"name": "distillation", "teacher": "ensemble", "teacher_seeds": 1}, {"1000-1000"}),
    ],
)
def test_an_objective_reruns_its_own_method_and_trains_no_judged_dense_model(
    kept, study, objective, teachers
):
    jobs = plan(kept, changed(study, "methods", "imp-ft", "objective", value=objective))
    assert {names[2] for rule, names in jobs if rule == "prune"} == {"imp-ft"}
    assert {names[4] for rule, names in jobs if rule == "train_dense"} == teachers
    assert {names[2] for rule, names in jobs if rule == "find_pies"} == {"imp-ft"}


def test_the_digest_of_the_same_data_makes_nothing_stale_and_that_of_others_is_refused(
    finished, study
):
    path = ("datasets", "rotten_tomatoes", "sha256")
    digests = json.loads((finished / "results/data/rotten_tomatoes/card.json").read_text())[
        "sha256"
    ]
    assert rules(plan(finished, changed(study, *path, value=digests))) == {"build_report"}
    other = changed(study, *path, value=digests | {"test": "0" * 64})
    run = snakemake(finished, other, "-n")
    assert run.returncode == 1, run.stderr
    assert f"datasets.rotten_tomatoes.sha256.test: {'0' * 64}; what was read has" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_a_file_of_word_vectors_is_read_again_when_its_content_changes(finished, study):
    file = finished / "own.txt"
    file.write_text("the 0.1 0.2\nof 0.3 0.4\n")
    own = changed(study, "models", "bilstm", "vectors", value="own.txt")
    encoded = "results/encoded/rotten_tomatoes/bilstm/vectors.safetensors"
    run = snakemake(finished, own, "--cores", "1", "--", encoded)
    assert run.returncode == 0, run.stderr
    assert "encode_words" not in rules(plan(finished, own))
    file.touch()
    assert "encode_words" not in rules(plan(finished, own))
    file.write_text("the 0.1 0.2\nof 0.3 0.5\n")
    assert "encode_words" in rules(plan(finished, own))
    file.unlink()  # a study can be planned without it; the job says what is missing
    assert "encode_words" in rules(plan(finished, own))
    run = snakemake(finished, own, "--cores", "1", "--", encoded)
    assert run.returncode == 1
    assert "own.txt" in run.stderr


def test_two_values_that_swap_are_seen(kept, study):
    pair = study["training"]["rotten_tomatoes"]["bilstm"]
    swapped = pair | {"batch_size": pair["max_tokens"], "max_tokens": pair["batch_size"]}
    assert rules(plan(kept, changed(study, *PAIR, value=swapped))) == TRAINING | {"encode_words"}


def test_one_more_level_runs_that_level_and_no_dense_training(kept, study):
    jobs = plan(kept, changed(study, "sparsities", value=[50, 90]))
    assert rules(jobs) == {"prune", "find_pies"} | TABLES
    assert {wildcards[3] for rule, wildcards in jobs if rule not in TABLES} == {"sparsity50"}


def test_one_more_method_runs_that_method_and_no_dense_training(kept, study):
    method = {"criterion": "impact", "schedule": "iterative", "rewind": True}
    jobs = plan(kept, changed(study, "methods", "iibp-wr", value=method))
    assert rules(jobs) == {"prune", "find_pies"} | TABLES
    assert {wildcards[2] for rule, wildcards in jobs if rule not in TABLES} == {"iibp-wr"}


def test_a_control_is_trained_and_compared_and_no_other_model_trains_again(kept, study):
    control = {"criterion": "none", "schedule": "iterative"}
    more = changed(study, "methods", "control", value=control)
    jobs = plan(kept, more)
    assert rules(jobs) == {"prune", "find_pies"} | TABLES
    assert {wildcards[2] for rule, wildcards in jobs if rule == "prune"} == {"control"}
    # control against dense models, and what trains as long against control
    found = {wildcards[2::3] for rule, wildcards in jobs if rule == "find_pies"}
    assert found == {("control", "dense"), ("imp-ft", "control")}
    only = plan(kept, changed(more, "pies", "baseline", value="dense"))
    found = {wildcards[2::3] for rule, wildcards in only if rule == "find_pies"}
    assert found == {("control", "dense")}


def test_more_seeds_run_the_new_seeds_only(kept, study):
    jobs = plan(kept, changed(study, "models", "bilstm", "seeds", value=3))
    assert rules(jobs) == TRAINING
    trained = {"train_dense", "prune"}
    assert {wildcards[4] for rule, wildcards in jobs if rule in trained} == {"2-2"}


def test_another_pair_leaves_the_first_alone(kept, study):
    other = study["models"]["bilstm"] | {"lowercase": False}
    more = changed(study, "models", "cased", value=other)
    pair = study["training"]["rotten_tomatoes"]["bilstm"]
    jobs = plan(kept, changed(more, "training", "rotten_tomatoes", "cased", value=pair))
    assert {wildcards[1] for rule, wildcards in jobs if rule not in TABLES} == {"cased"}
    assert "fetch" not in rules(jobs)


@pytest.fixture
def project(tmp_path):
    """A copy of the project whose code a test may change."""
    folder = tmp_path / "project"
    for name in ("workflow", "scripts", "envs", "profiles"):
        shutil.copytree(ROOT / name, folder / name, copy_function=shutil.copy2)
    (folder / "resources").symlink_to(ROOT / "resources")
    shutil.copy2(ROOT / "Snakefile", folder)
    return folder


def planned_jobs(folder, study, project):
    """Return the messages of the jobs that a dry run would do."""
    run = snakemake(folder, study, "-n", snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stderr
    lines = (run.stdout + run.stderr).splitlines()
    return {line.split(": ", 1)[1] for line in lines if re.match(r"Job \d+: ", line)}


def planned_rules(folder, study, project):
    run = snakemake(folder, study, "-n", "--quiet", "rules", snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines()]
    planned = {line[0] for line in lines if len(line) == 2 and line[1].isdigit()}
    # The pages' templates are inputs, and in the copy of the project they stand elsewhere
    return planned - {"study", "total"} - PAGES


def test_a_comment_or_docstring_in_the_library_reruns_nothing(finished, study, project):
    module = project / "scripts/pielab/training/loop.py"
    text = module.read_text().replace('"""Train one model for one stage."""', '"""Train."""')
    module.write_text(text + "\n# a remark\n")
    (project / "scripts/train_dense.py").touch()
    assert not planned_rules(finished, study, project)


def test_code_of_the_library_reruns_the_rules_whose_scripts_import_it(finished, study, project):
    module = project / "scripts/pielab/measures/pies.py"
    module.write_text(module.read_text() + "\nUNUSED = 1\n")
    of_predictions = {"measure_harm", "measure_remedies"}  # which read no PIEs
    found = {"find_pies"} | TABLES - of_predictions
    assert planned_rules(finished, study, project) == found - PAGES


def test_code_of_a_criterion_reruns_only_the_methods_that_rank_by_it(finished, study, project):
    criteria = project / "scripts/pielab/training/criteria"
    (criteria / "another.py").write_text("READS_GRADIENT = False\n")
    module = criteria / "impact.py"
    module.write_text(module.read_text() + "\nUNUSED = 1\n")
    assert not planned_rules(finished, study, project)  # no method of the study ranks by impact
    module = criteria / "random.py"
    module.write_text(module.read_text() + "\nUNUSED = 1\n")
    jobs = planned_jobs(finished, study, project)
    assert {job for job in jobs if job.startswith("Prune")} == {
        f"Prune bilstm on rotten_tomatoes by rp-ai, 90 %, seeds {seed}-{seed}" for seed in (0, 1)
    }


def test_a_compressor_or_an_objective_more_reruns_nothing(finished, study, project):
    source = "LEVEL = 'percent'\n\n\ndef compress(model, job):\n    return model\n"
    (project / "scripts/pielab/training/compressors/nothing.py").write_text(source)
    objectives = project / "scripts/pielab/training/objectives"
    shutil.copy2(objectives / "cross_entropy.py", objectives / "another.py")
    assert not planned_rules(finished, study, project)
    more = changed(study, "methods", "nothing", value={"compressor": "nothing"})
    jobs = planned_jobs(finished, more, project)
    assert {job for job in jobs if re.match("Train|Prune|Compress", job)} == {
        f"Compress bilstm on rotten_tomatoes by nothing, 90 %, seeds {seed}-{seed}"
        for seed in (0, 1)
    }


def test_a_measure_of_influence_and_a_factor_more_train_nothing(finished, study, project):
    lines = ['WORDS = "nothing"', "", "", "def of_model(trace, labels):", "    return labels * 0.0"]
    (project / "scripts/pielab/influence/nothing.py").write_text("\n".join(lines) + "\n")
    words = project / "scripts/pielab/causes/lexical.py"
    added = (
        """    "numbers": numbers,\n    "letters": lambda words: float(sum(map(len, words))),\n"""
    )
    words.write_text(words.read_text().replace('    "numbers": numbers,\n', added))
    more = changed(study, "influence", value={"measures": ["el2n", "nothing"]})
    planned = planned_rules(finished, more, project)
    assert {"measure_influence", "measure_factors", "find_causes", "score_claims"} <= planned
    assert not planned & {"train_dense", "prune", "find_pies", "fetch", "encode_words"}


def test_a_result_that_is_deleted_is_made_again_with_what_it_needs(kept, study):
    # All tables of cells, and the browser, say which have collapsed
    of_predictions = {"measure_influence", "measure_harm", "measure_remedies"}
    of_predictions |= {"find_causes", "tabulate_causes"}
    with lost(kept / "results/tables/pies.csv"):
        assert rules(plan(kept, study)) == TABLES - of_predictions


CELL = "rotten_tomatoes/bilstm/imp-ft/sparsity90"
DENSE = "rotten_tomatoes/bilstm/dense/none"


@pytest.mark.parametrize(
    "path",
    [
        f"predictions/{DENSE}/seeds1-1.early.safetensors",
        f"predictions/{DENSE}/seeds1-1.test.safetensors",
        f"predictions/{CELL}/seeds0-0.train.safetensors",
        f"pies/{CELL}.dense.train.parquet",
        f"pies/{CELL}.dense.test.parquet",
        f"pies/{CELL}.dense.scores.csv",
        f"pies/{CELL}.dense.certainty.csv",
        f"pies/{CELL}.dense.seeds.csv",
        "influence/rotten_tomatoes/bilstm.parquet",
        "influence/rotten_tomatoes/bilstm.bins.csv",
        "influence/rotten_tomatoes/bilstm.top.csv",
        "complexity/rotten_tomatoes/train.parquet",
        "factors/rotten_tomatoes/bilstm.parquet",
        "tables/pies.csv",
        "tables/examples.csv",
        "tables/scorecard.csv",
        "figures/pie_share.svg",
        "figures/scorecard.svg",
        "report/index.html",
        "report/browser.html",
        "gate/gate.json",
        "gate/gate.xml",
    ],
)
def test_a_lost_result_is_made_again(kept, study, path):
    with lost(kept / "results" / path):
        assert plan(kept, study)


@pytest.mark.parametrize(
    "path",
    [
        "data/rotten_tomatoes/train.parquet",
        "data/rotten_tomatoes/card.json",
        "encoded/rotten_tomatoes/bilstm/train.safetensors",
        "models/rotten_tomatoes/bilstm/dense/none/seeds0-0.safetensors",
        "claims/rotten_tomatoes.csv",
        "fallback/rotten_tomatoes/bilstm.csv",
        "causes/rotten_tomatoes/bilstm.csv",
        "remedies/rotten_tomatoes/bilstm.csv",
        "factors/rotten_tomatoes.test.parquet",
        "logs/prune/rotten_tomatoes.bilstm.imp-ft.sparsity90.seeds0-0.log",
        "benchmarks/prune/rotten_tomatoes.bilstm.imp-ft.sparsity90.seeds0-0.tsv",
    ],
)
def test_what_only_served_to_make_results_may_go_and_nothing_trains_again(kept, study, path):
    with lost(kept / "results" / path):
        assert not plan(kept, study)


def test_every_kind_of_result_is_either_made_again_or_may_go(kept):
    marks = test_a_lost_result_is_made_again.pytestmark
    marks = marks + test_what_only_served_to_make_results_may_go_and_nothing_trains_again.pytestmark
    named = {path.split("/")[0] for mark in marks for path in mark.args[1]}
    there = {path.name for path in (kept / "results").iterdir() if path.is_dir()}
    assert there == named
