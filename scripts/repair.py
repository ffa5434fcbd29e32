"""Delete the results that `verify` names, so that the next run makes them again."""

from pathlib import Path

from pielab import digests, jobs


def main(settings: dict, root: Path) -> None:
    deleted = kept = 0
    for path, state in digests.survey(root)[0]:
        if state == digests.UNKNOWN and not digests.is_made(path, settings["outputs"]):
            print(f"{path}: kept, since no job of this study makes it", flush=True)
            kept += 1
            continue
        if path.is_dir():
            raise ValueError(f"{path}: a folder that was changed; delete it yourself")
        path.unlink(missing_ok=True)
        digests.forget([path])
        deleted_part = "its digest" if state == digests.MISSING else "file and digest"
        print(f"{path}: {state}; {deleted_part} deleted", flush=True)
        deleted += 1
    print(f"{deleted} deleted, {kept} kept. To make them again, type:", flush=True)
    print(settings["command"], flush=True)


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, jobs.results_folder(snakemake.log[0]))
