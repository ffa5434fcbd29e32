"""What the gate writes: JSON, JUnit XML, and one screen of words."""

import re
from xml.etree import ElementTree

import pytest

from helpers.gate import RULES, bound_rows, cell, difference_rows, slice_rows, write_gate
from pielab.gate.texts import plain
from pielab.gate.wording import rounded


def outcomes(path):
    """Return the outcome of each test case, by suite and rule."""
    return {
        (suite.get("name"), case.get("name")): [child.tag for child in case]
        for suite in ElementTree.parse(path).getroot()
        for case in suite
    }


def test_a_version_that_loses_much_is_blocked_in_all_three_files(tmp_path):
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(600), "int8": cell(0)})
    assert gate["verdict"] == "BLOCK"
    assert gate["fails"] is True
    assert [version["verdict"] for version in gate["versions"]] == ["BLOCK", "PASS"]
    (score,) = [one for one in gate["versions"][0]["rules"] if one["rule"] == "score"]
    assert score["verdict"] == "BLOCK"
    assert score["low"] > 2 > score["warn"]
    lines = paths["screen"].read_text(encoding="utf-8").splitlines()
    assert lines[0] == "BLOCK: 1 of 2 compressed versions loses more than the gate allows."
    first = "films, bert with imp-ft at 90 % against dense"
    found = outcomes(paths["junit"])
    assert found[first, "score"] == ["failure"]
    assert found["films, bert with int8 at 90 % against dense", "score"] == []


def test_the_counts_of_the_xml_are_those_of_its_cases(tmp_path):
    cells = {"imp-ft": cell(600), "int8": cell(0), "few": cell(0, examples=30)}
    paths, gate = write_gate(tmp_path, cells)
    root = ElementTree.parse(paths["junit"]).getroot()
    verdicts = [one["verdict"] for version in gate["versions"] for one in version["rules"]]
    for element in (root, *root):
        assert int(element.get("tests")) == len(list(element.iter("testcase")))
        assert int(element.get("failures")) == len(list(element.iter("failure")))
        assert int(element.get("skipped")) == len(list(element.iter("skipped")))
        assert element.get("errors") == "0"
    assert int(root.get("failures")) == verdicts.count("BLOCK") > 0
    assert int(root.get("skipped")) == verdicts.count("INCONCLUSIVE") > 0
    assert int(root.get("tests")) == len(verdicts)


@pytest.mark.parametrize(
    ("fail_on", "fails"), [("BLOCK", False), ("INCONCLUSIVE", True), ("WARN", True)]
)
def test_what_cannot_be_told_fails_only_if_asked_to(tmp_path, fail_on, fails):
    paths, gate = write_gate(tmp_path, {"few": cell(0, examples=30)}, fail_on)
    assert gate["verdict"] == "INCONCLUSIVE"
    assert gate["fails"] is fails
    tags = [tag for case in outcomes(paths["junit"]).values() for tag in case]
    assert ("failure" in tags) is fails


def test_a_warning_passes_with_its_sentence(tmp_path):
    rules = RULES | {"score": {"block": 50.0, "warn": 0.0}}
    rules = dict.fromkeys(RULES) | {"score": rules["score"]}
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(300)}, rules=rules)
    assert gate["verdict"] == "WARN"
    assert gate["fails"] is False
    ((key, tags),) = outcomes(paths["junit"]).items()
    assert tags == ["system-out"]
    assert key[1] == "score"


def test_hostile_texts_and_names_neither_break_the_xml_nor_steer_the_terminal(tmp_path):
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(600)})
    assert ElementTree.parse(paths["junit"]).getroot().get("tests") == "5"
    for path in (paths["screen"], paths["junit"]):
        said = path.read_text(encoding="utf-8")
        assert all(letter.isprintable() or letter == "\n" for letter in said)
        assert "🎉" in said
    text = gate["versions"][0]["texts"][0]
    assert text["text"].startswith("[31mred [0m ]]> <b>&amp;")
    assert text["after"] == "no label"
    assert text["example_id"] == "1"
    assert len(gate["versions"][0]["texts"]) == 1  # the other is no negative flip


