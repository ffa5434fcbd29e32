"""What the workflow asks of Snakemake for which there is no documented way.

Each function takes Snakemake's `workflow`. A change of Snakemake is met here and nowhere else.
"""

from typing import Any


def config_files(workflow: Any) -> list[str]:
    """Return the config files that were read, those of --configfile first.

    Documented is only `config`, in which all files are merged; errors must name the file.
    """
    return list(map(str, workflow.configfiles))


def is_main_process(workflow: Any) -> bool:
    """Return whether this is the process that the user started.

    Snakemake reads the workflow again for each job; checks and warnings once are enough.
    """
    return bool(workflow.is_main_process)


def is_module(workflow: Any) -> bool:
    """Return whether another workflow uses this one by `module:`.

    Snakemake then runs none of this workflow's onstart, onsuccess and onerror.
    """
    return not workflow.modifier.is_main_snakefile()


def outputs(workflow: Any) -> list[str]:
    """Return the outputs of all rules so far, with their wildcards.

    Documented is only `rules.NAME.output`, rule by rule.
    """
    return [str(path) for rule in workflow.rules for path in rule.output]


def is_local(workflow: Any) -> bool:
    """Return whether all jobs run on this machine, and not on others of a cluster."""
    return bool(workflow.local_exec)


def lift_rate_limit(workflow: Any) -> None:
    """Let a run on this machine start its jobs without a limit a second.

    For its limit of 100 jobs a second, which is meant for clusters, Snakemake 9.27 looks at all
    waiting jobs again a second after each look, beside the looks that ended jobs cause: the more
    jobs have ended, the more looks a second, each of some milliseconds. There is no option that
    takes the limit away. It is left alone on a cluster, and where --max-jobs-per-timespan sets
    another. For `onstart`, when there is a scheduler.
    """
    scheduler = workflow.scheduler
    limit = scheduler.job_rate_limiter
    if workflow.local_exec and limit and (limit.max_jobs, limit.timespan) == (100, 1):
        scheduler.job_rate_limiter = None
