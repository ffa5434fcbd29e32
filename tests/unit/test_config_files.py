import itertools

import pytest

from helpers.dataset_settings import ROOT
from pielab.config_files import check_file


def refusal(folder, text, name="a.yaml"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError) as caught:
        check_file(path)
    line = str(caught.value)
    assert "\n" not in line
    return line.removeprefix(f"{folder}/")


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda p: p.name)
def test_our_own_config_files_pass(path):
    check_file(path)


def test_what_says_one_thing_passes(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: &x {k: 0, l: -1, m: 1_000, n: 0.5, o: 1.0e-3}\nb: {<<: *x, k: 2}\n")
    check_file(path)
    path.write_text('{"a": {"k": 1}, "b": {"k": 1}}')
    check_file(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: [1\nc: 2\n", "a.yaml, line 3: expected ',' or ']', but got ':'"),
        ("a: 1\n\tb: 2\n", "a.yaml, line 2: found character '\\t' that cannot start any token"),
        ("a: 1\n  b: 2\n", "a.yaml, line 2: mapping values are not allowed here"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml, line 3: key 'a' occurs twice in one mapping"),
        ("a: {k: 1, k: 1}\n", "a.yaml, line 1: key 'k' occurs twice in one mapping"),
        ('{"a": 1, "a": 2}', "a.yaml: key 'a' occurs twice in one mapping"),
        ("a: 1\nb: 010\n", "a.yaml, line 2: 010 is read as the number 8; write numbers in"),
        ("b: 0x10\n", "a.yaml, line 1: 0x10 is read as the number 16; write numbers in decimal"),
        ("b: 1:30\n", "a.yaml, line 1: 1:30 is read as the number 90; write numbers in decimal"),
        ("b: 1:30.5\n", "a.yaml, line 1: 1:30.5 is read as a number to the base of 60; write"),
        ("a: *b\n", "a.yaml, line 1: found undefined alias 'b'"),
        ("a: !!python/name:os.system\n", "a.yaml, line 1: could not determine a constructor"),
        ("[" * 100_000, "a.yaml: nested too deep"),
        ("a: " + "[" * 100_000, "a.yaml: nested too deep"),
        ("a: &x {b: [*x]}\n", "a.yaml: Circular reference detected"),
        ("a: [" + "1," * 300_000, "a.yaml: 600,004 bytes; expected a config of at most 500,000"),
        (b"a: \xff", "a.yaml: byte 3 is not UTF-8"),
        ("a: " + "9" * 5000, "a.yaml: Exceeds the limit (4300 digits)"),
    ],
    ids=range(18),
)
def test_what_cannot_be_read_or_says_two_things_is_named_with_its_line(tmp_path, text, said):
    assert refusal(tmp_path, text).startswith(said)


def test_aliases_of_aliases_are_refused_before_they_are_spelled_out(tmp_path):
    rows = [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in itertools.pairwise("abcdefghij")]
    text = "\n".join(["a: &a [x, x, x, x, x, x, x, x, x, x]", *rows])
    said = "a.yaml, line 5: more than 100,000 values, with aliases written out"
    assert refusal(tmp_path, text) == said


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"no.yaml: No such file or directory; expected a config"):
        check_file(tmp_path / "no.yaml")
    with pytest.raises(ValueError, match=r": Is a directory; expected a config file"):
        check_file(tmp_path)