def test_the_screen_fits_a_terminal(tmp_path):
    cells = {f"method-{number}": cell(100 * number) for number in range(12)}
    paths, _ = write_gate(tmp_path, cells, text="word " * 200)
    lines = paths["screen"].read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40
    (rest,) = [line for line in lines if line.startswith("  and ")]
    assert re.match(r"  and (\d+ [A-Z]+(, )?)+: see\b", rest)
    assert any(line.endswith("/gate/gate.json") for line in lines)


def test_what_cannot_be_told_says_how_many_texts_would_tell(tmp_path):
    paths, gate = write_gate(tmp_path, {"few": cell(0, examples=90)})
    (found,) = [one for one in gate["versions"][0]["rules"] if one["rule"] == "score"]
    said = " ".join(paths["screen"].read_text(encoding="utf-8").split())
    assert f"About {rounded(found['needs']['examples'])} test texts instead of 90" in said
    assert "Get the texts or models that would decide before it ships." in said


def test_two_seeds_ask_for_four(tmp_path):
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0, seeds=2)})
    assert gate["verdict"] == "INCONCLUSIVE"
    assert gate["versions"][0]["rules"][0]["low"] is None
    said = " ".join(paths["screen"].read_text(encoding="utf-8").split())
    assert "At least 4 seeds are needed" in said


def test_a_confirmed_slice_blocks(tmp_path):
    sure = slice_rows("imp-ft")
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, slices=sure)
    assert gate["verdict"] == "BLOCK"
    said = " ".join(paths["screen"].read_text(encoding="utf-8").split())
    assert "slice hurt most, tokens: 9-20: 30.0 points more lost than elsewhere" in said
    other = slice_rows("another")
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, slices=other)
    assert gate["verdict"] == "PASS"


def said_of(paths):
    return " ".join(paths["screen"].read_text(encoding="utf-8").split())


def test_a_confirmed_slice_that_other_seeds_may_not_have_is_said_and_does_not_pass(tmp_path):
    lucky = slice_rows("imp-ft", slice="class = tech", p_replicates=0.3)
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, slices=lucky)
    assert gate["verdict"] == "INCONCLUSIVE"
    said = said_of(paths)
    assert "slice hurt most, class = tech: 30.0 points more lost than elsewhere" in said
    assert "it is confirmed for these models, but other models may not do so" in said
    assert "More seeds would decide this" in said


def test_a_slice_that_could_not_be_found_is_named_with_the_texts_that_would_tell(tmp_path):
    small = bound_rows(["imp-ft"], slice="channel = x", texts=40, examples=39.6)
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, bounds=small)
    assert gate["verdict"] == "INCONCLUSIVE"
    (found,) = [one for one in gate["versions"][0]["rules"] if one["rule"] == "worst_slice"]
    assert found["lost"] is None
    said = said_of(paths)
    assert "no slice stood out; the verdict rests on channel = x, 0.0 points more lost" in said
    assert (
        f"About {rounded(found['needs']['examples'])} test texts of this slice instead of 40"
        in said
    )


def test_without_a_group_the_screen_says_so_and_asks_for_no_number(tmp_path):
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, bounds=bound_rows(["another"]))
    assert gate["verdict"] == "INCONCLUSIVE"
    assert "slice hurt most: no group of texts is large enough to be searched" in said_of(paths)


def test_a_rule_of_which_nothing_is_known_is_said_not_to_be_judged(tmp_path):
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, scores_known=False)
    assert gate["versions"][0]["not_judged"] == ["calibration"]
    said = paths["screen"].read_text(encoding="utf-8")
    assert "Not judged, because the scores are unknown: calibration error." in said


def test_without_any_rule_nothing_can_be_told(tmp_path):
    paths, gate = write_gate(tmp_path, {"imp-ft": cell(0)}, rules=dict.fromkeys(RULES))
    assert gate["verdict"] == "INCONCLUSIVE"
    assert gate["versions"][0]["rules"] == gate["versions"][0]["not_judged"] == []
    assert paths["screen"].read_text(encoding="utf-8").startswith("INCONCLUSIVE")


