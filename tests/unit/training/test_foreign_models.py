"""Models that others made: what is damaged or far too large is refused in a line that names it."""

import json
import os
import shutil

import pytest
from huggingface_hub import constants, hf_api

import fetch_encoder
from helpers import hub_server
from helpers import tiny_transformers as tiny
from helpers.external_models import save_tokenizer
from pielab import files
from pielab.training import foreign_models, pretrained_classifiers

SETTINGS = {"layers": None, "revision": None, "dropout": None, "pretrained": None}
OUTPUTS = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    tiny.save(folder, "bert")
    save_tokenizer(folder)
    return folder


def fetch(folder, architecture, tmp_path):
    settings = SETTINGS | {"architecture": architecture, "pretrained": str(folder)}
    (tmp_path / "fetched").mkdir(exist_ok=True)
    fetch_encoder.main(settings, [str(tmp_path / "fetched" / name) for name in OUTPUTS])


def refusal(folder, architecture, tmp_path):
    with pytest.raises(ValueError) as caught:
        fetch(folder, architecture, tmp_path)
    assert str(folder) in str(caught.value)
    assert len(str(caught.value)) < 500 + len(str(folder))
    return str(caught.value)


def changed(whole, tmp_path, name, change):
    """Return a copy of a folder in which a JSON file is changed."""
    folder = shutil.copytree(whole, tmp_path / "source")
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(change(content)))
    return folder


CONFIGS = {
    "a list": lambda config: [config],
    "a million layers": lambda config: config | {"num_hidden_layers": 10**6},
    "text for a number": lambda config: config | {"hidden_size": "16"},
    "quantisation as a list": lambda config: config | {"quantization_config": ["int4"]},
    "heads that do not divide": lambda config: config | {"num_attention_heads": 5},
    "no heads": lambda config: config | {"num_attention_heads": 0},
    "labels as a list": lambda config: config | {"id2label": ["no", "yes"]},
    "far too many positions": lambda config: config | {"max_position_embeddings": 10**8},
    "a type that nobody knows": lambda config: config | {"model_type": "x" * 5000},
    "a list for a type": lambda config: config | {"model_type": ["bert"]},
}


@pytest.mark.parametrize("damage", CONFIGS)
def test_a_hostile_config_is_refused_in_a_line_that_names_the_folder(whole, tmp_path, damage):
    folder = changed(whole, tmp_path, "config.json", CONFIGS[damage])
    refusal(folder, "transformer", tmp_path)


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("model.safetensors", "transformer"),
        ("tokenizer.json", "encoder"),
        ("config.json", "decoder"),
    ],
)
def test_a_file_that_is_cut_is_refused_in_a_line_that_names_the_folder(
    whole, tmp_path, name, architecture
):
    folder = shutil.copytree(whole, tmp_path / "source")
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    refusal(folder, architecture, tmp_path)


@pytest.mark.parametrize(
    "name", ["/dev/zero", "../config.json", "absent.safetensors", "", "pipe", 7]
)
def test_an_index_that_names_other_files_than_its_folders_is_refused(whole, tmp_path, name):
    folder = shutil.copytree(whole, tmp_path / "source")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    os.mkfifo(folder / "pipe")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    assert "expected a file of its folder" in refusal(folder, "transformer", tmp_path)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": ["a"]}')
    assert "no weight_map" in refusal(folder, "encoder", tmp_path)


def test_an_old_index_beside_weights_in_one_file_is_not_read(whole, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "source")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    described = json.loads((folder / "config.json").read_text())
    foreign_models.check_sizes(folder, described)


def test_a_panic_of_rust_names_the_folder(whole, tmp_path, capfd):
    def without_marks(tokenizer):
        tokenizer["post_processor"]["special_tokens"] = {}
        return tokenizer

    folder = changed(whole, tmp_path, "tokenizer.json", without_marks)
    capfd.readouterr()
    refusal(folder, "transformer", tmp_path)
    assert "panicked" not in capfd.readouterr().err


def test_what_is_written_to_standard_error_appears_unless_the_block_raises(capfd):
    with foreign_models.without_panics():
        os.write(2, b"a warning\n")
    assert capfd.readouterr().err == "a warning\n"

    @foreign_models.without_panics()
    def panic():
        os.write(2, b"a panic\n")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        panic()
    assert capfd.readouterr().err == ""


def test_classifiers_of_one_model_are_named_each(whole, tmp_path):
    folder = changed(whole, tmp_path, "tokenizer.json", lambda tokenizer: [tokenizer])
    with pytest.raises(ValueError, match=f"^{folder}: no model that can be read"):
        pretrained_classifiers.check_alike([str(whole), str(folder)])


@pytest.mark.parametrize("kind", tiny.CONFIGS)
def test_sizes_of_models_as_they_are_saved_fit(tmp_path, kind):
    tiny.save(tmp_path, kind)
    foreign_models.check_sizes(tmp_path, files.read_object(tmp_path / "config.json"))


LARGE = 10**12  # bytes


def with_weights(claimed):
    """Return weights of a file that has one tensor, and claims it to hold these bytes."""
    header = {"w": {"dtype": "F32", "shape": [claimed // 4], "data_offsets": [0, claimed]}}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text


HUB = {
    "more layers than tensors": (
        {"num_hidden_layers": 300},
        None,
        "num_hidden_layers 300; expected at most",
    ),
    "a table of words of a terabyte": ({"vocab_size": 10**10}, None, "vocab_size '10000000000'"),
    "far too many positions": ({"max_position_embeddings": 10**8}, None, "weights; expected at"),
    "a terabyte for a small model": ({}, with_weights(LARGE), "1,000,000,000,000 bytes of weights"),
}


def test_a_model_of_the_hub_is_refused_by_its_sizes_before_it_is_downloaded(
    whole, tmp_path, monkeypatch
):
    plain = {path.name: path.read_bytes() for path in whole.iterdir()}
    repositories = {("models", "of/whole"): hub_server.Repository(plain, "c" * 40)}
    for number, (changes, weights, _) in enumerate(HUB.values()):
        config = json.dumps(json.loads(plain["config.json"]) | changes).encode()
        held = plain | {"config.json": config}
        held["model.safetensors"] = weights or held["model.safetensors"]
        repositories["models", f"of/case{number}"] = hub_server.Repository(held, "c" * 40)
    with hub_server.serve(repositories) as (endpoint, asked):
        files = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, endpoint)
        for name, value in (
            ("ENDPOINT", endpoint),
            ("HUGGINGFACE_CO_URL_TEMPLATE", files),
            ("HF_HUB_CACHE", str(tmp_path)),
            ("HF_HUB_OFFLINE", False),
        ):
            monkeypatch.setattr(constants, name, value)
        monkeypatch.setattr(hf_api.api, "endpoint", endpoint)
        foreign_models.check_on_hub("of/whole", None)
        for number, (*_, said) in enumerate(HUB.values()):
            with pytest.raises(ValueError) as caught:
                foreign_models.check_on_hub(f"of/case{number}", None)
            assert str(caught.value).startswith(f"of/case{number}: ")
            assert said in str(caught.value)
    # Each file by its head: all were reached
    assert {path for path in asked if "of/whole" in path and "model.safetensors" in path}
    # Of weights no more than the first bytes
    assert not [path for path in asked if "tokenizer" in path]


def test_an_interruption_stays_one(whole):
    with pytest.raises(KeyboardInterrupt), foreign_models.reading(whole):
        raise KeyboardInterrupt
