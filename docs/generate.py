"""Write the reference of the config's keys and of the tables' columns, and digests: `make docs`.

The keys come from the config's schema and from what modules declare, the columns from
resources/columns.yaml and the measures. A test holds the committed pages to both. The digests are
of files that come with the project and that jobs read.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import yaml

from pielab import digests, methods, objectives
from pielab.architectures import with_architectures
from pielab.pages.exhibits import read_columns

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
COLUMNS = ROOT / "resources/columns.yaml"
MARK = "<!-- `make docs` writes what follows, from"
KEYS_MARK = f"{MARK} workflow/schemas/config.schema.yaml and the modules that add keys to it -->"
COLUMNS_MARK = f"{MARK} resources/columns.yaml and the measures in scripts/pielab/measures -->"
SHIPPED = ("workflow/templates", "resources/paper", "resources/smollm2/runs")
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "null",
}
# What stands for a name of the user's choice below a key
NAMES = {"training": "DATASET", "files": "METHOD", "labels": "CLASS", "max_train_by_class": "CLASS"}
NAMES |= dict.fromkeys(("metric", "filter", "right_from", "drop"), "TASK")


def pages() -> dict[Path, str]:
    """Return the text of each generated page, below what is written by hand, by its path."""
    return {
        ROOT / "docs/reference/config.md": KEYS_MARK + "\n\n" + config_keys(),
        ROOT / "docs/reference/columns.md": COLUMNS_MARK + "\n\n" + table_columns(),
    }


def whole_page(path: Path, generated: str) -> str:
    """Return a page: what stands above the mark, which people write, and what is generated."""
    return path.read_text(encoding="utf-8").partition(MARK)[0] + generated


def config_keys() -> str:
    """Return a section for each part of the config, with a row for each of its keys."""
    schema = with_architectures(yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))
    parts = [_overview(schema)]
    for name, part in schema["properties"].items():
        rows = list(_keys(part, schema, NAMES.get(name, "NAME")))
        if name == "methods":
            parts.append(_methods(schema))
        elif rows:
            parts.append(f"### {name}\n\n{_sentence(part)}\n\n{_table(rows)}")
    return "\n".join(parts)


def table_columns() -> str:
    """Return a section for each table, with a row for each of its columns."""
    written = yaml.safe_load(COLUMNS.read_text(encoding="utf-8"))
    described = read_columns(COLUMNS)
    units = _rows(("unit", "meaning"), written["units"].items())
    shared = _rows(("column", "unit", "meaning"), _described(written["shared"]))
    parts = [
        f"## Units\n\n{units}",
        "## Columns of several tables\n\nThese columns mean the same in every table that has "
        f"them. The tables below do not list them again.\n\n{shared}",
    ]
    for name, table in described.items():
        own = {
            column: meaning
            for column, meaning in table["columns"].items()
            if list(meaning) != written["shared"].get(column)
        }
        title = "results/pies" if name == "example_tables" else f"{name}.csv"
        rows = _rows(("column", "unit", "meaning"), _described(own))
        parts.append(f"## {title}\n\n{_escape(table['about'])}\n\n{rows}")
    return "\n".join(parts)


def _overview(schema: dict) -> str:
    parts = schema["properties"].items()
    rows = [(f"[`{name}`](#{name})", _meaning(part)) for name, part in parts if _has_keys(part)]
    rows += [(f"`{name}`", _meaning(part)) for name, part in parts if not _has_keys(part)]
    return "## All keys\n\n" + _rows(("section", "what it holds"), rows)


def _has_keys(part: dict) -> bool:
    return "properties" in part or "additionalProperties" in part


def _methods(schema: dict) -> str:
    """Return the keys of methods: of those that prune, of each compressor and each objective."""
    plain = schema["$defs"]["method"]
    parts = [f"### methods\n\n{_sentence(schema['properties']['methods'])}\n"]
    parts.append(f"Keys of a method that prunes:\n\n{_table(list(_keys(plain, schema)))}")
    for name in methods.compressor_names():
        rows = list(_keys(_own_schema(schema, {"compressor": name}), schema))
        parts.append(f"Keys of `compressor: {name}`:\n\n{_table(rows[1:])}")
    for name in objectives.names():
        found = objectives.objective(name)
        described = (
            {"name": name, "teacher": objectives.ENSEMBLE}
            if found.teacher
            else {"name": name, "by": objectives.EL2N}
            if "by" in found.options
            else {"name": name}
        )
        rows = list(_keys(objectives.schema_of("objective", described), schema))[1:]
        if rows:
            parts.append(f"Keys of `objective: {{name: {name}}}`:\n\n{_table(rows)}")
    return "\n".join(parts)


def _own_schema(schema: dict, method: dict) -> dict:
    found = methods.with_compressors(schema, {"methods": {"it": method}})
    return found["properties"]["methods"]["properties"]["it"]


def _keys(
    part: dict, root: dict, named: str = "NAME", prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Yield path, type, default and meaning of each key of a mapping, and of those within it.

    `named` stands for a name of the user's choice.
    """
    part = _followed(part, root)
    required = part.get("required", ())
    inner = dict(part.get("properties", {}))
    if isinstance(part.get("additionalProperties"), dict):
        inner[named] = part["additionalProperties"]
    for name, given in inner.items():
        value = _followed(given, root)
        path = f"{prefix}{name}"
        default = given.get("default", value.get("default", "required" if name in required else ""))
        below = "MODEL" if name == "DATASET" else NAMES.get(name, "NAME")
        within = list(_keys(value, root, below, f"{path}."))
        if name != named or not within:
            yield path, _type(value), _default(default), value.get("description", "")
        yield from within


