import io
import json
import re

import pytest

from pielab import endings, logs


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run in a folder with the log of a job that failed in an earlier one."""
    monkeypatch.chdir(tmp_path)
    results = tmp_path.__class__("results")
    fail(results / "logs/fetch/old.log", "old.csv: bad thing")
    run = endings.Run(results)
    run.start()
    return run


def fail(path, error):
    with pytest.raises(SystemExit), logs.job(path):
        raise ValueError(error)


def test_jobs_that_failed_in_this_run_are_named_in_order_and_no_others(run):
    assert run.failures() == []
    for name in ("b", "a"):
        fail(run.results / f"logs/fetch/{name}.log", f"{name}.csv: bad thing")
    with logs.job(run.results / "logs/fetch/well.log"):
        logs.logger.info("well")
    assert run.failures() == [
        f"pielab: {name}.csv: bad thing (log: results/logs/fetch/{name}.log)" for name in ("b", "a")
    ]
    said = run.stopped(["snakemake.log"]).splitlines()
    assert re.fullmatch(
        r"Stopped after \d+ s. The lines above and snakemake.log show what failed, .*", said[0]
    )
    assert said[1:] == run.failures()


def test_a_job_that_failed_and_then_succeeded_is_no_failure(run):
    fail(run.results / "logs/fetch/old.log", "old.csv: bad thing")
    with logs.job(run.results / "logs/fetch/old.log"):
        pass
    assert run.failures() == []


def test_a_job_that_was_killed_is_named_too(run):
    log = run.results / "logs/prune/a.log"
    log.parent.mkdir()
    log.write_text("2026-11-29 10:00:00,123 INFO epoch 1: loss 0.5\n")
    (said,) = run.failures()
    assert said.startswith("pielab: the job was killed or interrupted before it ended")
    assert said.endswith("(log: results/logs/prune/a.log)")


def test_a_job_that_was_killed_before_it_began_a_log_is_named_by_snakemakes_own(run):
    log = run.results.parent / "snakemake.log"
    log.write_text("Command 'set -e; python x.py' died with <Signals.SIGKILL: 9>.")
    assert run.stopped([str(log)]).splitlines()[-1] == (
        "pielab: a job was killed (SIGKILL); was there enough memory?"
    )
    fail(run.results / "logs/fetch/b.log", "b.csv: bad thing")
    assert run.stopped([str(log)]).splitlines()[-1] == run.failures()[0]


def test_a_single_result_without_notes_is_named():
    said = endings.without_notes([endings.Path("results/a.csv")])
    assert said.startswith("results/a.csv has lost Snakemake's notes")


def test_the_folders_of_models_that_a_run_exported_are_named(run):
    def export(*names):
        with logs.job(run.results / "logs/export.log"):
            listed = run.results / "export/exported.json"
            listed.parent.mkdir(exist_ok=True)
            said = {"exported": [{"folder": f"results/export/{name}"} for name in names]}
            listed.write_text(json.dumps(said))

    assert "export" not in run.done()
    export("a")
    assert "The exported model is in results/export/a." in run.done()
    export("a", "b")
    assert "2 exported models are in results/export, such as results/export/a." in run.done()
    run.start()
    assert "export" not in run.done()


def test_a_gate_has_judged_if_its_job_ran_to_a_verdict_in_this_run(run):
    log = run.results / "logs/gate.log"
    assert not run.has_judged()
    fail(log, "gate.json: another verdict")
    assert not run.has_judged()
    with pytest.raises(SystemExit, match="BLOCK"), logs.job(log):
        raise SystemExit("BLOCK")
    assert run.has_judged()
    later = endings.Run(run.results)
    later.start()
    assert not later.has_judged()


def test_a_run_ends_with_the_finding_and_the_pages_that_are_there(run):
    assert re.fullmatch(r"Done in \d+ s.\nThere is no report yet.", run.done())
    (run.results / "report").mkdir()
    page = '<meta name="description" content="Of 8 versions, 1 changes &amp; 7 don&#39;t.">'
    (run.results / "report/index.html").write_text(page)
    assert len(run.done().splitlines()) == 1  # a run that makes no page, such as verify
    with logs.job(run.results / "logs/build_report.log"):
        pass
    assert run.done().splitlines()[1:] == [
        "Of 8 versions, 1 changes & 7 don't.",
        "Open results/report/index.html (the report) in a browser.",
    ]
    (run.results / "gate").mkdir()
    (run.results / "gate/gate.txt").write_text("BLOCK: 2 of 8 versions\nlose much.\n\nMore.\n")
    (run.results / "report/browser.html").write_text("")
    assert run.done().splitlines()[2:] == [
        "May it ship? BLOCK: 2 of 8 versions lose much.",
        "Open results/report/index.html (the report) and results/report/browser.html (all texts) "
        "in a browser.",
    ]


def test_no_line_of_a_finding_is_too_long_to_read(run):
    (run.results / "report").mkdir()
    page = f'<meta name="description" content="{"change " * 90}">'
    (run.results / "report/index.html").write_text(page)
    assert max(map(len, endings.found_line(run.results).splitlines())) <= endings.WIDTH


def test_a_duration_has_minutes_only_if_it_takes_some(run, monkeypatch):
    for seconds, said in ((59, "59 s"), (61, "1 min 1 s")):
        monkeypatch.setattr(endings.time, "monotonic", lambda s=seconds: run.started + s)
        assert run.elapsed() == said


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "\u2212 1 \u00d7 2 \u2713"), ("ascii", "- 1 x 2 ?")]
)
def test_a_screen_is_printed_in_the_characters_that_the_terminal_knows(
    tmp_path, monkeypatch, encoding, shown
):
    (tmp_path / "gate.txt").write_text("\u2212 1 \u00d7 2 \u2713", encoding="utf-8")
    terminal = io.TextIOWrapper(written := io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", terminal)
    endings.print_screen(tmp_path / "gate.txt")
    assert written.getvalue().decode(encoding) == f"\n{shown}\n"


def test_results_without_notes_of_snakemake_are_named_at_the_end_too(run):
    assert endings.without_notes([]) == ""
    paths = [run.results / "tables/pies.csv", run.results / "tables/classes.csv"]
    run.warning = endings.without_notes(paths)
    assert run.warning.startswith("2 results, such as results/tables/pies.csv, have lost")
    assert run.done().splitlines()[-1] == run.warning
