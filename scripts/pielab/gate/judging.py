"""Judge compressed versions by the losses that were measured, and refuse what is not all there."""

import math

import pandas as pd

from pielab import csv_tables
from pielab.analysis.cell_tables import rows_of
from pielab.gate.mending import cheapest_remedy, fallback_of, kept_layers_of
from pielab.gate.texts import deciding_texts
from pielab.gate.verdicts import INCONCLUSIVE, VERDICTS, Finding, worst
from pielab.gate.versions import SliceTables, judge, same_model
from pielab.vocabulary import EQUAL

TABLES = ("cells", "examples", "slices", "slice_limits", "differences")  # that are there, of a job


def read_harms(path: str) -> pd.DataFrame:
    """Return the losses of a pair; a class may be called None."""
    table = csv_tables.read_csv(path)
    return table.assign(where=table["where"].fillna(""))


def findings(settings: dict, cell: dict, tables: dict) -> list[Finding]:
    """Return the finding of each rule on a version."""
    harms, pies = rows_of(tables["harms"], cell), rows_of(tables["cells"], cell).iloc[0]
    slices = SliceTables(*(rows_of(tables[name], cell) for name in ("slices", "slice_limits")))
    found = judge(harms, pies, slices, settings["rules"], settings["confidence"])
    equal, _ = reasons_to_doubt(tables.get("differences"), cell)
    return [*(same_model(pies, reason) for reason in equal), *found]


def judge_version(settings: dict, cell: dict, tables: dict) -> dict:
    """Return what gate.json holds of a version."""
    pies, found = rows_of(tables["cells"], cell).iloc[0], findings(settings, cell, tables)
    _, differ = reasons_to_doubt(tables.get("differences"), cell)
    return cell | {
        "verdict": worst([finding.verdict for finding in found] or [INCONCLUSIVE]),
        "differ_by": str(pies["differ_by"]),
        "replicates": int(pies["replicates"]),
        "examples": int(pies["examples"]),
        "rules": [
            known(
                finding._asdict()
                | {"needs": finding.needs._asdict()}
                | {"open": known(finding.open._asdict()) if finding.open else None}
            )
            for finding in found
        ],
        "not_judged": [
            rule
            for rule, limits in settings["rules"].items()
            if limits and rule not in {finding.rule for finding in found}
        ],
        "warnings": differ,
        "texts": deciding_texts(tables["examples"], cell),
    }


def reasons_to_doubt(table: pd.DataFrame | None, cell: dict) -> tuple[list[str], list[str]]:
    """Return the rows of external_differences.csv on a version and its baseline.

    Returns
    -------
    equal : list of str
        Which scores are those of another model.
    differ : list of str
        In what else than precision models differ, and other notes.
    """
    if table is None:
        return [], []
    levels = {cell["method"]: cell["level"], cell["baseline"]: 0}
    of_pair = table[(table["dataset"] == cell["dataset"]) & (table["model"] == cell["model"])]
    rows = of_pair[of_pair["method"].map(levels) == of_pair["level"]]
    is_equal = rows["kind"] == EQUAL
    equal, differ = (
        list(dict.fromkeys(rows[chosen]["difference"])) for chosen in (is_equal, ~is_equal)
    )
    return equal, differ


def known(finding: dict) -> dict:
    """Return a finding with null for what is not known, which NaN is not in JSON."""
    unknown = {
        name: None
        for name, value in finding.items()
        if isinstance(value, float) and math.isnan(value)
    }
    return finding | unknown


def read_tables(harms: list[str], inputs: dict) -> dict[str, pd.DataFrame]:
    """Return all tables by which versions are judged, those of pies.csv on the test split."""
    tables = {name: csv_tables.read_csv(inputs[name]) for name in TABLES if name in inputs}
    tables["cells"] = tables["cells"][tables["cells"]["split"] == "test"]
    tables["harms"] = pd.concat(map(read_harms, harms))
    return tables


def judge_versions(settings: dict, inputs: dict) -> dict:
    """Return the verdict on all versions, and what would let those pass that are stopped.

    Parameters
    ----------
    inputs : dict
        `harms` and `tried`, a file for each dataset and model, and the files of TABLES.

    Raises
    ------
    ValueError
        If a file lacks losses of a version.
    """
    harms, tables = inputs["harms"], read_tables(inputs["harms"], inputs)
    for cell in settings["versions"]:
        place = f"{cell['dataset']}/{cell['model']}.csv"
        source = next((path for path in harms if str(path).endswith(place)), harms[0])
        check(tables, cell, source, inputs["cells"])
    versions = [judge_version(settings, cell, tables) for cell in settings["versions"]]
    tried = pd.concat(map(csv_tables.read_csv, inputs["tried"]))
    for version in versions:
        version["kept_layers"] = kept_layers_of(version, tried)
        version["fallback"] = fallback_of(version, tried)
    for version in versions:
        version["mended_by"] = cheapest_remedy(version, versions)
    verdict = worst(version["verdict"] for version in versions)
    return {
        "verdict": verdict,
        "fails": VERDICTS.index(verdict) >= VERDICTS.index(settings["fail_on"]),
        **{name: settings[name] for name in ("fail_on", "confidence")},
        "versions": versions,
    }


def check(tables: dict, cell: dict, harms: str, cells: str) -> None:
    """Refuse a version whose losses or whose row of pies.csv is not there, as in a cut file.

    Parameters
    ----------
    harms, cells : str
        The files that should have them.

    Raises
    ------
    ValueError
        Naming the file, the version and the rule.
    """
    name = f"{cell['method']}, {cell['level_text']}, against {cell['baseline']}"
    again = "delete the file and run the same command again"
    found = rows_of(tables["harms"], cell)["rule"].value_counts()
    for rule in ("negative_flips", "score"):
        if found.get(rule, 0) != 1:
            number = f"{found.get(rule, 0)} rows of {rule}"
            raise ValueError(f"{harms}: {number} for {name}; expected one: {again}")
    if not found.get("worst_class", 0):
        raise ValueError(f"{harms}: no class for {name}; expected one row each: {again}")
    rows = len(rows_of(tables["cells"], cell))
    if rows != 1:
        raise ValueError(f"{cells}: {rows} rows for {name}; expected one: {again}")
