from pathlib import Path

import pytest

from pielab import digests, study_lock
from pielab.study_lock import claim, other_study

OWNER = study_lock.RESULTS / study_lock.OWNER


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_results_that_nobody_claimed_belong_to_no_other_study():
    assert other_study(["a.yaml"]) is None


def test_a_study_is_known_by_its_config_files_wherever_the_folder_lies(tmp_path):
    claim([tmp_path / "a.yaml"])
    assert other_study(["a.yaml"]) is None
    assert other_study([tmp_path / "a.yaml"]) is None


@pytest.mark.parametrize("files", [["b.yaml"], ["a.yaml", "b.yaml"], ["sub/a.yaml"]])
def test_other_config_files_are_told_with_both_names_and_what_to_do(files):
    claim(["a.yaml"])
    line = other_study(files)
    said = f"results/ was last made with a.yaml, and this is {', '.join(files)}: two studies"
    assert line.startswith(said)
    assert "--directory" in line
    claim(files)
    assert other_study(files) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "{"])
def test_a_note_that_cannot_be_read_says_nothing(text):
    OWNER.parent.mkdir()
    OWNER.write_text(text)
    assert other_study(["a.yaml"]) is None


def test_a_note_has_its_digest_and_one_that_was_changed_is_named():
    claim(["a.yaml"])
    assert digests.survey(OWNER.parent) == ([], 1)
    OWNER.write_text("{")
    assert digests.survey(OWNER.parent)[0] == [digests.Problem(OWNER, digests.CHANGED)]


def test_a_finished_study_that_is_read_only_is_not_written_to(monkeypatch):
    claim(["a.yaml"])
    before = OWNER.stat().st_mtime_ns
    claim(["a.yaml"])
    assert OWNER.stat().st_mtime_ns == before


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("nowhere/at/all")])
def test_a_folder_of_results_that_is_none_is_named(make):
    make(OWNER.parent)
    with pytest.raises(ValueError, match=r"^results: .*; expected a folder that can be written to"):
        claim(["a.yaml"])


def test_results_below_a_modules_prefix_have_an_owner_of_their_own(tmp_path):
    claim(["a.yaml"], Path("sub/results"))
    assert other_study(["b.yaml"]) is None
    line = other_study(["b.yaml"], Path("sub/results"))
    assert line.startswith("sub/results/ was last made with a.yaml, and this is b.yaml")


def test_a_file_or_link_where_results_belong_is_refused_in_one_line(tmp_path):
    study_lock.check_folder(tmp_path / "results")
    study_lock.check_folder(tmp_path)
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("nowhere")
    for name, kind in {"file": "a file", "link": "a link to nothing"}.items():
        with pytest.raises(ValueError, match=f"{name}: {kind}; expected a folder that can be"):
            study_lock.check_folder(tmp_path / name)
