import gzip
import hashlib
import json

import pytest

from helpers.dataset_settings import dataset
from helpers.harness_log import answer_row, choice_row, write_log
from pielab import harness_folders
from pielab.data import harness_examples, harness_logs, sources
from pielab.data.splits import prepare
from pielab.pies import clusters


def examples(tmp_path, rows):
    return harness_examples.read_examples(write_log(tmp_path / "samples_toy_1.jsonl", rows))


def refusal(tmp_path, rows):
    with pytest.raises(ValueError) as caught:
        examples(tmp_path, rows)
    return str(caught.value)


def test_a_document_is_named_by_its_hash_and_that_of_its_target(tmp_path):
    row = choice_row(0, [-1.0, -2.0])
    frame, _ = examples(tmp_path, [row, choice_row(1, [-2.0, -1.0], target=1)])
    document = json.dumps(row["doc"], indent=2).encode()
    target = hashlib.sha256(b"0").hexdigest()
    assert frame["example_id"][0] == f"{hashlib.sha256(document).hexdigest()[:12]}-{target[:12]}"
    assert frame["label"].tolist() == [0, 1]


def test_a_document_that_occurs_twice_is_numbered_by_its_row_wherever_it_stands(tmp_path):
    rows = [choice_row(number, [-1.0, -2.0], text="Who is it?") for number in (0, 1, 2)]
    name = harness_logs.read_samples(write_log(tmp_path / "a.jsonl", rows[:1]))[0].document
    frame, _ = examples(tmp_path, rows)
    assert frame["example_id"].tolist() == [name, f"{name}-2", f"{name}-3"]
    frame, _ = examples(tmp_path, rows[::-1])
    assert frame["example_id"].tolist() == [f"{name}-3", f"{name}-2", name]


def test_older_releases_wrote_lists_and_numbers_and_no_hashes(tmp_path):
    row = choice_row(0, [-1.5, -2.0])
    arguments = [[each["arg_0"], each["arg_1"]] for each in row["arguments"].values()]
    old = row | {"arguments": arguments, "filtered_resps": [[-1.5, False], [-2.0, False]]}
    for key in ("doc_hash", "prompt_hash", "target_hash", "filter"):
        del old[key]
    (sample,) = harness_logs.read_samples(write_log(tmp_path / "new.jsonl", [row]))
    assert harness_logs.read_samples(write_log(tmp_path / "old.jsonl", [old])) == [sample]


def test_choices_that_all_documents_share_name_the_classes(tmp_path):
    rows = [choice_row(number, [-1.0, -2.0], choices=["no", "yes"]) for number in (0, 1)]
    assert examples(tmp_path, rows)[1] == ["no", "yes"]


def test_choices_that_differ_between_documents_are_classes_by_their_positions(tmp_path):
    rows = [choice_row(0, [-1.0, -2.0]), choice_row(1, [-3.0, -2.0, -1.0], target=2)]
    frame, classes = examples(tmp_path, rows)
    assert classes == ["0", "1", "2"]
    assert frame["label"].tolist() == [0, 2]


def test_choices_of_equal_text_are_classes_by_their_positions(tmp_path):
    rows = [choice_row(0, [-1.0, -2.0], choices=["yes", "yes"])]
    assert examples(tmp_path, rows)[1] == ["0", "1"]


def test_a_generated_answer_should_be_right(tmp_path):
    frame, classes = examples(tmp_path, [answer_row(0, 0.0), answer_row(1, 1.0)])
    assert classes == ["wrong", "right"]
    assert frame["label"].tolist() == [1, 1]


def test_the_text_is_the_documents_own_without_examples_and_instructions(tmp_path):
    frame, _ = examples(tmp_path, [answer_row(3, 1.0)])
    assert frame["text"].tolist() == ["What is number 3?"]


def test_fields_inside_other_fields_are_not_repeated_in_the_text(tmp_path):
    prompt = {"arg_0": "Read this: A man walks. He falls.\nWho falls?\nAnswer:", "arg_1": {}}
    document = {"passage": "A man walks. He falls.", "end": "He falls.", "question": "Who falls?"}
    row = answer_row(0, 1.0, doc=document, arguments={"gen_args_0": prompt})
    assert examples(tmp_path, [row])[0]["text"][0] == "A man walks. He falls.\nWho falls?"


