"""Whatever is wrong with a file of a user, it is read or refused in one line that names it.

Each door is a way in for files that were not made here. `FAULTS` inputs a door are damaged at
random, the same each time for the same `FAULTS_SEED`.
"""

import json
import os
import resource
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from safetensors.numpy import save_file

from faults.damage import damage
from helpers.dataset_settings import SCHEMA
from helpers.external_models import CLASSES as LABELS
from helpers.external_models import BagOfWords, card, save_bert, save_tokenizer, texts
from helpers.external_models import predict as predict_with
from helpers.harness_log import answer_row, choice_row
from helpers.small_study import STUDY
from pielab import config, config_files, logs
from pielab.data import harness_examples, table_files, vectors
from pielab.external import harness, tables

FAULTS = int(os.environ.get("FAULTS", 500))
SEED = int(os.environ.get("FAULTS_SEED", 0))
MOST_MEMORY = 2**20  # KiB by which a door's files, all small, may raise the peak of the process
CLASSES = ["no", "yes"]
COLUMNS = {"id": "id", "seed": "seed", "draw": "draw", "label": "prediction", "scores": "{class}"}
SETTINGS = {"columns": COLUMNS, "multi_label": False, "label_separator": "|", "filter": None}
SETTINGS |= {"metric": None, "labels": {}}
ROWS = pd.DataFrame(
    {"id": [f"t{row}" for row in range(9)], "seed": 0, "no": 0.25, "yes": 0.75, "prediction": "yes"}
)


def answers(**changes):
    return lambda path: tables.read_answers(str(path), CLASSES, SETTINGS | changes)


def as_text(path):
    if path.suffix == ".csv":
        return ROWS.to_csv(path, index=False)
    if path.suffix == ".jsonl":
        return ROWS.to_json(path, orient="records", lines=True)
    return ROWS.to_parquet(path)


def as_arrays(path):
    arrays = {"ids": np.arange(9), "logits": np.ones((2, 9, 2), np.float32), "seeds": np.arange(2)}
    save_file(arrays, path) if path.suffix == ".safetensors" else np.savez_compressed(
        path, **arrays
    )


def as_labels(path):
    """Write two rows of several labels each."""
    path.write_text("id,prediction\na,no|yes\nb,\nc,yes\n")


def as_log(row):
    def write(path):
        rows = [row(number) for number in range(6)]
        path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in rows))

    return write


def read_log(path):
    classes = harness_examples.read_examples(str(path))[1]
    scores = "probabilities" if "choices" in path.name else "labels"
    harness.read_answers(str(path), classes, SETTINGS | {"scores": scores})


def as_vectors(path):
    path.write_text("".join(f"word{number} 0.5 -1.25 3e-2\n" for number in range(9)))


def read_vectors(path):
    words, numbers, mean = vectors.read_vectors(str(path), {"word1", "word2"})
    assert len(words) == len(numbers)
    assert np.isfinite(mean).all()


def as_config(path):
    path.write_text(yaml.safe_dump(STUDY, sort_keys=False))


def read_config(path):
    config_files.check_file(path)
    # Not the loader in C, which Snakemake does not use: it refuses some files that this one reads
    config.check_config(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMA)


DOORS = {
    "texts.csv": (as_text, lambda path: table_files.read_table(str(path))),
    "texts.jsonl": (as_text, lambda path: table_files.read_table(str(path))),
    "texts.parquet": (as_text, lambda path: table_files.read_table(str(path))),
    "scores.csv": (as_text, answers(scores="probabilities")),
    "scores.jsonl": (as_text, answers(scores="probabilities")),
    "scores.parquet": (as_text, answers(scores="probabilities")),
    "labels.csv": (as_labels, answers(scores="labels", multi_label=True)),
    "scores.npz": (as_arrays, answers(scores="logits")),
    "scores.safetensors": (as_arrays, answers(scores="logits")),
    "samples_choices_2026-01-01T00-00-00.jsonl": (
        as_log(lambda number: choice_row(number, [-1.0, -2.5])),
        read_log,
    ),
    "samples_answers_2026-01-01T00-00-00.jsonl": (
        as_log(lambda number: answer_row(number, 1.0)),
        read_log,
    ),
    "vectors.txt": (as_vectors, read_vectors),
    "study.yaml": (as_config, read_config),
}


