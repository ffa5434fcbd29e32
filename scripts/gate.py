"""End with 1 where the gate blocks, by verdicts that are judged again: gate.json may be edited."""

import json
import sys

from pielab import endings, files, jobs, logs
from pielab.gate.judging import BY_PAIR, judge_all


def main(
    settings: dict, by_pair: dict[str, list[str]], paths: dict[str, str], verdict: str
) -> bool:
    """Return whether the gate fails.

    Raises
    ------
    ValueError
        If the file of the verdict does not hold what the measured losses say.
    """
    judged, said = judge_all(settings, by_pair, paths), files.read_json(verdict)
    if json.loads(json.dumps(judged)) != said:
        raise ValueError(
            f"{verdict}: another verdict than the measured losses give, {judged['verdict']}; "
            "delete it and run the same command again"
        )
    logs.logger.info("%s", judged["verdict"])  # by which the end of a run knows that there is one
    return judged["fails"]


if "snakemake" in globals():
    inputs = snakemake.input
    judged_by = {
        name: path
        for name, path in inputs.items()
        if name not in (*BY_PAIR, "verdict", "screen", "junit")
    }
    by_pair = {name: list(inputs[name]) for name in BY_PAIR}
    with jobs.job(snakemake):
        fails = main(json.loads(snakemake.params.settings), by_pair, judged_by, inputs.verdict)
    if json.loads(snakemake.params.says_last):
        endings.print_screen(inputs.screen)
    sys.exit(int(fails))
