"""Let the versions leave that the gate passes, each as a folder of its own with a card."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from pielab import digests, files, logs
from pielab.gate.verdicts import may_leave
from pielab.vocabulary import KEYS


def leave(
    settings: dict, gate: str, output: str, write: Callable[[int, dict, Path], tuple[dict, str]]
) -> None:
    """Write each version that may leave into a folder beside `output`, which lists them.

    Parameters
    ----------
    settings : dict
        `versions`, each with its `cell` and `folder`; `force` and `fail_on`, see may_leave; and
        perhaps `left`, a line on each version that cannot be exported.
    gate : str
        gate.json.
    write : function
        Writes a model into a folder, from its place among the versions, what gate.json holds of the
        version, and the folder; returns facts for the list, and the card.

    Raises
    ------
    ValueError
        If nothing may leave.
    """
    judged = {
        tuple(version[name] for name in KEYS): version
        for version in files.read_json(gate)["versions"]
    }
    left = settings.get("left", [])
    for line in left:
        logs.logger.warning("not exported: %s", line)
    made = []
    for number, job in enumerate(settings["versions"]):
        version = judged[tuple(job["cell"][name] for name in KEYS)]
        folder = Path(output).parent.joinpath(*job["folder"])
        shutil.rmtree(folder, ignore_errors=True)
        digests.forget([folder])
        name = ", ".join(version[key] for key in ("dataset", "model", "method", "level_text"))
        if not may_leave(version, settings):
            logs.logger.warning("%s: not exported: %s", name, version["verdict"])
            continue
        folder.mkdir(parents=True)
        try:
            facts, card = write(number, version, folder)
        except BaseException:
            shutil.rmtree(folder)
            raise
        files.write_text(folder / "README.md", card)
        digests.write(folder, Path(output).parents[1])
        made.append({key: version[key] for key in KEYS} | {"folder": str(folder)} | facts)
        logs.logger.info("%s: %s", name, folder)
    if not made:
        raise ValueError(
            "export: no version that the gate passes and that can be exported; expected one "
            "(results/gate/gate.txt shows why; export.force: true exports all)"
            + "".join(f"; {line}" for line in left)
        )
    files.write_text(output, json.dumps({"exported": made}, indent=1, ensure_ascii=False) + "\n")
