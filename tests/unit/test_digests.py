"""Results that are not what was written: noticed by who reads them, and by a survey of all."""

import shutil
from pathlib import Path

import pytest

from pielab import digests, provenance
from pielab.digests import CHANGED, MISSING, UNKNOWN, Problem

ROOT = Path(__file__).parents[2]
CONTENT = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(digests, "SECONDS", 0)


@pytest.fixture
def root(tmp_path):
    """A folder of results with two files of different content and their digests."""
    root = tmp_path / "results"
    for number, name in enumerate(("pies/a.parquet", "pies/b.parquet")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(CONTENT + bytes([number]))
        digests.write(root / name, root)
    return root


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"\0")


def swap(path):
    sibling = path.with_name("b.parquet")
    content = path.read_bytes()
    path.write_bytes(sibling.read_bytes())
    sibling.write_bytes(content)


def flip(place):
    def damage(path):
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)

    return damage


DAMAGES = {"cut": cut, "emptied": empty, "longer": lengthen, "swapped": swap}
DAMAGES |= {f"byte {place} flipped": flip(place) for place in (0, 1, 5000, -8, -1)}


def test_what_was_written_is_accepted(root):
    digests.check(root / "pies/a.parquet", root)
    assert digests.survey(root) == ([], 2)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_by_its_reader_and_by_the_survey(root, damage):
    path = root / "pies/a.parquet"
    DAMAGES[damage](path)
    with pytest.raises(ValueError) as caught:
        digests.check(path, root)
    assert str(caught.value) == (
        f"{path}: changed since it was written; delete it and type the same command"
    )
    expected = [path, path.with_name("b.parquet")] if damage == "swapped" else [path]
    assert digests.survey(root)[0] == [Problem(each, CHANGED) for each in expected]


@pytest.mark.parametrize("place", range(80))
def test_a_digest_that_is_damaged_itself_fits_nothing(root, place):
    path = root / "pies/a.parquet"
    flip(place)(digests.path_of(path))
    with pytest.raises(ValueError, match="changed since it was written"):
        digests.check(path, root)
    assert digests.survey(root)[0] == [Problem(path, CHANGED)]


@pytest.mark.parametrize("damage", [cut, empty, lengthen])
def test_a_digest_that_is_cut_fits_nothing(root, damage):
    path = root / "pies/a.parquet"
    damage(digests.path_of(path))
    with pytest.raises(ValueError, match="changed since it was written"):
        digests.check(path, root)


def test_two_folders_that_are_swapped_with_their_digests_are_noticed(root):
    shutil.copytree(root / "pies", root / "other")
    for name in ("a.parquet", "b.parquet"):
        with pytest.raises(ValueError, match=rf"other/{name}: changed since it was written"):
            digests.check(root / "other" / name, root)


def test_a_file_without_a_digest_is_of_an_earlier_release_or_of_no_job(root):
    path = root / "pies/a.parquet"
    digests.forget([path])
    with pytest.raises(ValueError) as caught:
        digests.check(path, root)
    assert str(caught.value).startswith(f"{path}: has no digest")
    assert "delete it and type the same command" in str(caught.value)
    assert digests.survey(root)[0] == [Problem(path, UNKNOWN)]


def test_a_file_that_is_gone_is_missing_until_its_digest_is_forgotten(root):
    path = root / "pies/a.parquet"
    path.unlink()
    assert digests.survey(root)[0] == [Problem(path, MISSING)]
    digests.forget([path, path])
    assert digests.survey(root) == ([], 1)


def test_a_digest_that_arrives_later_than_its_file_is_waited_for(root, monkeypatch):
    path = root / "pies/a.parquet"
    digests.forget([path])
    monkeypatch.setattr(digests.time, "sleep", lambda seconds: digests.write(path, root))
    digests.check(path, root)


