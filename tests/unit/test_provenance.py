import hashlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pielab import provenance

SCRIPT = '''"""Do it."""
from pielab import one


def main(x):
    """Return x and more."""
    # why
    return one.f(x) + 1
'''


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """Return a function that writes a library and a script and digests them."""
    library = tmp_path / "pielab"
    library.mkdir()
    monkeypatch.setattr(provenance, "LIBRARY", library)

    def write_and_digest(script=SCRIPT, **modules):
        given_modules = {"__init__": "", "one": "from pielab import two\n", "two": "y = 1\n"}
        for name, code in (given_modules | modules).items():
            path = library / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(code)
        (tmp_path / "script.py").write_text(script)
        provenance._says.cache_clear()
        return provenance.code_digest(tmp_path / "script.py")

    yield write_and_digest
    provenance._says.cache_clear()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Do it."""', '"""Do something else."""'),
        ('"""Do it."""\n', ""),
        ('    """Return x and more."""\n', ""),
        ("    # why\n", "    # because\n\n"),
        ("one.f(x) + 1", "(\n        one.f(x)\n        + 1\n    )"),
        ("def main(x):", "def main(\n    x,\n):"),
    ],
)
def test_comments_docstrings_and_format_leave_the_digest(digest, old, new):
    assert old in SCRIPT
    assert digest(SCRIPT.replace(old, new)) == digest(SCRIPT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+ 1", "+ 2"),
        ("+ 1", "- 1"),
        ("+ 1", "+ 1.0"),
        ("one.f", "one.g"),
        ("(x)", "(x, y=2)"),
        ("return one", "yield one"),
        ("    # why\n", "    x = 'why'\n"),
        ("    # why\n", "    'why'\n"),
    ],
)
def test_any_edit_of_the_code_changes_the_digest(digest, old, new):
    assert old in SCRIPT
    assert digest(SCRIPT.replace(old, new)) != digest(SCRIPT)


@pytest.mark.parametrize("module", ["one", "two", "__init__"])
def test_modules_count_however_deep_they_are_imported(digest, module):
    changed = {"one": "from pielab import two\nz = 1\n"}.get(module, "z = 2\n")
    assert digest(**{module: changed}) != digest()
    assert digest(two="y = 1  # one\n") == digest()


def test_modules_that_are_not_imported_do_not_count(digest):
    assert digest(three="z = 1\n") == digest()


@pytest.mark.parametrize(
    "line",
    [
        "from pielab import three",
        "from pielab import one, three as t",
        "from pielab.three import f",
        "from pielab.three import *",
        "import pielab.three",
        "import pielab.three as t",
        "from . import three",
        "from .three import f",
        "def f():\n    from pielab import three",
        "try:\n    import json\nexcept ImportError:\n    from pielab import three",
    ],
)
def test_every_form_of_import_counts(digest, line):
    found = {digest(one=f"{line}\n", three=f"z = {number}\n") for number in (1, 2)}
    assert len(found) == 2


@pytest.mark.parametrize(
    "line",
    [
        "from pielab.room import three",
        "from pielab.room.three import f",
        "import pielab.room.three",
        "import pielab.room.three as t",
        "from .room import three",
        "from .room.three import f",
        "from pielab.room import neighbour",
        "from pielab.room import sibling",
    ],
)
def test_modules_in_rooms_count_in_every_form_of_import(digest, line):
    rooms = {"room__in__neighbour": "from . import three\n"}
    rooms |= {"room__in__sibling": "from ..room.three import f\n"}
    found = {
        digest(one=f"{line}\n", room__in__three=f"z = {number}\n", **rooms) for number in (1, 2)
    }
    assert len(found) == 2


def test_modules_of_one_name_in_two_rooms_are_told_apart(digest):
    swapped = [
        digest(one="from pielab.a import x\nfrom pielab.b import x as y\n", a__in__x=a, b__in__x=b)
        for a, b in (("z = 1\n", "z = 2\n"), ("z = 2\n", "z = 1\n"))
    ]
    assert swapped[0] != swapped[1]


@pytest.mark.parametrize("module", ["digests", "files", "jobs", "logs", "provenance"])
def test_what_only_reports_reads_or_writes_does_not_count(digest, module):
    line = f"from pielab import {module}\n"
    found = {digest(one=line, **{module: f"z = {number}\n"}) for number in (1, 2)}
    assert len(found) == 1


def test_a_module_that_is_chosen_by_name_counts_with_what_it_imports(digest, tmp_path):
    chosen = [tmp_path / "pielab/three.py"]
    plain = digest(three="from pielab import four\n", four="z = 1\n")

    def with_choice():
        provenance._says.cache_clear()
        return provenance.code_digest(tmp_path / "script.py", *chosen)

    before = with_choice()
    assert before != plain
    (tmp_path / "pielab/four.py").write_text("z = 2\n")
    assert with_choice() != before
    assert provenance.code_digest(tmp_path / "script.py") == plain


def test_modules_may_import_each_other_and_names_of_the_package(digest):
    in_a_ring = digest(one="from pielab import two, NAME\n", two="import pielab.one\n")
    assert in_a_ring != digest()


def test_the_digest_does_not_depend_on_where_the_repository_lies(tmp_path, monkeypatch):
    found = set()
    for place in ("here", "there"):
        library = tmp_path / place / "pielab"
        library.mkdir(parents=True)
        (library / "__init__.py").touch()
        (library / "one.py").write_text("x = 1\n")
        (library.parent / "script.py").write_text(SCRIPT)
        monkeypatch.setattr(provenance, "LIBRARY", library)
        found.add(provenance.code_digest(library.parent / "script.py"))
    assert len(found) == 1


def test_every_script_of_the_workflow_has_a_digest_of_its_own():
    scripts = sorted(provenance.LIBRARY.parent.glob("*.py"))
    assert len(scripts) > 5
    assert len({provenance.code_digest(script) for script in scripts}) == len(scripts)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_canonical_settings_ignore_the_order_of_keys_and_read_back(settings):
    backwards = dict(reversed(settings.items()))
    assert provenance.canonical(backwards) == provenance.canonical(settings)
    assert json.loads(provenance.canonical(settings)) == settings


def test_canonical_settings_tell_swapped_values_apart():
    assert provenance.canonical({"a": 1, "b": 2}) != provenance.canonical({"a": 2, "b": 1})
    assert provenance.canonical({"a": [1, 2]}) != provenance.canonical({"a": [2, 1]})
    assert provenance.canonical({"a": 1}) != provenance.canonical({"a": "1"})


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_canonical_settings_hold_no_number_that_json_lacks(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        provenance.canonical({"a": number})


def test_the_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc\n" * 100_000)
    expected = hashlib.sha256(b"abc\n" * 100_000).hexdigest()
    assert provenance.sha256_of(tmp_path / "a") == expected
