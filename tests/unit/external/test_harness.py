import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from helpers.harness_log import answer_row, choice_row, sha256, write_log
from pielab.cells import chosen_for
from pielab.data.harness_examples import read_examples
from pielab.external.harness import BELOW, read_answers

SETTINGS = {"metric": None, "filter": None, "scores": "labels", "right_from": None, "drop": None}


def read(tmp_path, rows, classes, metric=None, **settings):
    path = write_log(tmp_path / "samples_toy_1.jsonl", rows)
    return read_answers(path, classes, SETTINGS | {"metric": metric} | settings)


def refusal(*arguments, **settings):
    with pytest.raises(ValueError) as caught:
        read(*arguments, **settings)
    return str(caught.value)


def test_a_choices_score_is_how_far_its_log_probability_lies_below_the_best(tmp_path):
    rows = [choice_row(0, [-3.25, -1.0, -2.5], target=1), choice_row(1, [-1.0, -2.0, -4.0])]
    answers = read(tmp_path, rows, ["0", "1", "2"])
    assert answers.logits.tolist() == [[-2.25, 0, -1.5], [0, -1, -3]]
    assert answers.logits.dtype == np.float32
    assert answers.models == ["", ""]


def test_answers_and_examples_have_the_same_ids(tmp_path):
    rows = [choice_row(number, [-1.0, -2.0], choices=["no", "yes"]) for number in range(4)]
    frame, classes = read_examples(write_log(tmp_path / "a.jsonl", rows))
    assert read(tmp_path, rows[::-1], classes).ids == frame["example_id"].tolist()[::-1]


def test_normalised_scores_are_by_character_and_by_byte_of_the_choice(tmp_path):
    # By choice -6 < -4; by character -6/4 = -1.5 > -4/2 = -2; by byte -6/4 < -4/4
    row = choice_row(0, [-6.0, -4.0], target=1, choices=["grün", "öä"], acc=1.0)
    row |= {"metrics": ["acc", "acc_norm", "acc_bytes"], "acc_norm": 0.0, "acc_bytes": 1.0}
    assert read(tmp_path, [row], ["grün", "öä"], "acc").logits.tolist() == [[-2, 0]]
    assert read(tmp_path, [row], ["grün", "öä"], "acc_norm").logits.tolist() == [[0, -0.5]]
    by_byte = read(tmp_path, [row], ["grün", "öä"], "acc_bytes").logits  # of 5 and 4 bytes
    assert by_byte == pytest.approx(np.array([[-0.2, 0]]))


def test_a_choice_that_a_document_has_not_is_the_least_likely_by_far(tmp_path):
    rows = [choice_row(0, [-1.0, -3.0]), choice_row(1, [-4.0, -5.0, -1.0, -9.0], target=2)]
    logits = read(tmp_path, rows, ["0", "1", "2", "3"]).logits
    assert logits[0].tolist() == [0, -2, -2 - BELOW, -2 - BELOW]
    assert np.isfinite(logits).all()


def test_scores_that_float32_cannot_tell_apart_are_told_apart(tmp_path):
    scores = [-100.00000001, -100.0]
    assert np.float32(scores[0]) == np.float32(scores[1])
    assert read(tmp_path, [choice_row(0, scores, target=1)], ["0", "1"]).logits.argmax() == 1


def test_a_log_of_a_part_of_the_documents_may_have_fewer_choices(tmp_path):
    answers = read(tmp_path, [choice_row(0, [-1.0, -2.0], choices=["a", "b"])], ["0", "1", "2"])
    assert answers.logits.shape == (1, 3)


def test_a_log_of_other_classes_than_the_data_sets_is_refused(tmp_path):
    row = choice_row(0, [-1.0, -2.0], choices=["a", "b"])
    assert refusal(tmp_path, [row], ["no", "yes"]).endswith(
        "classes a, b; expected those of the dataset, no, yes"
    )
    assert "expected those of the dataset" in refusal(tmp_path, [row], ["wrong", "right"])
    assert "expected those of the dataset" in refusal(tmp_path, [answer_row(0, 1.0)], ["0", "1"])


