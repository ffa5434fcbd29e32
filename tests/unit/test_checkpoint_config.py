"""What a config says of classifiers that were trained elsewhere, and what it may not say."""

import copy

import pytest

from helpers.checkpoint_study import STUDY
from helpers.dataset_settings import SCHEMA
from pielab.config import check_config
from pielab.study import Study

HYPERPARAMETERS = {"epochs": 1, "learning_rate": 0.1, "batch_size": 4, "max_tokens": 8}


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    for seed in (2, 10, 1):
        (tmp_path / f"models/seed{seed}").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)


def changed(**changes):
    study = copy.deepcopy(STUDY)
    for key, value in changes.items():
        *path, last = key.split("__")
        node = study
        for name in path:
            node = node[name]
        node[last] = value
    return study


def test_seeds_are_the_folders_in_natural_order_and_need_no_training():
    study = Study(check_config(changed(), SCHEMA))
    assert study.models["ours"]["folders"] == ["models/seed1", "models/seed2", "models/seed10"]
    assert study.models["ours"]["seeds"] == 3
    assert study.training["films"]["ours"]["max_tokens"] is None
    assert (study.splits, study.has_influence, study.has_claims) == (("test",), False, False)
    assert study.trained_elsewhere == ["ours"]
    assert not [path for path in study.predicted if "early" in path or "train" in path]


def test_one_folder_is_one_seed():
    study = Study(check_config(changed(models__ours__checkpoints="models/seed2"), SCHEMA))
    assert study.models["ours"]["seeds"] == 1


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"methods__imp": {"criterion": "magnitude", "schedule": "iterative"}},
            "methods.imp.schedule: 'iterative'; expected after-training, since models.ours.",
        ),
        ({"models__ours__seeds": 2}, "models.ours.seeds: 2; expected 3, the folders that match"),
        ({"models__ours__checkpoints": "no*"}, "models.ours.checkpoints: 'no*': no such folder"),
        (
            {"methods__wanda": {"compressor": "wanda"}},
            "methods.wanda.calibration.file: None; expected a file of texts, as datasets.films",
        ),
        (
            {"methods__imp": {"criterion": "impact", "schedule": "after-training"}},
            "methods.imp.criterion: 'impact'; expected with datasets.films.files.train",
        ),
        (
            {"training": {"films": {"ours": {"epochs": 3}}}},
            "training.films.ours.epochs: 3; expected no such key, as nothing trains",
        ),
        (
            {
                "models__more": {"architecture": "transformer", "pretrained": "x", "seeds": 1},
                "datasets__films": {"source": "bbc"},
                "training": {"films": {"ours": {}, "more": HYPERPARAMETERS}},
            },
            "models.more: no checkpoints; expected some, as models.ours has them",
        ),
        ({"models__ours__freeze_layers": 1}, "models.ours.freeze_layers: 1; expected with pretr"),
        ({"models__ours__pretrained": "x"}, "expected either this or pretrained"),
        (
            {"models__ours": {"architecture": "encoder", "checkpoints": "models/*"}},
            "models.ours.checkpoints: 'models/*'; expected where architecture is transformer",
        ),
    ],
)
def test_what_needs_training_is_refused_in_one_line(changes, line):
    with pytest.raises(ValueError, match="config") as refused:
        check_config(changed(**changes), SCHEMA)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["epochs", "learning_rate", "batch_size", "max_tokens"])
def test_models_that_train_still_need_each_hyperparameter(key):
    study = changed(
        models={"ours": {"architecture": "transformer", "pretrained": "x", "seeds": 1}},
        datasets={"films": {"source": "bbc"}},
        training={"films": {"ours": {k: v for k, v in HYPERPARAMETERS.items() if k != key}}},
    )
    with pytest.raises(ValueError, match=f"training.films.ours: key '{key}' is missing"):
        check_config(study, SCHEMA)
