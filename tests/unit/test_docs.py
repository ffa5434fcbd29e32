"""The documents link to what exists, and stay as short as they should be."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "docs"))
import generate  # noqa: E402

from pielab import digests  # noqa: E402
from pielab.pages.glossary import read_glossary  # noqa: E402

FOLDERS = ("docs", "config", "benchmarks", "resources", "scripts", "tests", "workflow")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*.md"))])
PAGES = [path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")]


def prose(text):
    """Leave out blocks of code, and code within a line."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S))


def anchors(text):
    """Return the anchors that GitHub gives to the headings of a document."""
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
    found = []
    for heading in re.findall(r"^#+ +(.+?) *$", text, re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.append(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    repeats = [found[:place].count(anchor) for place, anchor in enumerate(found)]
    return {f"{name}-{n}" if n else name for name, n in zip(found, repeats, strict=True)}


def dead_links(document):
    """Return the relative links of a document that lead nowhere."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if re.match(r"[a-z]+:", link):
            continue
        text = target.read_text(encoding="utf-8") if anchor and target.exists() else ""
        if not target.exists() or (anchor and anchor not in anchors(text)):
            dead.append(link)
    return dead


def test_anchors_are_made_of_headings_as_github_makes_them():
    text = (
        "# May it `ship`?\n## A, b (`c_d.py`)\n```bash\n# no heading\n```\n## [X](y.md) z\n## x z\n"
    )
    assert anchors(text) == {"may-it-ship", "a-b-c_dpy", "x-z", "x-z-1"}


def test_a_link_without_its_file_or_heading_is_found_and_code_is_no_link(tmp_path):
    (tmp_path / "a.md").write_text("# Here\n")
    page = tmp_path / "b.md"
    page.write_text(
        "# One\n[a](a.md) [b](a.md#here) [c](a.md#there) [d](c.md) [e](#one) [f](#two) `x[0](y)`\n"
        "[g](https://example.org/#x)\n![h](a.png)\n```python\nx[0](y.md)\n```\n"
    )
    assert dead_links(page) == ["a.md#there", "c.md", "#two", "a.png"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(document):
    assert dead_links(document) == []


def test_documents_that_code_and_configs_name_exist():
    files = [ROOT / "Makefile", *(ROOT / "config").glob("*.yaml")]
    for folder in ("scripts", "workflow", "benchmarks", "profiles"):
        files += [f for f in (ROOT / folder).rglob("*") if f.suffix in {".py", ".smk", ".yaml"}]
    for file in files:
        for name in re.findall(r"(?:docs|config|benchmarks)/[\w/-]*\.md", file.read_text()):
            assert (ROOT / name).exists(), f"{file}: {name}"


def test_the_index_has_every_page_once_with_a_line_about_it():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[.+?\]\(([a-z].+?\.md)\)", index, re.M)
    pages = [str(p.relative_to(ROOT / "docs")) for p in PAGES if p.name != "README.md"]
    assert sorted(listed) == sorted(pages)


def test_the_index_calls_pages_by_their_titles():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for title, name in re.findall(r"^- \[(.+?)\]\(([a-z].+?\.md)\)", index, re.M):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8").startswith(f"# {title}\n")


@pytest.mark.parametrize(("name", "lines"), [("README.md", 150), ("config/README.md", 80)])
def test_what_people_read_first_is_short(name, lines):
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= lines


def test_the_readme_has_fewer_than_1100_words_and_names_quantisation_and_audits_in_ten_lines():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) < 1100
    begin = " ".join(text.splitlines()[:10])
    assert "quantise" in begin
    assert "audits" in begin
    assert "csv" in begin


@pytest.mark.parametrize("guide", sorted((ROOT / "docs/guides").glob("*.md")), ids=lambda p: p.name)
def test_no_guide_has_more_than_900_words(guide):
    assert len(guide.read_text(encoding="utf-8").split()) <= 900


def test_the_picture_of_the_readme_has_at_most_eight_boxes():
    picture = re.search(r"```mermaid\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    assert 3 <= picture.count('["') <= 8


def test_every_benchmark_has_its_section_and_each_section_its_script():
    text = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:python benchmarks/)?(\w+\.py)`", text))
    assert [name for name in named if not (ROOT / "benchmarks" / name).is_file()] == []
    simulations = {path.name for path in (ROOT / "benchmarks").glob("simulate_*.py")}
    assert simulations <= named


def test_the_benchmarks_page_is_not_a_diary():
    text = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    assert sum(bool(re.search(r"\w", word)) for word in text.split()) < 4500


def test_the_glossary_has_fewer_than_25_words_and_each_once():
    words = [word for word, _ in read_glossary(ROOT / "docs/reference/glossary.md")]
    assert len(words) == len(set(words))
    assert 20 <= len(words) < 25


def test_files_that_come_with_the_project_fit_their_digests():
    assert len(generate.shipped()) > 30
    for path, root in generate.shipped():
        assert digests.path_of(path).is_file(), f"{path.relative_to(root)}; type: make docs"
        digests.check(path, "results")  # type: make docs


@pytest.mark.parametrize("page", generate.pages(), ids=lambda path: path.name)
def test_the_reference_is_what_the_schema_and_the_measures_declare(page):
    written = page.read_text(encoding="utf-8")
    assert written == generate.whole_page(page, generate.pages()[page]), "type: make docs"


def test_a_key_of_the_schema_is_a_row_with_its_type_default_and_meaning():
    rows = generate.config_keys().splitlines()
    assert "| `bins` | whole number | `20` |" in " ".join(r[:40] for r in rows)
    assert any(row.startswith("| `DATASET.MODEL.epochs` | whole number |  |") for row in rows)
    assert any(row.startswith(r"| `NAME.label_separator` | text | `'\|'` |") for row in rows)
    assert any(row.startswith("| `calibration.draws` | whole number | `1` |") for row in rows)
    assert any(row.startswith("| `temperature` | number | `2` |") for row in rows)


def test_the_columns_of_every_table_are_listed_those_of_several_tables_once():
    text = generate.table_columns()
    assert text.count("| `dataset` |") == 1
    assert text.count("| `noise_floor` |") == 1
    assert {"## pies.csv", "## fallback.csv", "## results/pies"} <= set(text.splitlines())


STATISTICS = ROOT / "docs/explanation/statistics.md"


def test_modules_and_the_page_on_statistics_name_each_other():
    page = STATISTICS.read_text(encoding="utf-8")
    assert len(page.split()) <= 4000
    named: dict[str, list[Path]] = {}
    for module in (ROOT / "scripts/pielab").rglob("*.py"):
        for anchor in re.findall(r"statistics\.md#([\w-]+)", module.read_text(encoding="utf-8")):
            named.setdefault(anchor, []).append(module)
    assert named.keys() == anchors("\n".join(re.findall(r"^##+ .*", page, re.M)))
    pointing = {module for modules in named.values() for module in modules}
    estimators = {
        module
        for module in (ROOT / "scripts/pielab/stats").glob("*.py")
        if module.stem not in ARITHMETIC
    }
    assert estimators <= pointing


ARITHMETIC = {"__init__", "distributions", "medians", "small_matrices", "sobol"}


def test_the_page_on_statistics_names_simulations_that_exist():
    page = STATISTICS.read_text(encoding="utf-8")
    for name in re.findall(r"`(?:benchmarks/)?((?:simulate_\w+|pie_probability)\.py)`", page):
        assert (ROOT / "benchmarks" / name).exists(), name
    sections = re.split(r"^## ", page, flags=re.M)[1:]
    judged = [one for one in sections if "**Assumes**" in one]
    assert len(judged) >= 12
    assert all("**Do not believe" in one for one in judged)