@pytest.mark.parametrize(("value", "answer"), [(1.0, 1), (0, 0), (True, 1)])
def test_a_generated_answer_is_right_where_its_metric_is_1(tmp_path, value, answer):
    logits = read(tmp_path, [answer_row(0, value)], ["wrong", "right"]).logits
    assert logits.tolist() == [[1 - answer, answer]]


def test_a_metric_that_is_not_0_or_1_is_cut_only_where_the_config_says(tmp_path):
    rows = [answer_row(0, 0.3, "f1"), answer_row(1, 0.6, "f1")]
    classes = ["wrong", "right"]
    assert refusal(tmp_path, rows, classes).endswith(
        "f1 0.3 is not right or wrong; expected predictions.right_from, the value of f1 from "
        "which on an answer counts as right"
    )
    for cut, right in ((0.6, [0, 1]), (0.61, [0, 0]), (0.3, [1, 1])):
        assert read(tmp_path, rows, classes, right_from=cut).logits[:, 1].tolist() == right


def test_of_a_metric_that_is_better_small_at_most_the_cut_is_right(tmp_path):
    rows = [answer_row(0, 0.3, "wer"), answer_row(1, 1.6, "wer")]
    classes = ["wrong", "right"]
    assert read(tmp_path, rows, classes, right_from=0.3).logits[:, 1].tolist() == [1, 0]
    assert "at most which an answer counts as right" in refusal(tmp_path, rows, classes)


def test_tasks_may_each_have_a_metric_by_name_or_pattern():
    chosen = {"gsm8k*": "exact_match", "gsm8k_hard": "f1", "*": "acc"}
    found = [chosen_for(chosen, task) for task in ("gsm8k", "gsm8k_hard", "arc")]
    assert found == ["exact_match", "f1", "acc"]
    assert chosen_for({"gsm8k": "f1"}, "arc") is None
    assert chosen_for("acc", "arc") == "acc"


def test_generated_answers_are_labels_that_say_nothing_of_how_sure_a_model_is(tmp_path):
    message = refusal(tmp_path, [answer_row(0, 1.0)], ["wrong", "right"], scores="probabilities")
    assert message.endswith("expected predictions.scores: labels, not probabilities")


def test_of_several_metrics_of_a_generated_answer_one_is_to_be_named(tmp_path):
    row = answer_row(0, 1.0) | {"metrics": ["exact_match", "f1"], "f1": 0.2}
    assert read(tmp_path, [row], ["wrong", "right"], "f1", right_from=0.5).logits.argmax() == 0
    assert "one of exact_match, f1" in refusal(tmp_path, [row], ["wrong", "right"])
    assert "metric 'bleu'" in refusal(tmp_path, [row], ["wrong", "right"], "bleu")


@pytest.mark.parametrize("value", [float("nan"), [1, 2], None])
def test_a_metric_that_is_no_number_of_a_document_is_refused(tmp_path, value):
    message = refusal(tmp_path, [answer_row(0, value)], ["wrong", "right"], right_from=0.5)
    assert "expected a finite number for each document" in message


def test_bits_per_byte_are_taken_of_the_log_probability_and_the_bytes(tmp_path):
    row = answer_row(0, [-27.0, 9], "word_perplexity") | {"bits_per_byte": [-27.0, 38]}
    row["metrics"] = ["word_perplexity", "bits_per_byte"]
    said = read(tmp_path, [row], ["wrong", "right"], "bits_per_byte", right_from=1.1)
    assert said.documents["value"].tolist() == [pytest.approx(27 / 38 / np.log(2))]
    assert said.documents["weight"].tolist() == [38]
    assert said.logits.tolist() == [[0, 1]]
    message = refusal(tmp_path, [row], ["wrong", "right"], "word_perplexity")
    assert message.endswith("each document: predictions.metric bits_per_byte")


def test_filters_of_a_document_do_not_mix(tmp_path):
    strict = [answer_row(number, 0.0, filter="strict") for number in range(2)]
    loose = [answer_row(number, 1.0, filter="loose") for number in range(2)]
    rows, classes = [*strict, *loose], ["wrong", "right"]
    assert read(tmp_path, rows, classes, filter="strict").logits[:, 0].tolist() == [1, 1]
    assert read(tmp_path, rows, classes, filter="loose").logits[:, 0].tolist() == [0, 0]
    assert refusal(tmp_path, rows, classes).endswith(
        "filters strict, loose; expected one of them as predictions.filter"
    )
    assert "no filter 'other'" in refusal(tmp_path, rows, classes, filter="other")


