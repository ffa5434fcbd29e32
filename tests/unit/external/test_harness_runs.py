import gzip
import json
from pathlib import Path

import pytest

from helpers.harness_log import choice_row, sha256, write_log
from pielab.external.harness_runs import differences

RESULTS = {
    "config": {"model": "hf", "model_args": {"pretrained": "a"}, "batch_size": "4"},
    "configs": {"toy": {"num_fewshot": 0, "metadata": {"pretrained": "a"}}},
    "versions": {"toy": 1.0, "other": 3},
    "n-shot": {"toy": 0},
    "lm_eval_version": "0.4.13",
    "chat_template_sha": None,
    "date": 1.5,
}


def run(folder, rows=None, results=RESULTS, date="2026-11-21T20-49-48.038614"):
    """Write a run's log and results and return the path of the log."""
    rows = [choice_row(number, [-1.0, -2.0]) for number in range(3)] if rows is None else rows
    path = write_log(folder / f"samples_toy_{date}.jsonl", rows)
    if results is not None:
        (folder / f"results_{date}.json").write_text(json.dumps(results))
    return path


def test_runs_that_differ_in_nothing_but_their_answers_need_no_words(tmp_path):
    other = [choice_row(number, [-2.0, -1.0]) for number in range(3)]
    assert differences(run(tmp_path / "a"), run(tmp_path / "b", other)) == []


def test_a_gzipped_log_is_of_the_run_of_its_date(tmp_path):
    changed = RESULTS | {"versions": {"toy": 2.0}}
    paths = [run(tmp_path / "a"), run(tmp_path / "b", results=changed)]
    (tmp_path / "b/results_2025-01-01T00-00-00.000000.json").write_text(json.dumps(RESULTS))
    for number, path in enumerate(paths):
        packed = Path(f"{path}.gz")
        packed.write_bytes(gzip.compress(Path(path).read_bytes()))
        paths[number] = str(packed)
    assert differences(*paths) == ["versions is 1.0 in the first run and 2.0 in the other"]


def test_other_prompts_for_the_same_documents_are_counted(tmp_path):
    rows = [choice_row(number, [-1.0, -2.0]) for number in range(3)]
    rows[1]["prompt_hash"] = sha256("another prompt")
    (said,) = differences(run(tmp_path / "a"), run(tmp_path / "b", rows))
    assert said.startswith("1 of 3 documents were asked with other prompts (prompt_hash), such as ")
    assert rows[1]["doc_hash"][:12] in said


def test_documents_of_one_run_only_are_counted(tmp_path):
    rows = [choice_row(number, [-1.0, -2.0]) for number in range(1, 5)]
    paths = run(tmp_path / "a"), run(tmp_path / "b", rows)
    assert differences(*paths) == [
        "1 of the 3 documents of the first run are in it only",
        "2 of the 4 documents of the other run are in it only",
    ]


def test_what_the_results_say_of_the_run_and_the_task_is_compared(tmp_path):
    results = RESULTS | {
        "config": RESULTS["config"] | {"model_args": {"pretrained": "b"}, "batch_size": "16"},
        "configs": {"toy": {"num_fewshot": 2, "metadata": {"pretrained": "b"}}},
        "versions": {"toy": 2.0, "other": 4},
        "chat_template_sha": "abc",
        "date": 2.5,
    }
    a, b = run(tmp_path / "a"), run(tmp_path / "b", results=results)
    assert differences(a, b) == [
        "config.model_args.pretrained is 'a' in the first run and 'b' in the other",
        "config.batch_size is '4' in the first run and '16' in the other",
        "chat_template_sha is not set in the first run and 'abc' in the other",
        "configs.num_fewshot is 0 in the first run and 2 in the other",
        "versions is 1.0 in the first run and 2.0 in the other",
    ]


def test_results_are_those_of_the_logs_own_date(tmp_path):
    run(tmp_path / "a", results=RESULTS | {"lm_eval_version": "0.4.9"}, date="2025-01-01T00-00-00")
    assert differences(run(tmp_path / "a"), run(tmp_path / "b")) == []


def test_an_older_release_names_the_log_for_the_model_and_the_results_without_a_date(tmp_path):
    paths = []
    for name, examples in (("a", 0), ("b", 5)):
        paths.append(run(tmp_path / name, results=None))
        old = tmp_path / name / f"pretrained__{name}_toy.jsonl"
        paths[-1] = str((tmp_path / paths[-1]).rename(old))
        content = RESULTS | {"configs": {"toy": {"num_fewshot": examples}, "oy": {}}}
        (tmp_path / name / "results.json").write_text(json.dumps(content))
    (said,) = differences(*paths)
    assert said == "configs.num_fewshot is 0 in the first run and 5 in the other"


def test_a_run_without_results_says_that_it_is_not_known_what_differs(tmp_path):
    a, b = run(tmp_path / "a"), run(tmp_path / "b", results=None)
    said = f"no results_*.json of the same run beside {b}: what else differs is not known"
    assert differences(a, b) == [said]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", '{"versions": 3}', '{"n-shot": null}', '{"a":' * 5000, "\xff"]
)
def test_results_that_cannot_be_read_are_refused(tmp_path, content):
    paths = run(tmp_path / "a"), run(tmp_path / "b")
    (file,) = (tmp_path / "b").glob("results_*.json")
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match="not readable; expected the results of lm_eval") as caught:
        differences(*paths)
    assert str(caught.value).startswith(str(file))
