"""Read a config file as strictly as its author meant it, with the line of what is wrong."""

import json
import re
import stat
from pathlib import Path

import yaml

MOST_BYTES = 500_000  # of a config; reading YAML takes a second for as many
MOST_VALUES = 100_000  # of a config, aliases spelled out
DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)")


class _Loader(yaml.SafeLoader):
    """Refuses keys that stand twice and numbers that YAML 1.1 reads as few would: 010 as 8."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in keys and key.tag != "tag:yaml.org,2002:merge":
                raise _problem(key, f"key {key.value!r} occurs twice in one mapping")
            keys.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        number = super().construct_yaml_int(node)
        if not DECIMAL.fullmatch(node.value):
            raise _problem(node, f"{node.value} is read as the number {number}; {ADVICE}")
        return number

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        if ":" in node.value:
            raise _problem(node, f"{node.value} is read as a number to the base of 60; {ADVICE}")
        return super().construct_yaml_float(node)


ADVICE = "write numbers in decimal, and texts in quotes"
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def check_file(path: str | Path) -> None:
    """Raise if a config file is not JSON or YAML in which each value says just one thing.

    Raises
    ------
    ValueError
        One line that names the file, the line and what is wrong.
    """
    try:
        size, mode = Path(path).stat().st_size, Path(path).stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # which may never end
            raise ValueError("a pipe or device; expected a config file")
        if size > MOST_BYTES:
            raise ValueError(f"{size:,} bytes; expected a config of at most {MOST_BYTES:,}")
        text = Path(path).read_text(encoding="utf-8")
        try:
            json.loads(text, object_pairs_hook=_mapping)
        except json.JSONDecodeError:
            _check_size(yaml.compose(text, _Loader), {})
            # An alias may stand inside what it is an alias of, which JSON refuses
            json.dumps(yaml.load(text, _Loader), skipkeys=True, default=str)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}; expected a config file") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise ValueError(f"{path}{line}: {problem}") from error
    except RecursionError as error:
        raise ValueError(f"{path}: nested too deep") from error
    except ValueError as error:  # such as a number of 5,000 digits
        raise ValueError(f"{path}: {error}") from error


def _check_size(node: yaml.Node | None, sizes: dict[int, int]) -> int:
    """Return how many values a node holds with its aliases spelled out; refuse far too many."""
    if id(node) in sizes:  # 0 inside itself, which is refused later
        return sizes[id(node)]
    sizes[id(node)] = 0
    inner = node.value if isinstance(node, yaml.CollectionNode) else []
    size = 1
    for item in inner:
        for child in item if isinstance(item, tuple) else (item,):
            size += _check_size(child, sizes)
    if size > MOST_VALUES:
        raise _problem(node, f"more than {MOST_VALUES:,} values, with aliases written out")
    sizes[id(node)] = size
    return size


def _mapping(pairs: list[tuple[str, object]]) -> dict:
    mapping: dict = {}
    for key, value in pairs:
        if key in mapping:
            raise ValueError(f"key {key!r} occurs twice in one mapping")
        mapping[key] = value
    return mapping


def _problem(node: yaml.Node, problem: str) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