EQUAL = "int8 has all scores equal to the last digit to those of dense: is it the same model?"
CUT = "int8 reads 16 tokens of a text and dense 512: int8 cuts 283 of 300 texts, dense 0"


@pytest.mark.parametrize(("method", "level"), [("int8", 90), ("dense", 0)])
def test_scores_of_another_model_are_no_evidence_to_pass(tmp_path, method, level):
    rows = difference_rows((method, level, "equal scores", EQUAL))
    paths, gate = write_gate(tmp_path, {"int8": cell(0)}, differences=rows)
    assert gate["verdict"] == "INCONCLUSIVE"
    first, *others = gate["versions"][0]["rules"]
    assert (first["rule"], first["verdict"], first["note"]) == ("same_model", "INCONCLUSIVE", EQUAL)
    assert {one["verdict"] for one in others} == {"PASS"}
    words = " ".join(paths["screen"].read_text(encoding="utf-8").split())
    assert f"{EQUAL} Check predictions.files in the config" in words
    assert words.endswith("Compare two different models before it ships.")
    found = outcomes(paths["junit"])
    assert found["films, bert with int8 at 90 % against dense", "same_model"] == ["skipped"]


def test_equal_scores_of_another_method_or_level_do_not_matter(tmp_path):
    rows = difference_rows(("int4", 90, "equal scores", EQUAL), ("int8", 50, "input", CUT))
    _, gate = write_gate(tmp_path, {"int8": cell(0)}, differences=rows)
    assert gate["verdict"] == "PASS"
    assert gate["versions"][0]["warnings"] == []


def test_other_inputs_are_a_warning_on_the_screen_and_no_verdict(tmp_path):
    rows = difference_rows(("int8", 90, "input", CUT))
    paths, gate = write_gate(tmp_path, {"int8": cell(600)}, differences=rows)
    assert gate["verdict"] == "BLOCK"
    assert gate["versions"][0]["warnings"] == [CUT]
    words = " ".join(paths["screen"].read_text(encoding="utf-8").split())
    assert f"Warning: {CUT}." in words


def test_plain_words_keep_letters_and_lose_what_steers():
    assert plain("a\x1b[2Jb\u202ec\n d é 🎉") == "a [2Jb c d é 🎉"


def test_the_worst_version_is_explained_first_and_not_the_first(tmp_path):
    cells = {"little": cell(150), "much": cell(900), "none": cell(0)}
    paths, gate = write_gate(tmp_path, cells)
    assert [one["verdict"] for one in gate["versions"]] == ["BLOCK", "BLOCK", "PASS"]
    lines = paths["screen"].read_text(encoding="utf-8").splitlines()
    first, second = (line for line in lines if line.startswith("  BLOCK         films"))
    assert "with much" in first
    assert "with little" in second
    assert "The worst: films, bert with much at 90 % against dense. 5 models of each" in " ".join(
        lines
    )


def test_with_one_model_on_each_side_the_verdict_is_for_these_two_and_no_text_is_clearest(tmp_path):
    paths, _ = write_gate(tmp_path, {"imp-ft": cell(600, seeds=1)})
    said = said_of(paths)
    head = said.partition(" films, bert with imp-ft at 90 % against dense. One model")[0]
    assert head.endswith(
        "The intervals are for these two models, not for others trained or run again."
    )
    assert "Texts that bert with imp-ft at 90 % newly gets wrong (before → after)" in said
    assert "clearest" not in said
    assert said.count("these two models") == 1
    paths, _ = write_gate(tmp_path, {"imp-ft": cell(600)})
    assert "these two models" not in said_of(paths)
    assert "the clearest first" in said_of(paths)


@pytest.mark.parametrize("lost", [0, 20, 600])
def test_no_screen_says_surely_or_perhaps_or_a_negative_loss(tmp_path, lost):
    for examples in (60, 3000):
        paths, _ = write_gate(tmp_path, {"imp-ft": cell(lost, examples)})
        assert not re.search("surely|perhaps|cannot be told|−| -\\d", said_of(paths))


def test_numbers_that_are_asked_for_are_rounded_up_to_two_digits():
    assert [rounded(n) for n in (7, 99, 101, 1452, 12_001)] == ["7", "99", "110", "1,500", "13,000"]
