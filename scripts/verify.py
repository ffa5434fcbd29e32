"""List the files below the folder of results that are not what was written, and fail if any."""

from pathlib import Path

from pielab import digests, jobs, logs


def main(root: Path) -> None:
    found, count = digests.survey(root)
    for path, state in found:
        logs.logger.warning("%s: %s", path, state)
        print(f"{path}: {state}", flush=True)
    if found:
        raise ValueError(
            f"{len(found)} of {count} files below {root} are not what was written, such as "
            f"{found[0].path} ({found[0].what}); to delete them, type the same command with "
            "repair instead of verify"
        )
    print(f"All {count} files below {root} are what was written.", flush=True)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(Path(job.settings.get("read_only") or jobs.results_folder(snakemake.log[0])))