def test_where_no_field_stands_in_the_prompt_the_text_is_its_last_paragraph(tmp_path):
    row = answer_row(0, 1.0, doc={"numbers": [1, 2]})
    assert examples(tmp_path, [row])[0]["text"][0] == "Q: What is number 0?\nA:"


def test_the_text_of_a_chat_is_what_was_said_last(tmp_path):
    said = [{"role": "user", "content": "Hello."}, {"role": "user", "content": "How are you?"}]
    prompt = {"arg_0": [json.dumps(said)], "arg_1": {}}
    row = answer_row(0, 1.0, doc={}, arguments={"gen_args_0": prompt})
    assert examples(tmp_path, [row])[0]["text"][0] == "How are you?"


def test_a_target_may_be_the_text_of_a_choice(tmp_path):
    rows = [choice_row(0, [-1.0, -2.0], choices=["no", "yes"], target="yes", acc=0.0)]
    assert examples(tmp_path, rows)[0]["label"].tolist() == [1]


def test_whether_a_number_is_a_choice_or_its_position_is_told_by_the_accuracy(tmp_path):
    row = choice_row(0, [-2.0, -1.0, -3.0], choices=["0", "1", "2"][::-1], target="1")
    assert examples(tmp_path, [row | {"acc": 1.0}])[0]["label"].tolist() == [1]
    row = choice_row(0, [-2.0, -1.0], choices=["2", "3"], target="3", acc=1.0)
    assert examples(tmp_path, [row])[0]["label"].tolist() == [1]
    row = choice_row(0, [-1.0, -2.0], choices=["1", "2"], target="1", acc=1.0)
    assert examples(tmp_path, [row])[0]["label"].tolist() == [0]


@pytest.mark.parametrize(("score", "label"), [(1.0, 1), (0.0, 0)])
def test_which_of_two_contexts_is_right_is_told_by_the_accuracy(tmp_path, score, label):
    row = choice_row(0, [-2.0, -1.0], target=" was too big.", acc=score, doc={"option1": "trophy"})
    for position, name in enumerate(["the trophy", "the case"]):
        request = {"arg_0": f"It did not fit, as {name}", "arg_1": " was too big."}
        row["arguments"][f"gen_args_{position}"] = request
    frame, classes = examples(tmp_path, [row])
    assert classes == ["0", "1"]
    assert frame["label"].tolist() == [label]
    assert frame["text"].tolist() == ["It did not fit, as the trophy was too big."]


def test_choices_asked_again_without_context_count_once(tmp_path):
    row = choice_row(0, [-1.0, -2.0, -0.1, -0.2], choices=["a", "b", "a", "b"])
    row["arguments"]["gen_args_2"]["arg_0"] = row["arguments"]["gen_args_3"]["arg_0"] = ""
    row |= {"metrics": ["acc", "acc_mutual_info"], "acc": 1.0, "acc_mutual_info": 0.0}
    (sample,) = harness_logs.read_samples(write_log(tmp_path / "a.jsonl", [row]))
    assert sample.log_probabilities == (-1.0, -2.0)
    assert sample.choices == ("a", "b")


def test_an_accuracy_that_the_log_probabilities_contradict_is_refused(tmp_path):
    rows = [choice_row(0, [-1.0, -2.0]), choice_row(1, [-1.0, -2.0], acc=0.0)]
    assert refusal(tmp_path, rows) == (
        f"{tmp_path}/samples_toy_1.jsonl, line 2: acc 0.0; expected 1.0, since choice 0 has the "
        "largest score and choice 0 is right; if the task scores otherwise, give its answers as a "
        "table of the labels wrong and right instead"
    )


@pytest.mark.parametrize("target", ["5", "[7]", "maybe", "", "9" * 5000, None, {"a": 1}])
def test_a_target_that_is_no_choice_is_refused(tmp_path, target):
    row = choice_row(0, [-1.0, -2.0], target=target)
    assert "line 1: target" in refusal(tmp_path, [row])


def test_a_file_that_holds_two_runs_is_refused(tmp_path):
    row = choice_row(7, [-1.0, -2.0])
    assert refusal(tmp_path, [row, row]) == (
        f"{tmp_path}/samples_toy_1.jsonl, lines 1 and 2: both are document 7 under the filter "
        "'none'; expected one run a file"
    )


