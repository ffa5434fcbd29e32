"""How many jobs share the GPU of a machine."""

import pytest
import yaml
from snakemake.api import SnakemakeApi
from snakemake.cli import parse_args
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)

from helpers.small_study import ROOT, STUDY
from pielab import machine


@pytest.fixture
def shares(tmp_path):
    """Return a function that plans the study and returns which shares of a GPU its jobs need."""
    configfile = tmp_path / "study.yaml"
    configfile.write_text(yaml.safe_dump(STUDY))

    def plan(**resources):
        quiet = OutputSettings(dryrun=True, quiet={Quietness.ALL}, enable_file_logging=False)
        with SnakemakeApi(quiet) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=8, **resources),
                config_settings=ConfigSettings(configfiles=[configfile]),
                snakefile=ROOT / "Snakefile",
                workdir=tmp_path,
            )
            dag = workflow.dag(dag_settings=DAGSettings())
            dag.execute_workflow(executor="dryrun", updated_files=[])
            jobs = list(workflow._workflow.dag.needrun_jobs(exclude_finished=False))
        return {job.resources.gpu_share for job in jobs if job.rule.name == "train_dense"}

    return plan


def test_jobs_need_a_share_of_the_gpu_where_there_is_one_and_else_none(shares, monkeypatch):
    for found, share in ((True, 25), (False, 0)):
        monkeypatch.setattr(machine, "has_gpu", lambda device, found=found: found)
        assert shares() == {share}


def asked(monkeypatch, *arguments):
    """Return the resources that Snakemake takes from the profiles and the command line."""
    monkeypatch.chdir(ROOT)
    _, settings = parse_args(["--cores", "8", *arguments])
    return {name: found.value for name, found in settings.resources.items()}, dict(
        settings.set_resource_scopes
    )


def test_a_machine_has_one_gpu_to_share_unless_more_is_asked_for(monkeypatch):
    assert asked(monkeypatch) == ({"gpu_share": 100}, {"gpu_share": "local"})
    more, scopes = asked(monkeypatch, "--resources", "gpu_share=400")
    assert (more["gpu_share"], scopes["gpu_share"]) == (400, "local")
