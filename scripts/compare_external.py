"""Tabulate what external models are and read, and in what they differ besides their precision."""

from itertools import islice

import pandas as pd

from pielab import files, jobs, logs
from pielab.external import compared
from pielab.vocabulary import MODELS, NOTE


def main(settings: dict, inputs: dict[str, list[str]], outputs: dict[str, str]) -> None:
    left = iter(inputs["predictions"])
    known, differ = [], []
    cards = {card["dataset"]: card for card in map(files.read_json, inputs["cards"])}
    for pair in settings["pairs"]:
        decision = pair["multi_label"], pair["threshold"]
        groups = [
            compared.read_external(
                stated["name"], stated["rerun"], list(islice(left, stated["files"])), *decision
            )
            for stated in pair["groups"]
        ]
        for stated, group in zip(pair["groups"], groups, strict=True):
            of_group = {name: stated[name] for name in MODELS}
            for name, facts in zip(group.models, group.facts, strict=True):
                row = {"name": name, "file": facts.get("file", "")}
                row["digest"] = facts.get("digest", "")[: compared.DIGITS]
                row |= {fact: facts.get(fact, "") for fact in compared.FACTS}
                known.append(of_group | row | {"examples": group.examples})
        card = cards[pair["groups"][0]["dataset"]]
        reasons = [(0, NOTE, sentence) for sentence in compared.of_dataset(card)]
        reasons += compared.differences(groups, pair["are_reruns"])
        for place, kind, sentence in reasons:
            stated = pair["groups"][place]
            row = {name: stated[name] for name in MODELS}
            logs.logger.warning("%s, %s, %s: %s", *(stated[name] for name in MODELS[:3]), sentence)
            differ.append(row | {"kind": kind, "difference": sentence})
    columns = [*MODELS, "name", "file", "digest", *compared.FACTS, "examples"]
    files.write_frame(outputs["models"], pd.DataFrame(known, columns=columns))
    columns = [*MODELS, "kind", "difference"]
    files.write_frame(outputs["differences"], pd.DataFrame(differ, columns=columns))


if "snakemake" in globals():
    with jobs.job(snakemake) as job:
        main(job.settings, job.inputs, job.outputs)