def of_release_0_4_1(row):
    """Return a row as releases 0.4.0 and 0.4.1 wrote it: lists, numbers, no hashes, no filter."""
    new = ("filter", "metrics", "doc_hash", "prompt_hash", "target_hash")
    old = {key: value for key, value in row.items() if key not in new}
    return old | {"arguments": [list(each.values()) for each in row["arguments"].values()]}


def test_releases_0_4_0_and_0_4_1_wrote_one_array_named_for_the_model(tmp_path):
    rows = [choice_row(0, [-1.0, -2.0]), choice_row(1, [-1.0, -2.0], target=1)]
    path = tmp_path / "pretrained__gpt2_toy.jsonl"
    path.write_text(json.dumps(list(map(of_release_0_4_1, rows)), indent=2))
    assert harness_folders.is_log(str(path))
    frame, classes = harness_examples.read_examples(str(path))
    new, _ = examples(tmp_path, rows)
    assert frame.equals(new)
    assert classes == ["choice 0", "choice 1"]
    samples = harness_logs.read_samples(str(path))
    assert [sample.metrics for sample in samples] == [{"acc": 1.0}, {"acc": 0.0}]
    starts = [n for n, line in enumerate(path.read_text().split("\n"), 1) if line == "  {"]
    assert [sample.line for sample in samples] == starts


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "line 1: ''; expected a whole JSON object"),
        ('[\n{"doc_id": 1', "line 2: '{\"doc_id\": 1'; expected a whole JSON object"),
        ("[\n\n3]", "line 3: 3; expected a JSON object"),
        ("[]", "no lines; expected samples"),
        ("[{}]\n7", "line 1: no key 'arguments'"),
        ("[" * 100_000, "line 1: nested too deep"),
    ],
)
def test_an_array_that_holds_no_samples_is_refused(tmp_path, content, said):
    path = tmp_path / "samples_toy_1.jsonl"
    path.write_text(content)
    with pytest.raises(ValueError) as caught:
        harness_examples.read_examples(str(path))
    assert str(caught.value).startswith(f"{path}")
    assert said in str(caught.value)


def test_an_array_with_something_between_or_after_its_samples_is_refused(tmp_path):
    row, path = json.dumps(choice_row(0, [-1.0, -2.0])), tmp_path / "samples_toy_1.jsonl"
    for content, said in ((f"[{row}\n x]", "line 2: 'x]'; expected a comma"), (f"[{row}]x", "'x'")):
        path.write_text(content)
        with pytest.raises(ValueError, match=said):
            harness_logs.read_samples(str(path))


@pytest.mark.parametrize(
    "content", ['{"doc_id": 1, "label": "yes"}', "[1]", "", "id,label\n1,2\n", "\xff"]
)
def test_a_users_own_table_is_no_log(tmp_path, content):
    path = tmp_path / "dense.jsonl"
    path.write_bytes(content.encode("latin-1"))
    assert not harness_folders.is_log(str(path))
    assert not harness_folders.is_log(f"{tmp_path}/missing.jsonl")


def test_two_filters_of_an_older_release_are_told_from_two_runs(tmp_path):
    rows = [of_release_0_4_1(answer_row(n, 1.0)) for n in (0, 1, 0, 1)]
    samples = harness_logs.read_samples(write_log(tmp_path / "a.jsonl", rows))
    assert [sample.filter for sample in samples] == ["1", "1", "2", "2"]
    assert [s.line for s in harness_logs.under_one_filter(samples, "a", "2")] == [3, 4]
    with pytest.raises(ValueError) as caught:
        harness_logs.under_one_filter(samples, "a.jsonl", None)
    assert str(caught.value) == (
        "a.jsonl: 2 lines for each document and no key 'filter', as older releases of lm_eval "
        "write a task with 2 filters; keep the lines of one filter (one half of the file), or set "
        "predictions.filter to one of '1', '2', by their order in it"
    )
    assert "expected one run a file" in refusal(tmp_path, rows[:3])
    assert "expected one run a file" in refusal(tmp_path, [rows[0], rows[0], rows[1], rows[1]])


def test_a_choice_that_lacks_a_finite_score_is_chosen_as_numpy_does(tmp_path):
    nan, low = float("nan"), float("-inf")
    for scores, chosen in (
        ([low, -3.0], 1),
        ([-3.0, nan, nan], 1),
        ([low, low], 0),
        ([nan, low], 0),
    ):
        row = choice_row(0, [-1.0] * len(scores), target=chosen, acc=1.0)
        row["filtered_resps"] = [[str(score), "False"] for score in scores]
        (sample,) = harness_logs.read_samples(write_log(tmp_path / "a.jsonl", [row]))
        assert sample.chosen == chosen
        assert examples(tmp_path, [row])[0]["label"].tolist() == [chosen]