def test_a_metric_that_multiple_choice_has_not_is_refused(tmp_path):
    message = refusal(tmp_path, [choice_row(0, [-1.0, -2.0])], ["0", "1"], "exact_match")
    assert "expected one of acc, acc_norm, acc_bytes for multiple choice" in message


def test_a_normalised_accuracy_that_the_scores_contradict_is_refused(tmp_path):
    row = choice_row(0, [-6.0, -4.0], target=1, choices=["long", "ab"], acc_norm=1.0)
    row["metrics"].append("acc_norm")
    assert "line 1: acc_norm 1.0; expected 0.0" in refusal(
        tmp_path, [row], ["long", "ab"], "acc_norm"
    )


def with_scores(row, scores):
    return row | {"filtered_resps": [[str(score), "False"] for score in scores]}


NAN, LOW = float("nan"), float("-inf")


def test_a_choice_of_no_probability_is_the_least_likely_by_far_and_counted(tmp_path, caplog):
    rows = [choice_row(0, [-1.0, -3.0, -4.0]), choice_row(1, [-1.0, -2.0, -3.0], target=1)]
    rows[1] = with_scores(rows[1], [LOW, -3.0, -4.0]) | {"acc": 1.0}
    logits = read(tmp_path, rows, ["0", "1", "2"]).logits
    assert logits.tolist() == [[0, -2, -3], [-1 - BELOW, 0, -1]]
    assert "1 of 2 documents, such as that of line 2, have a log probability -inf" in caplog.text


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([-5.0, NAN, -4.0], [-1, 0, 0]),  # the NaN decides, and by hardly anything
        ([-5.0, NAN, NAN], [0, 0, 0]),
        ([NAN, NAN, NAN], [0, 0, 0]),
        ([LOW, LOW, LOW], [0, 0, 0]),
        ([LOW, NAN, -4.0], [-BELOW, 0, 0]),
        ([NAN, LOW, LOW], [0, -BELOW, -BELOW]),
    ],
)
def test_what_is_no_number_decides_as_in_the_harness_and_says_no_more(tmp_path, scores, expected):
    chosen = int(np.argmax(scores))  # as lm_eval decides
    row = with_scores(choice_row(0, [-1.0] * 3, target=chosen, acc=1.0), scores)
    logits = read(tmp_path, [row], ["0", "1", "2"]).logits
    assert logits[0].argmax() == chosen
    assert logits[0] == pytest.approx(np.array(expected), abs=1e-5)
    assert np.isfinite(logits).all()


def test_answers_of_which_several_are_right_are_read_by_their_metric(tmp_path):
    rows = [choice_row(n, [-1.0, -2.0, -4.0], target="[0, 2]", acc=n) for n in (0, 1)]
    for row in rows:
        row |= {"metrics": ["f1", "acc", "acc_norm"], "acc_norm": 1.0, "f1": [[0, 2], 1]}
    classes = ["wrong", "right"]
    assert read(tmp_path, rows, classes).logits.argmax(axis=1).tolist() == [0, 1]
    assert read(tmp_path, rows, classes, "acc_norm").logits.argmax(axis=1).tolist() == [1, 1]
    assert refusal(tmp_path, rows, classes, "f1").endswith(
        "f1 '[[0, 2], 1]' (it is computed over all documents together); expected a finite number "
        "for each document: predictions.metric acc or acc_norm"
    )


def test_a_graded_accuracy_is_right_where_the_config_says_and_needs_labels(tmp_path):
    rows = [choice_row(n, [-1.0, -2.0], acc=acc) for n, acc in enumerate((0.9998, 0.4, 0.5))]
    classes = ["wrong", "right"]
    right = read(tmp_path, rows, classes, right_from=0.5).logits.argmax(axis=1)
    assert right.tolist() == [1, 0, 1]
    assert "acc 0.9998 is not right or wrong" in refusal(tmp_path, rows, classes)
    assert refusal(tmp_path, rows, classes, scores="probabilities").endswith(
        "answers that have a graded acc or several right choices, so right or wrong by "
        "predictions.metric; expected predictions.scores: labels, not probabilities"
    )


