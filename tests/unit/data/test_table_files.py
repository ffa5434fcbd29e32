"""Tables of users that would take far more memory than they are large are refused at once."""

import json

import pytest

from pielab.data.table_files import read_table


def refusal(path, content):
    path.write_text(content)
    with pytest.raises(ValueError) as caught:
        read_table(str(path))
    return str(caught.value).removeprefix(f"{path}: not a readable {path.suffix} file: ")


def test_a_csv_file_of_millions_of_columns_is_refused_before_it_is_read(tmp_path):
    said = refusal(tmp_path / "t.csv", "," * 3_000_000 + "\n1\n")
    assert said == "3,000,001 columns; expected at most 20,000"


def test_lines_that_have_no_key_in_common_are_refused_and_a_few_rare_keys_are_not(tmp_path):
    path = tmp_path / "t.jsonl"
    said = refusal(path, "".join(json.dumps({f"k{row}": 1}) + "\n" for row in range(2000)))
    assert said == ("2,000 keys in all, of which a line has 1; expected the same keys on each line")
    rows = [{"id": row, "text": "a", f"note{row % 30}": 1} for row in range(2000)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_table(str(path)).shape == (2000, 32)