def test_answers_with_a_graded_accuracy_are_wrong_or_right(tmp_path):
    rows = [choice_row(n, [-1.0, -2.0, -4.0], acc=acc) for n, acc in enumerate((0.9998, 0.2, 1.0))]
    frame, classes = examples(tmp_path, rows)
    assert classes == ["wrong", "right"]
    assert frame["label"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("target", ["[0, 2]", [0, 2]])
def test_answers_of_which_several_are_right_are_wrong_or_right(tmp_path, target):
    rows = [choice_row(0, [-1.0, -2.0, -4.0]), choice_row(1, [-2.0, -1.0, -4.0], target=1)]
    rows[0]["target"] = target
    assert examples(tmp_path, rows)[1] == ["wrong", "right"]


@pytest.mark.parametrize("target", ["[1]", [1]])
def test_a_list_of_one_position_is_that_position(tmp_path, target):
    rows = [choice_row(0, [-1.0, -2.0]), choice_row(1, [-2.0, -1.0], target=target, acc=1.0)]
    assert examples(tmp_path, rows)[0]["label"].tolist() == [0, 1]


def test_a_list_of_references_for_a_generated_answer_is_read(tmp_path):
    rows = [answer_row(0, 1.0, target=["42", "forty-two"]), answer_row(1, 0.0, target=None)]
    assert examples(tmp_path, rows)[0]["label"].tolist() == [1, 1]


def test_which_of_three_contexts_is_right_is_not_told_so_answers_are_wrong_or_right(tmp_path):
    row = choice_row(0, [-2.0, -1.0, -3.0], target=" was too big.", acc=0.0)
    for position in range(3):
        row["arguments"][f"gen_args_{position}"] = {"arg_0": f"As {position}", "arg_1": " fits."}
    assert examples(tmp_path, [row])[1] == ["wrong", "right"]


NUMBERS = ["1", "2", "3"]


def test_numbers_whose_last_is_never_right_are_told_from_positions_by_any_accuracy(tmp_path):
    # The target "1" is the choice "1", at position 0, or the position 1
    row = choice_row(0, [-1.0, -2.0, -3.0], choices=NUMBERS, target="1")
    del row["acc"]
    by_text = row | {"metrics": ["acc_norm"], "acc_norm": 1.0}
    by_position = row | {"metrics": ["acc_bytes"], "acc_bytes": 0.0}
    assert examples(tmp_path, [by_text])[0]["label"].tolist() == [0]
    assert examples(tmp_path, [by_position])[0]["label"].tolist() == [1]


def test_a_number_that_older_releases_wrote_without_quotes_is_a_position(tmp_path):
    row = choice_row(0, [-1.0, -2.0, -3.0], choices=NUMBERS) | {"target": 1, "metrics": []}
    assert examples(tmp_path, [row])[0]["label"].tolist() == [1]


def test_a_number_that_may_be_a_choice_or_its_position_is_refused(tmp_path):
    row = choice_row(0, [-3.0, -2.0, -1.0], choices=NUMBERS, target="1")
    assert refusal(tmp_path, [row]) == (
        f"{tmp_path}/samples_toy_1.jsonl, line 1: target '1' may be the position of a choice or "
        "one of the choices 1, 2, 3, and no accuracy in the log tells which; expected metrics acc, "
        "acc_norm or acc_bytes that tell, or source: files with the documents and their labels"
    )


def test_multiple_choice_and_generated_answers_do_not_mix(tmp_path):
    assert "expected multiple choice in all lines or in none" in refusal(
        tmp_path, [choice_row(0, [-1.0, -2.0]), answer_row(1, 1.0)]
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"doc_id": "0"}, "doc_id: '0'; expected a whole number"),
        ({"doc_id": True}, "doc_id: True; expected a whole number"),
        ({"doc": [1]}, "doc: [1]; expected an object"),
        ({"arguments": {}}, "arguments: none; expected those of one request or more"),
        ({"arguments": 3}, "arguments: 3; expected an object or a list"),
        ({"arguments": {"gen_args_0": {}}}, "arguments: {}; expected a context and more"),
        ({"arguments": [[5, 6]]}, "arguments: 5; expected a context as text"),
        ({"doc_hash": "abc"}, "doc_hash: 'abc'; expected a SHA-256 in hexadecimal"),
        ({"filter": 1}, "filter: 1; expected a text"),
        ({"metrics": "acc"}, "metrics: 'acc'; expected a list"),
        ({"metrics": ["f1"]}, "no key 'f1'"),
        ({"filtered_resps": []}, "filtered_resps: 0 for 2 choices"),
        ({"filtered_resps": [["inf", "True"], ["-1", "True"]]}, "a log probability"),
        ({"filtered_resps": [["none", "True"], ["-1", "True"]]}, "a log probability"),
        ({"filtered_resps": [["-1_0", "True"], ["-1", "True"]]}, "a log probability"),
        ({"filtered_resps": [[True, "True"], ["-1", "True"]]}, "a log probability"),
        ({"filtered_resps": [[10**400, "True"], ["-1", "True"]]}, "a log probability"),
        ({"filtered_resps": ["a", "b"]}, "a log probability"),
    ],
)
def test_a_key_that_is_not_as_the_harness_writes_it_is_refused(tmp_path, changes, said):
    rows = [choice_row(0, [-1.0, -2.0]), choice_row(1, [-1.0, -2.0]) | changes]
    message = refusal(tmp_path, rows)
    assert message.startswith(f"{tmp_path}/samples_toy_1.jsonl, line 2: ")
    assert said in message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"doc_id": 1, "do', "expected a JSON object on one whole line"),
        (b"[]", "[]; expected a JSON object"),
        (b"{}", "no key 'arguments'"),
        (b'{"doc": "\xff"}', "byte 0xff is not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_line_that_is_no_sample_is_refused(tmp_path, line, said):
    path = write_log(tmp_path / "a.jsonl", [choice_row(0, [-1.0, -2.0])])
    with open(path, "ab") as file:
        file.write(b"\n" + line)
    with pytest.raises(ValueError) as caught:
        harness_logs.read_samples(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert said in str(caught.value)


def test_a_log_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such file; expected samples"):
        harness_logs.read_samples(f"{tmp_path}/samples_toy_1.jsonl")


def test_a_log_without_lines_is_refused(tmp_path):
    assert refusal(tmp_path, []).endswith(
        "samples_toy_1.jsonl: no lines; expected samples of lm_eval --log_samples"
    )


def test_a_gzipped_log_is_read_as_it_was_and_a_damaged_one_is_refused(tmp_path):
    rows = [choice_row(0, [-1.0, -2.0]), choice_row(1, [-2.0, -1.0], target=1)]
    plain = write_log(tmp_path / "samples_toy.jsonl", rows)
    packed = tmp_path / "packed/samples_toy.jsonl.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress((tmp_path / "samples_toy.jsonl").read_bytes()))
    assert harness_logs.read_samples(str(packed)) == harness_logs.read_samples(str(plain))
    assert harness_folders.is_log(str(packed))
    assert harness_folders.logs_of(str(packed.parent)) == {"toy": str(packed)}
    packed.write_bytes(packed.read_bytes()[:40])
    with pytest.raises(ValueError, match=r"samples_toy\.jsonl\.gz: no whole gzip file: .*expected"):
        harness_logs.read_samples(str(packed))


def test_documents_of_a_passage_are_a_cluster_and_those_of_another_task_are_not(tmp_path):
    rows = [choice_row(n, [-1.0, -2.0], text=f"Item {n // 2}?") for n in range(4)]
    rows[3]["doc"] = {"answer": "none"}
    logs = {name: str(write_log(tmp_path / f"samples_{name}_1.jsonl", rows)) for name in "ab"}
    frame, _ = harness_examples.read_tasks(logs, ["question"])
    codes = clusters.of_examples(frame)
    assert codes.tolist() == [0, 0, 1, 4, 2, 2, 3, 5]  # the last of a task by itself
    own = {
        "source": "lm_eval",
        "files": dict.fromkeys(("train", "test"), logs["a"]),
        "cluster_by": ["question"],
    }
    for cluster_by, expected in ((["question"], [0, 0, 1, 2]), ([], None)):
        settings = dataset(**own | {"cluster_by": cluster_by})
        splits, _ = prepare(*sources.read_source(settings), settings)
        found = clusters.of_examples(splits["test"])
        assert found is None if expected is None else found.tolist() == expected
