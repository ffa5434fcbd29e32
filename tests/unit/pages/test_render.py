import json
import re

import pytest

from pielab.pages import render

HOSTILE = "</script><script>alert(1)</script><!-- <b>&amp; \u2028"


def test_json_comes_back_from_a_script_element_that_no_text_can_close():
    text = render.json_for_script({"text": [HOSTILE]})
    assert "<" not in text
    assert json.loads(text) == {"text": [HOSTILE]}


def test_json_refuses_what_no_browser_reads():
    with pytest.raises(ValueError, match="JSON"):
        render.json_for_script([float("nan")])


def test_a_page_escapes_every_value_that_is_not_marked_as_safe(tmp_path):
    (tmp_path / "page.j2").write_text("<p>{{ text }}</p>")
    page = render.render(tmp_path / "page.j2", {"text": HOSTILE})
    assert page.startswith("<p>&lt;/script&gt;")
    assert "<script" not in page


def test_the_policy_allows_just_the_scripts_of_the_page_and_no_network():
    # printf %s 'let a = 1' | openssl dgst -sha256 -binary | base64
    digest = "LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ="
    found = dict(part.split(" ", 1) for part in render.policy(["let a = 1"]).split("; "))
    assert found["default-src"] == "'none'"
    assert found["script-src"] == f"'sha256-{digest}'"
    assert found["img-src"] == "data:"
    assert "script-src 'none'" in render.policy([])


def test_an_inlined_script_names_no_source_map(tmp_path):
    (tmp_path / "a.js").write_text("let a = 1;\n//# sourceMappingURL=a.js.map\n")
    (tmp_path / "a.css").write_text("a{}\n/*# sourceMappingURL=a.css.map */")
    assert not re.search("sourceMapping", render.inline(tmp_path / "a.js"))
    assert render.inline(tmp_path / "a.css").strip() == "a{}"