def test_numbers_that_may_be_choices_or_positions_do_not_matter_for_answers(tmp_path):
    row = choice_row(0, [-3.0, -2.0, -1.0], choices=["1", "2", "3"], target="1")
    assert read(tmp_path, [row], ["1", "2", "3"]).logits.tolist() == [[-2, -1, 0]]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text()
    | st.sampled_from(["nan", "-1", "\ud800", sha256("a")]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.slow
@given(data=st.data(), generated=st.booleans())
@hypothesis_settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_malformed_log_is_refused_with_its_name_or_read(tmp_path, data, generated):
    rows = [answer_row(n, 1.0) if generated else choice_row(n, [-1.0, -2.0]) for n in range(3)]
    row = data.draw(st.sampled_from(rows))
    for _ in range(data.draw(st.integers(1, 3))):
        place = row
        while isinstance(place, dict) and place and data.draw(st.booleans()):
            inner = [value for value in place.values() if isinstance(value, dict)]
            place = data.draw(st.sampled_from(inner)) if inner else row
        key = data.draw(st.sampled_from(sorted(place) or ["doc"]))
        if data.draw(st.booleans()):
            place[key] = data.draw(VALUES)
        else:
            place.pop(key, None)
    content = "".join(json.dumps(each) + "\n" for each in rows).encode()
    if data.draw(st.booleans()):
        cut = data.draw(st.integers(0, len(content)))
        content = content[:cut] + data.draw(st.binary(max_size=4))
    path = tmp_path / "samples_toy_1.jsonl"
    path.write_bytes(content)
    try:
        frame, classes = read_examples(str(path))
        answers = read_answers(str(path), classes, SETTINGS)
    except ValueError as error:
        refused = str(error)
    else:
        assert answers.ids == frame["example_id"].tolist()
        assert answers.logits.shape == (len(frame), len(classes))
        frame["text"].str.encode("utf-8")
        return
    assert refused.startswith(str(path))
    assert "\n" not in refused


@pytest.mark.parametrize(
    "metric", ["wer", "word_perplexity", "brier_score", "bits_per_byte", "eval_loss", "error-rate"]
)
def test_a_metric_that_is_better_the_smaller_it_is_needs_a_cut_even_if_all_are_0(tmp_path, metric):
    rows = [answer_row(number, 0.0, metric) for number in range(2)]
    line = refusal(tmp_path, rows, ["wrong", "right"])
    assert f"line 1: {metric} is not right or wrong; expected predictions.right_from" in line
    assert "at most which an answer counts as right" in line


def test_a_metric_whose_name_holds_such_letters_is_read(tmp_path):
    rows = [answer_row(number, 1.0, "answer_match") for number in range(2)]
    assert read(tmp_path, rows, ["wrong", "right"]).logits.tolist() == [[0, 1]] * 2


def test_documents_are_clustered_by_fields_and_fields_that_none_has_are_refused(tmp_path):
    rows = [choice_row(n, [-1.0, -2.0], text=f"Number {n} of two") for n in range(4)]
    for n, row in enumerate(rows):
        row["doc"]["passage"] = [None, "a", "a", "b"][n]
    said = read(tmp_path, rows, ["choice 0", "choice 1"], cluster_by=["passage"]).documents
    assert said["cluster"].isna().tolist() == [True, False, False, False]
    assert said["cluster"][1] == said["cluster"][2] != said["cluster"][3]
    message = refusal(tmp_path, rows, ["choice 0", "choice 1"], cluster_by=["context"])
    assert message.endswith("cluster_by: no document has a field context")


def test_only_what_was_generated_is_a_text_and_no_log_probability(tmp_path):
    row = answer_row(0, 1.0, "acc")
    assert read(tmp_path, [row], ["wrong", "right"]).documents["answer"].tolist() == ["42"]
    row["arguments"]["gen_args_0"]["arg_1"] = " 42"  # as lambada asks
    row |= {"resps": [["-3.5", "False"]], "filtered_resps": [["-3.5", "False"]]}
    assert read(tmp_path, [row], ["wrong", "right"]).documents["answer"].isna().all()
