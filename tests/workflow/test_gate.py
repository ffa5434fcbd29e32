"""snakemake gate, as a user runs it: of predictions that others made, so that nothing trains."""

import copy
import json
import os
import shutil

import pandas as pd
import pytest

from helpers.small_audit import AUDIT, write_audit
from helpers.small_study import STUDY, plan, snakemake
from pielab import digests
from pielab.gate.verdicts import SAME_MODEL
from pielab.gate.wording import LOST

SCORE_ONLY = dict.fromkeys(LOST)


@pytest.fixture
def audit(tmp_path):
    """A folder with texts and labels that a dense and a much worse int8 model predict."""
    write_audit(tmp_path)
    return tmp_path


def gate(folder, *arguments, **chosen):
    study = copy.deepcopy(AUDIT) | {"gate": chosen}
    return snakemake(folder, study, "--cores", "1", *arguments, "--", "gate")


def test_a_version_that_loses_much_ends_with_1_and_the_screen_and_another_rule_lets_it_pass(audit):
    run = gate(audit, "--retries", "2", "--keep-going")  # as on a cluster
    assert run.returncode == 1, run.stderr
    assert run.stderr.count("Error in rule gate") == 1
    screen = (audit / "results/gate/gate.txt").read_text(encoding="utf-8")
    assert run.stdout.strip() == screen.strip()
    assert screen.startswith("BLOCK: reviews, ours with int8")
    assert "Stopped after" not in run.stderr
    assert json.loads((audit / "results/gate/gate.json").read_text())["fails"] is True
    made = {path.parent.name for path in audit.glob("results/*/*")}
    assert not made & {"figures", "report"}
    edited = audit / "results/gate/gate.json"
    whole = edited.read_text()
    edited.write_text(whole.replace('"fails": true', '"fails": false'))
    run = gate(audit)
    assert run.returncode == 1
    assert "gate.json: changed since it was written; delete it" in run.stderr
    digests.write(edited, audit / "results")  # by somebody who knows where digests are
    run = gate(audit)
    assert run.returncode == 1
    assert "gate.json: another verdict than the measured losses give, BLOCK" in run.stderr
    edited.write_text(whole)
    digests.write(edited, audit / "results")
    losses = audit / "results/gate/reviews/ours.csv"
    shutil.copy2(losses, kept := audit / "ours.csv")
    losses.write_text(losses.read_text().splitlines()[0] + "\n")
    digests.write(losses, audit / "results")
    run = gate(audit)
    assert run.returncode == 1
    assert "ours.csv: 0 rows of negative_flips for int8, 8 bits, against dense" in run.stderr
    os.replace(kept, losses)
    digests.write(losses, audit / "results")
    run = gate(audit, rules=SCORE_ONLY | {"score": {"block": 100, "warn": 100}})
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip().startswith("PASS: reviews, ours with int8 at 8 bits")
    assert "measure_harm" not in run.stderr  # thresholds alone are judged again


def test_the_same_scores_twice_are_no_pass_but_a_question_at_any_level(audit):
    """Text after text equal: with enough texts, all rules but this one would pass."""
    dense = pd.read_csv(audit / "dense.csv")
    scores = {"no": (dense["prediction"] == "no") * 0.8 + 0.1}
    pd.DataFrame({"id": dense["id"], **scores, "yes": 1 - scores["no"]}).to_csv(
        audit / "dense.csv", index=False
    )
    study = copy.deepcopy(AUDIT)
    study["predictions"] = {
        "files": dict.fromkeys(["dense", "int8", "pruned", "fine"], "dense.csv")
    }
    study["methods"] = {
        "int8": {"compressor": "external", "bits": 8},
        "pruned": {"compressor": "external", "percent": 50},
        "fine": {"compressor": "external"},
    }
    study["gate"] = {"rules": SCORE_ONLY | {"score": {"block": 50, "warn": 50}}}
    run = snakemake(audit, study, "--cores", "1", "--", "gate")
    assert run.returncode == 0, run.stderr
    judged = json.loads((audit / "results/gate/gate.json").read_text())["versions"]
    assert [version["verdict"] for version in judged] == ["INCONCLUSIVE"] * 3
    assert all(version["rules"][0]["rule"] == SAME_MODEL for version in judged)
    assert "is it the same model?" in " ".join(run.stdout.split())
    differences = pd.read_csv(audit / "results/tables/external_differences.csv")
    assert set(differences["level"]) == {0, 8, 50}


def test_a_method_or_level_that_there_is_not_is_refused_with_what_there_is(audit):
    for chosen, said in (
        ({"methods": ["int4"]}, "gate.methods: 'int4'; expected some of int8; did you mean int8?"),
        ({"levels": [4]}, "gate.levels: 4; expected some of 8"),
        ({"rules": {"score": {"warn": 3}}}, "gate.rules.score.warn: 3; expected at most block, 2"),
    ):
        run = gate(audit, **chosen)
        assert run.returncode == 1
        assert said in run.stderr
        assert "Traceback" not in run.stderr


def test_the_gate_plans_no_figure_and_no_page_and_the_whole_study_never_fails_by_it(tmp_path):
    jobs = {rule for rule, _ in plan(tmp_path, STUDY)}
    assert "judge_gate" in jobs
    assert "gate" not in jobs
    run = snakemake(tmp_path, STUDY, "-n", "--quiet", "rules", "--", "gate")
    assert "measure_harm" in run.stdout
    for rule in ("plot_", "build_report", "build_browser", "measure_influence", "score_claims"):
        assert rule not in run.stdout
