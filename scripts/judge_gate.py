"""Judge whether compressed versions may ship: for machines as JSON and JUnit XML, and in words."""

import json
from pathlib import Path

from pielab import files, jobs, logs
from pielab.gate.judging import BY_PAIR, judge_all
from pielab.gate.junit import junit
from pielab.gate.screen import screen


def main(
    settings: dict, by_pair: dict[str, list[str]], paths: dict[str, str], outputs: dict[str, str]
) -> None:
    gate = judge_all(settings, by_pair, paths)
    said = json.dumps(gate, indent=1, ensure_ascii=False, allow_nan=False)
    files.write_text(outputs["json"], said + "\n")
    files.write_text(outputs["junit"], junit(gate))
    files.write_text(outputs["screen"], screen(gate, Path(outputs["screen"]).parents[1]))
    logs.logger.info("%s: %d versions", gate["verdict"], len(gate["versions"]))


if "snakemake" in globals():
    inputs = snakemake.input
    with jobs.job(snakemake):
        main(
            json.loads(snakemake.params.settings),
            {name: list(inputs[name]) for name in BY_PAIR},
            {name: path for name, path in inputs.items() if name not in BY_PAIR},
            dict(snakemake.output.items()),
        )
