"""The words of the documents' glossary, for the report."""

import pytest

from pielab.pages.glossary import read_glossary


def test_words_begin_in_upper_case_and_keep_their_order(tmp_path):
    page = tmp_path / "glossary.md"
    page.write_text(
        "# Words\n\n| word | meaning |\n| --- | --- |\n| seed | a start |\n| PIE | a text |\n"
    )
    assert read_glossary(page) == [("Seed", "a start"), ("PIE", "a text")]


@pytest.mark.parametrize("text", ["# Words\n", "| word | meaning |\n| --- | --- |\n| seed |\n"])
def test_a_page_without_a_table_of_words_is_named(tmp_path, text):
    page = tmp_path / "glossary.md"
    page.write_text(text)
    with pytest.raises(ValueError, match=r"glossary\.md: no table of words"):
        read_glossary(page)
