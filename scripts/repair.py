"""Delete the results that `verify` names, so that the next run makes them again."""

import json
from pathlib import Path

from pielab import digests, jobs


def main(settings: dict, root: Path) -> None:
    deleted = kept = 0
    for path, what in digests.survey(root)[0]:
        if what == digests.UNKNOWN and not digests.is_made(path, settings["outputs"]):
            print(f"{path}: kept, since no job of this study makes it", flush=True)
            kept += 1
            continue
        if path.is_dir():
            raise ValueError(f"{path}: a folder that was changed; delete it yourself")
        path.unlink(missing_ok=True)
        digests.forget([path])
        print(f"{path}: deleted ({what})", flush=True)
        deleted += 1
    print(f"{deleted} files deleted, {kept} kept. Now type: {settings['command']}", flush=True)


if "snakemake" in globals():
    with jobs.job(snakemake):
        main(json.loads(snakemake.params.settings), jobs.results_folder(snakemake.log[0]))
