import hashlib
import json

import pytest

from helpers.harness_log import answer_row, choice_row, write_log
from pielab.data import harness_examples, harness_logs


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
        "largest score and choice 0 is right"
    )


@pytest.mark.parametrize("target", ["5", "[0, 1]", "maybe", "", "9" * 5000])
def test_a_target_that_is_no_choice_is_refused(tmp_path, target):
    row = choice_row(0, [-1.0, -2.0], target=target)
    assert "line 1: target" in refusal(tmp_path, [row])


def test_a_file_that_holds_two_runs_is_refused(tmp_path):
    row = choice_row(7, [-1.0, -2.0])
    assert refusal(tmp_path, [row, row]) == (
        f"{tmp_path}/samples_toy_1.jsonl, lines 1 and 2: both are document 7 under the filter "
        "'none'; expected one run a file"
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
        ({"target": None}, "target: None; expected a text or a whole number"),
        ({"arguments": {}}, "arguments: none; expected those of one request or more"),
        ({"arguments": 3}, "arguments: 3; expected an object or a list"),
        ({"arguments": {"gen_args_0": {}}}, "arguments: {}; expected a context and more"),
        ({"arguments": [[5, 6]]}, "arguments: 5; expected a context as text"),
        ({"doc_hash": "abc"}, "doc_hash: 'abc'; expected a SHA-256 in hexadecimal"),
        ({"filter": 1}, "filter: 1; expected a text"),
        ({"metrics": "acc"}, "metrics: 'acc'; expected a list"),
        ({"metrics": ["f1"]}, "no key 'f1'"),
        ({"filtered_resps": []}, "filtered_resps: 0 for 2 choices"),
        ({"filtered_resps": [["nan", "True"], ["-1", "True"]]}, "a finite log probability"),
        ({"filtered_resps": [["-inf", "True"], ["-1", "True"]]}, "a finite log probability"),
        ({"filtered_resps": [[10**400, "True"], ["-1", "True"]]}, "a finite log probability"),
        ({"filtered_resps": ["a", "b"]}, "a finite log probability"),
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
