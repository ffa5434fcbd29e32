import json
import sys

import pytest

from pielab import syntax


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return a function that reads a source as a new process would, and keeps what it found."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    parsed = []
    parse = syntax.ast.parse
    monkeypatch.setattr(syntax.ast, "parse", lambda *a, **k: parsed.append(a) or parse(*a, **k))

    def read(source, folder=tmp_path / "__pycache__"):
        monkeypatch.setattr(syntax, "_found", {})
        monkeypatch.setattr(syntax, "_unkept", [])
        parsed.clear()
        (tmp_path / "one.py").write_text(source)
        found = syntax.read(tmp_path / "one.py", folder)
        syntax.keep(folder)
        return found, len(parsed)

    return read


def test_a_file_is_parsed_once_for_each_content_that_it_has(read):
    first = read("x = 1\n")
    assert first[1] == 1
    assert read("x = 1\n") == (first[0], 0)
    other = read("x = 2\n")
    assert other[1] == 1
    assert other[0] != first[0]
    assert read("x = 1\n") == (first[0], 0)


def test_imports_of_the_library_are_named_as_they_are_written(read):
    source = "import os, pielab.a\nfrom pielab import b\nfrom . import c\nfrom ..d.e import f\n"
    source += "def g():\n    from pielabel import h\n    from pielab.i import j as k\n"
    assert read(source)[0][1] == ["..d.e.f", ".c", "pielab.a", "pielab.b", "pielab.i.j"]


@pytest.mark.parametrize(
    "kept", ["", "[]", "{", "null", '{"a": 1}', '{"a": ["b"]}', '{"a": [1, 2]}', "\xff"]
)
def test_what_was_kept_and_is_not_whole_is_found_again(read, tmp_path, kept):
    expected = read("x = 1\n")[0]
    (file,) = (tmp_path / "__pycache__").glob("syntax.*.json")
    file.write_text(kept, encoding="latin-1")
    assert read("x = 1\n") == (expected, 1)
    assert read("x = 1\n") == (expected, 0)


def test_nothing_is_kept_where_python_keeps_no_bytecode_or_cannot(read, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    assert read("x = 1\n", tmp_path / "file")[1] == 1
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert read("x = 1\n", tmp_path / "other")[1] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "one.py"]


def test_the_newest_contents_are_kept(read, tmp_path, monkeypatch):
    monkeypatch.setattr(syntax, "MOST", 2)
    for number in (1, 2, 3):
        read(f"x = {number}\n")
    (file,) = (tmp_path / "__pycache__").iterdir()
    assert len(json.loads(file.read_text())) == 2
    assert read("x = 3\n")[1] == read("x = 2\n")[1] == 0
    assert read("x = 1\n")[1] == 1