def _followed(part: dict, root: dict) -> dict:
    if "$ref" not in part:
        return part
    return root["$defs"][part["$ref"].rsplit("/", 1)[1]]


def _type(value: dict) -> str:
    """Return the type of a key's value in words."""
    kinds = value.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    choices = [*value.get("enum", ()), *([value["const"]] if "const" in value else ())]
    kinds += [kind for one in value.get("oneOf", ()) for kind in _type(one).split(" or ")]
    kinds += ["string" for one in choices if isinstance(one, str)]
    kinds += ["integer" for one in choices if isinstance(one, int)]
    kinds += ["null"] if None in choices else []
    words = [TYPES.get(kind, kind) for kind in kinds]
    return " or ".join(sorted(dict.fromkeys(words), key=lambda word: word == "null"))


def _default(value: object) -> str:
    if value in ("required", ""):
        return str(value)
    shown = yaml.safe_dump(value, default_flow_style=True, width=1000).strip()
    return f"`{shown.removesuffix('...').strip()}`".replace("|", r"\|")


def _meaning(part: dict) -> str:
    return _escape(part["description"].removeprefix("a mapping of "))


def _sentence(part: dict) -> str:
    text = _meaning(part)
    return f"{text[0].upper()}{text[1:]}."


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    cells = [(f"`{path}`", kind, default, _escape(text)) for path, kind, default, text in rows]
    return _rows(("key", "type", "default", "meaning"), cells)


def _described(columns: dict) -> list[tuple[str, str, str]]:
    return [(f"`{name}`", unit, _escape(text)) for name, (unit, text) in columns.items()]


def _rows(head: tuple[str, ...], rows: object) -> str:
    """Return a table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]  # type: ignore[misc]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _escape(text: str) -> str:
    for mark in ("|", "*", "<"):
        text = text.replace(f"\\{mark}", mark).replace(mark, f"\\{mark}")
    return text


def shipped() -> list[tuple[Path, Path]]:
    """Return the files that have digests beside them, each with the folder that it is named in."""
    return [
        (path, folder.parent)
        for folder in (ROOT / name for name in SHIPPED)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".md"
    ]


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    for page, generated in pages().items():
        page.write_text(whole_page(page, generated), encoding="utf-8")
    for path, root in shipped():
        digests.write(path, root)
