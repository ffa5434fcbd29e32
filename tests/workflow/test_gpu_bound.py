import pytest
import yaml
from snakemake.api import SnakemakeApi
from snakemake.settings.types import (
    ConfigSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)

from helpers.small_study import ROOT, STUDY
from pielab import machine


@pytest.fixture
def bound(tmp_path):
    """Return a function that reads the workflow and returns how much of gpu_share there is."""
    configfile = tmp_path / "study.yaml"

    def read(study=STUDY, **resources):
        configfile.write_text(yaml.safe_dump(study))
        with SnakemakeApi(OutputSettings(quiet={Quietness.ALL}, enable_file_logging=False)) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(**({"cores": 8} | resources)),
                config_settings=ConfigSettings(configfiles=[configfile]),
                snakefile=ROOT / "Snakefile",
                workdir=tmp_path,
            )._workflow
        found = dict(workflow.global_resources).get("gpu_share")
        return found and found.value

    return read


def test_jobs_on_a_machine_with_a_gpu_share_one_and_without_one_are_not_bounded(bound, monkeypatch):
    for found, share in ((True, 100), (False, None)):
        monkeypatch.setattr(machine, "has_gpu", lambda device, found=found: found)
        assert bound() == share


def test_a_bound_that_is_asked_for_stands(bound, monkeypatch):
    monkeypatch.setattr(machine, "has_gpu", lambda device: True)
    assert bound(resources={"gpu_share": 400}) == 400


def test_a_cluster_gives_each_job_its_own_gpu(bound, monkeypatch):
    monkeypatch.setattr(machine, "has_gpu", lambda device: True)
    assert bound(cores=None, nodes=200) is None