def test_files_outside_need_no_digest_and_one_that_they_have_must_fit(root, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text("id,label\n")
    digests.check(mine, root)
    shared = shutil.copytree(root / "pies", tmp_path / "elsewhere")
    digests.check(shared / "a.parquet", root)
    cut(shared / "a.parquet")
    with pytest.raises(
        ValueError,
        match=r"elsewhere/a.parquet: .*; fetch it again, with the hidden file beside it \(delete",
    ):
        digests.check(shared / "a.parquet", root)


def test_shared_predictions_of_two_methods_that_are_swapped_are_noticed(tmp_path):
    root = tmp_path / "results"
    for method in ("ours", "theirs"):
        path = root / f"shared/data/{method}/seeds0-1.safetensors"
        path.parent.mkdir(parents=True)
        path.write_text(method)
        digests.write(path, root)
    shared = shutil.copytree(root / "shared", tmp_path / "sent")
    for method in ("ours", "theirs"):
        digests.check(shared / f"data/{method}/seeds0-1.safetensors", root)
    (shared / "data/ours").rename(shared / "data/third")
    (shared / "data/theirs").rename(shared / "data/ours")
    with pytest.raises(
        ValueError, match=r"data/ours/seeds0-1.safetensors: changed since it was written"
    ):
        digests.check(shared / "data/ours/seeds0-1.safetensors", root)


@pytest.mark.parametrize("damage", ["change", "remove", "add"])
def test_a_folder_is_known_by_all_its_files(tmp_path, damage):
    root, folder = tmp_path / "results", tmp_path / "results/models/encoder"
    (folder / "deep").mkdir(parents=True)
    for name in ("config.json", "deep/weights"):
        (folder / name).write_text(name)
    digests.write(folder, root)
    digests.check(folder, root)
    assert digests.survey(root) == ([], 1)
    if damage == "change":
        flip(0)(folder / "deep/weights")
    elif damage == "remove":
        (folder / "config.json").unlink()
    else:
        (folder / "more").touch()
    with pytest.raises(ValueError, match=r"models/encoder: changed since it was written"):
        digests.check(folder, root)
    assert digests.survey(root)[0] == [Problem(folder, CHANGED)]


def test_a_digest_is_the_line_that_sha256sum_prints_in_the_folder_of_results(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")  # the first example of FIPS 180-2
    digests.write(tmp_path / "abc", tmp_path)
    assert (tmp_path / ".abc.sha256").read_text() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n"
    )


def test_tables_are_listed_with_their_digests_by_name(root):
    listed = digests.listed([root / "pies/b.parquet", root / "pies/a.parquet"])
    assert list(listed) == ["pies/b.parquet", "pies/a.parquet"]
    assert listed["pies/a.parquet"] == provenance.sha256_of(root / "pies/a.parquet")


def test_vendored_files_are_held_to_digests(tmp_path):
    folder = ROOT / "resources/vendor/tabulator"
    vendored = [path for path in folder.iterdir() if path.suffix in (".js", ".css")]
    copy = shutil.copytree(folder, tmp_path / "tabulator")
    for path in vendored:
        assert digests.path_of(path).is_file()
        digests.check(path, "results")
        cut(copy / path.name)
        with pytest.raises(ValueError, match=rf"{path.name}: changed since it was written"):
            digests.check(copy / path.name, "results")


def test_logs_hidden_files_and_other_working_directories_are_no_results(root):
    for name in ("logs/a.log", "benchmarks/a.tsv", "pies/.0a1b2c3d.a.parquet", "pies/.x/y"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    (root / "audit/.snakemake").mkdir(parents=True)
    (root / "audit/results.csv").touch()
    (root / "pies/logs").mkdir()
    (root / "pies/logs/mine.csv").touch()
    assert digests.survey(root)[0] == [Problem(root / "pies/logs/mine.csv", UNKNOWN)]


@pytest.mark.parametrize(
    ("path", "is_made"),
    [
        ("results/pies/bbc/s90.dense.seeds.csv", True),
        ("results/pies/bbc/s90.x/seeds.csv", False),
        ("results/tables/pies.csv", True),
        ("results/tables/piesxcsv", False),
        ("results/notes.txt", False),
    ],
)
def test_what_a_job_makes_is_told_from_files_of_the_user(path, is_made):
    outputs = ["results/pies/{dataset}/s{level}.{baseline}.seeds.csv", "results/tables/pies.csv"]
    assert digests.is_made(path, outputs) == is_made


def test_a_results_folder_that_is_a_link_is_the_same_folder(root, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(root)
    digests.check(link / "pies/a.parquet", link)
    assert digests.survey(link) == ([], 2)
