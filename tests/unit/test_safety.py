"""Nothing that is read from a file may run code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for room in ("scripts", "benchmarks") for path in (ROOT / room).rglob("*.py"))
REFUSED = {"pickle", "joblib", "dill", "shelve", "marshal"}


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {key.arg: key.value for key in node.keywords}


def check(path):
    for name, keys in calls(path):
        if name.endswith(".from_pretrained") and name.startswith("Auto"):
            trusted = keys.get("trust_remote_code")
            assert isinstance(trusted, ast.Constant), f"{name} leaves trust_remote_code open"
            assert trusted.value is False
        assert name not in ("eval", "exec", "torch.load", "yaml.load_all"), name
        if name in ("np.load", "numpy.load"):
            assert ast.unparse(keys["allow_pickle"]) == "False"
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    imported = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    assert not imported & REFUSED


def test_no_module_lets_a_file_run_code():
    for path in MODULES:
        check(path)


@pytest.mark.parametrize(
    "code",
    ["AutoModel.from_pretrained(x)", "np.load(x, allow_pickle=True)", "import pickle", "eval(x)"],
)
def test_what_would_let_a_file_run_code_is_found(tmp_path, code):
    (tmp_path / "module.py").write_text(code)
    with pytest.raises(AssertionError):
        check(tmp_path / "module.py")
