"""The jobs of a study, with what each reads and writes, whether they would run or not."""

from snakemake.api import SnakemakeApi
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)

from helpers.small_study import ROOT


def jobs_of(folder, targets=()):
    """Return Snakemake's jobs of the study in a folder, which has its config in study.yaml."""
    quiet = OutputSettings(dryrun=True, quiet={Quietness.ALL}, enable_file_logging=False)
    with SnakemakeApi(quiet) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[folder / "study.yaml"]),
            snakefile=ROOT / "Snakefile",
            workdir=folder,
        )
        dag = workflow.dag(dag_settings=DAGSettings(targets=set(targets)))
        dag.execute_workflow(executor="dryrun", updated_files=[])
        return list(workflow._workflow.dag.jobs)
