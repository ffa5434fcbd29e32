"""A file's digest follows its content, whatever its time, and is computed once."""

import os

import pytest

from pielab import external_content, provenance
from pielab.external_content import digests, with_content


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(external_content, "_known", {})


def test_a_file_that_is_replaced_by_an_older_one_has_another_digest(tmp_path):
    path, other, cache = (tmp_path / name for name in ("a.csv", "b.csv", "cache.json"))
    path.write_text("one")
    other.write_text("two")
    os.utime(other, (0, 0))
    before = digests([str(path)], cache)
    other.replace(path)
    assert digests([str(path)], cache) != before


def test_a_digest_is_computed_once_and_again_where_the_cache_is_damaged(tmp_path, monkeypatch):
    path, cache = tmp_path / "a.csv", tmp_path / "cache.json"
    path.write_text("one")
    computed = []
    sha256_of = provenance.sha256_of
    monkeypatch.setattr(
        provenance, "sha256_of", lambda path: computed.append(path) or sha256_of(path)
    )
    for damage in (None, None, "", "[1]"):
        external_content._known.clear()  # as another process finds it
        if damage is not None:
            cache.write_text(damage)
        assert digests([str(path)], cache) == {str(path): sha256_of(path)}
    assert len(computed) == 3


def test_settings_hold_the_content_of_what_a_job_reads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("one")
    settings = with_content({"seeds": 1}, ["a.csv"])
    assert settings == {
        "seeds": 1,
        "content": {"a.csv": provenance.sha256_of("a.csv")},
    }
    assert with_content({"seeds": 1}, []) == {"seeds": 1}
