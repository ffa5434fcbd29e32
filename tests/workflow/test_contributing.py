"""CONTRIBUTING.md's steps, done as they stand; and what the other documents say of the project."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from helpers import forked
from helpers.small_study import ROOT

GUIDE = ROOT / "CONTRIBUTING.md"
DOCUMENTS = [GUIDE, *(ROOT / name for name in ("README.md", "config/README.md"))]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
SUPPLIED = {"resources/glove.840B.300d.txt", "resources/aapd"}  # by the user
ADDITIONS = re.findall(r"^## (Add an? .+)$", GUIDE.read_text(), re.MULTILINE)
FOLDERS = r"(?:scripts|workflow|tests|config|benchmarks|envs|resources|profiles|docs|\.ci)"


@pytest.fixture
def project(tmp_path):
    """A copy of the project that a test may change, with its bytecode.

    Its folders of resources and of logs, two thirds of all files, are links: no step changes one.
    """
    ignored = shutil.ignore_patterns(".*", "glove*", "aapd")
    linked = [path for path in (ROOT / "resources").iterdir() if path.is_dir()]
    linked += [ROOT / "tests/fixtures", ROOT / "docs/results"]

    def left_out(folder, names):
        unneeded = {"results"} if Path(folder) == ROOT else set()
        return (
            ignored(folder, names) | unneeded | {p.name for p in linked if p.parent == Path(folder)}
        )

    copy = Path(
        shutil.copytree(
            ROOT, tmp_path / "project", ignore=left_out, copy_function=shutil.copy2, symlinks=True
        )
    )
    for path in linked:
        (copy / path.relative_to(ROOT)).symlink_to(path)
    return copy


def steps_of(title):
    """Return the numbered steps of a section: what each says, and its block of code or None."""
    text = GUIDE.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    steps = re.findall(r"^(\d+)\. (.*(?:\n(?:   .*|(?=\n+   )))*)", text, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    found = []
    for _, step in steps:
        says, *block = re.split(r"^   ```.*\n", f"{step}\n", flags=re.MULTILINE)
        code = re.sub(r"^   ", "", block[0], flags=re.MULTILINE) if block else None
        found.append((" ".join(says.split()), code))
    return found


def insert(file, line, block):
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:line], block, *lines[line:]]))


def line_of(file, text):
    """Return the number of lines above the one that holds a text."""
    (found,) = (n for n, line in enumerate(file.read_text().splitlines()) if text in line)
    return found


def last_line_of(file, name):
    """Return the number of lines above the one that closes a constant's brackets."""
    (node,) = (n for n in ast.parse(file.read_text()).body if is_assigned(n, name))
    return node.end_lineno - 1


def is_assigned(node, name):
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [getattr(target, "id", "") for target in targets] == [name]


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1, f"{file}: {old}"
    file.write_text(text.replace(old, new))


def run(command, project):
    path = f"{Path(forked.python()).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command],
        capture_output=True,
        text=True,
        cwd=project,
        env=os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def follow(says, block, project):
    """Do what one step says."""
    place = re.match(r"In `(?P<file>.+?)`, (?:above `(?P<line>.+?)`|at the end of `(?P<name>\w+)`|"
                     r"(?P<end>at the end)|(?P<replace>replace) )", says)  # fmt: skip
    if says.startswith("Run "):
        told = run(block, project)
        for expected in re.findall(r"`(.+?)`|all (passed)", says):
            assert "".join(expected) in told
    elif made := re.match(r"Make `(.+?)`", says):
        (project / made[1]).write_text(block)
    else:
        assert place, f"no test follows the step: {says}"
        file = project / place["file"]
        if place["replace"]:
            for old, new in re.findall(r"`([^`]+)` by `([^`]+)`", says):
                replace(file, old, new)
        elif place["line"]:
            insert(file, line_of(file, place["line"]), block)
        elif place["name"]:
            insert(file, last_line_of(file, place["name"]), block)
        else:
            file.write_text(f"{file.read_text()}\n\n{block}")


@pytest.mark.parametrize("title", ADDITIONS)
def test_the_steps_add_what_they_say_and_leave_clean_code(title, project):
    steps = steps_of(title)
    for says, block in steps:
        follow(says, block, project)
    changed = " ".join({file for says, _ in steps for file in re.findall(r"`(\S+\.py)`,", says)})
    run(f"ruff format --quiet {changed} && ruff check {changed}", project)


def test_there_are_steps_for_each_kind_of_addition():
    assert [title.split()[-1] for title in ADDITIONS] == [
        *("dataset", "architecture", "method", "objective"),
        *("compressor", "measure", "figure", "claim", "measure", "factor", "gate"),
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document):
    text = document.read_text()
    made = set(re.findall(r"Make `(.+?)`", text))
    named = set(re.findall(rf"(?<![\w/])({FOLDERS}/[\w./-]*\w)", text)) - made
    assert named or document not in (GUIDE, ROOT / "README.md")
    assert [path for path in named - SUPPLIED if not (ROOT / path).exists()] == []


def test_the_graph_of_the_docs_has_every_rule_and_no_other():
    rules, optional = set(), set()  # those within `if` are of studies that ask for them
    for file in (ROOT / "workflow/rules").glob("*.smk"):
        for indent, name in re.findall(
            r"^( *)(?:rule|use rule \w+ as) (\w+)", file.read_text(), re.MULTILINE
        ):
            (optional if indent else rules).add(name)
    rules -= {"gate", "verify", "repair", "export"}  # what users type besides
    page = (ROOT / "docs/explanation/how-it-works.md").read_text()
    graph = page.split("```mermaid\n")[1].split("```")[0]
    drawn = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\bfetch\b|\bprune\b|\bcompress\b", graph))
    assert rules <= drawn <= rules | optional


def test_the_tree_of_the_docs_has_every_folder_and_room():
    page = (ROOT / "docs/reference/files.md").read_text()
    tree = page.split("```text\n")[1].split("```")[0]
    rooms = [path.parent.name for path in (ROOT / "scripts/pielab").glob("*/__init__.py")]
    top = {"workflow", "config", "docs", "profiles", "envs", "scripts", "resources", "tests"}
    top.add("results")
    named = re.findall(r"^ *(\S+)/ ", tree, re.MULTILINE)
    assert top.union(rooms) <= {name.split("/")[-1] for name in named}


def test_the_hooks_run_the_tools_of_make_lint_in_the_projects_environment():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    entries = [hook["entry"].removeprefix(".venv/bin/") for hook in repository["hooks"]]
    parts = (ROOT / "Makefile").read_text().split("\n\n")
    linted = "\n".join(part for part in parts if part.startswith("lint"))
    assert all(f"$(RUN) {entry}" in linted for entry in entries)
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}


def test_the_version_is_the_first_of_the_changelog():
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == version
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == version
