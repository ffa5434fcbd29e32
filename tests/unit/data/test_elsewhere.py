import io
import tarfile
import zipfile

import pytest

from helpers.archive_server import serve_files
from pielab.data import elsewhere


def broken():
    raise OSError("no route")


def test_the_first_place_with_the_same_content_is_taken_and_named(capsys):
    places = {"one": broken, "two": lambda: "other", "three": lambda: "same", "four": broken}
    assert elsewhere.take("toys", places, str.upper, "SAME") == "same"
    assert capsys.readouterr().err == (
        "pielab: the package toys is not installed; three has the same content\n"
    )


def test_without_a_place_that_has_the_same_content_one_line_names_each_with_its_reason():
    with pytest.raises(ValueError) as caught:
        elsewhere.take("toys", {"one": broken, "two": lambda: "other"}, str.upper, "SAME")
    assert str(caught.value) == (
        "the package toys is not installed, and its content was not found elsewhere: "
        "one: OSError: no route; two: other content than the package has"
    )


def test_a_long_reason_is_cut():
    def read():
        raise OSError("a b " * 999)

    with pytest.raises(ValueError, match=r"…$") as caught:
        elsewhere.take("toys", {"one": read}, str.upper, "SAME")
    assert len(str(caught.value)) < 300


def test_a_download_is_whole_or_an_error(monkeypatch):
    with serve_files({"/a.zip": b"x" * 3000}) as address:
        with elsewhere.downloaded(f"{address}/a.zip") as path:
            assert path.read_bytes() == b"x" * 3000
        assert not path.exists()
        with pytest.raises(OSError, match="404"), elsewhere.downloaded(f"{address}/b.zip"):
            pass
        monkeypatch.setattr(elsewhere, "MOST_BYTES", 2999)
        with pytest.raises(ValueError, match="2,999"), elsewhere.downloaded(f"{address}/a.zip"):
            pass


def test_a_download_that_breaks_off_is_an_error():
    with (
        serve_files({"/a.zip": b"x" * 3000}, missing=1) as address,
        pytest.raises(ValueError, match=r"broke off after 3,000 of 3,001 bytes"),
        elsewhere.downloaded(f"{address}/a.zip"),
    ):
        pass


def archive(path, files):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in files.items():
                opened.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz") as opened:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                opened.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_the_files_of_an_archive_are_found_by_name_in_its_order(tmp_path, name, monkeypatch):
    path = archive(tmp_path / name, {"a/2.txt": b"two", "a/b.md": b"x", "a/1.txt": b"one"})
    found = [(match[1], content) for match, content in elsewhere.archived(path, r"(\d)\.txt$")]
    assert found == [("2", b"two"), ("1", b"one")]
    monkeypatch.setattr(elsewhere, "MOST_BYTES", 5)
    with pytest.raises(ValueError, match="holds more than 5 bytes"):
        list(elsewhere.archived(path, "txt$"))