def check(path, read):
    """Return None if a file is read, else why not: one line that names the file."""
    try:
        read(path)
    except ValueError as error:
        said = logs.one_line(str(error))
        assert str(path) in said or path.suffix == ".yaml", said
        assert len(said) <= logs.LONGEST_LINE + 2
        return said
    return None


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("door", DOORS)
def test_a_damaged_file_is_read_or_refused_in_one_line_that_names_it(tmp_path, door):
    write, read = DOORS[door]
    whole = tmp_path / "whole" / door
    whole.parent.mkdir()
    write(whole)
    assert check(whole, read) is None
    content, before, refused = whole.read_bytes(), peak(), 0
    for number in range(FAULTS):
        generator = np.random.default_rng([SEED, number])
        path = tmp_path / door
        path.write_bytes(damage(content, generator))
        try:
            refused += check(path, read) is not None
        except BaseException:
            shutil.copy(path, kept := tmp_path / f"fault{number}{path.suffix}")
            print(f"input {number} of {door}: {kept}")
            raise
    print(f"{door}: {refused} of {FAULTS} refused\ntried: {FAULTS} inputs")
    assert refused > FAULTS / 20
    assert peak() - before < MOST_MEMORY


HOSTILE = [
    10**400,
    "abc",
    "",
    [],
    {},
    None,
    True,
    1.5,
    -1,
    float("nan"),
    "9" * 5000,
    [[]],
    {"a": 1},
]


def with_each(value):
    """Yield copies of a JSON object or list in which one part, however deep, is a hostile one."""
    for key, own in value.items() if isinstance(value, dict) else enumerate(value):
        deeper = with_each(own) if isinstance(own, (dict, list)) else ()
        for other in (*HOSTILE, *deeper):
            changed = value.copy()
            changed[key] = other
            yield changed


@pytest.mark.parametrize("door", [door for door in DOORS if door.startswith("samples")])
def test_whatever_a_part_of_a_log_is_the_log_is_read_or_refused(tmp_path, door):
    write, read = DOORS[door]
    write(tmp_path / door)
    first, second, *_ = map(json.loads, (tmp_path / door).read_text().splitlines())
    inputs = list(with_each(second))
    for changed in inputs:
        (tmp_path / door).write_text("".join(json.dumps(row) + "\n" for row in (first, changed)))
        check(tmp_path / door, read)
    print(f"tried: {len(inputs)} inputs")


MEMBERS = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]


@pytest.mark.parametrize("member", [*MEMBERS, "model.onnx"])
def test_a_model_with_a_damaged_file_predicts_or_is_refused_in_one_line(tmp_path, member):
    folder, frame = tmp_path / "model", texts(4)
    if member.endswith(".onnx"):
        folder.mkdir()
        save_tokenizer(folder)
        BagOfWords(3).save(folder / member)
    else:
        save_bert(folder, LABELS)
    asked = folder / member if member.endswith(".onnx") else folder
    content, before, refused = (folder / member).read_bytes(), peak(), 0

    def read(path):
        assert np.isfinite(predict_with(path, frame, card())).all()

    assert check(asked, read) is None
    for number in range(max(FAULTS // 5, 1)):
        generator = np.random.default_rng([SEED, number])
        (folder / member).write_bytes(damage(content, generator))
        try:
            refused += check(asked, read) is not None
        except BaseException:
            shutil.copy(folder / member, kept := tmp_path / f"fault{number}.{member}")
            print(f"input {number} of {member}: {kept}")
            raise
    print(f"{member}: {refused} of {number + 1} refused\ntried: {number + 1} inputs")
    assert refused
    assert peak() - before < MOST_MEMORY
