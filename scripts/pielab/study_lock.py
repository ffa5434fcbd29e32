"""Notice when the results in a folder belong to another study."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path("results")
EXPECTED = (
    "expected a folder that can be written to, or none (remove what is there, or use snakemake "
    "--directory FOLDER)"
)
OWNER = "study.json"  # in the folder of results


def other_study(config_files: Sequence[str | Path], results: Path = RESULTS) -> str | None:
    """Return a line if the results here were last made with other config files, else None."""
    try:
        before = json.loads((results / OWNER).read_text(encoding="utf-8"))["config_files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    now = _relative(config_files)
    if before == now:
        return None
    return (
        f"{results}/ was last made with {', '.join(map(str, before))}, "
        f"and this is {', '.join(now)}: two studies in a folder overwrite each other's results; "
        "give each a folder of its own (snakemake --directory FOLDER)"
    )


def check_folder(results: Path) -> None:
    """Raise if there is something else where the folder of results belongs.

    Raises
    ------
    ValueError
        Before Snakemake looks into it.
    """
    if os.path.lexists(results) and not results.is_dir():
        obstacle = "a link to nothing" if results.is_symlink() else "a file"
        raise ValueError(f"{results}: {obstacle}; {EXPECTED}")


def claim(config_files: Sequence[str | Path], results: Path = RESULTS) -> None:
    """Write down whose results these are, if that is not written yet.

    Raises
    ------
    ValueError
        If the folder of results cannot be written to.
    """
    from pielab import digests
    from pielab.files import write_text  # brings pandas, which planning does without

    owner = results / OWNER
    is_written = owner.is_file() and digests.path_of(owner).is_file()
    if is_written and other_study(config_files, results) is None:
        return  # a finished study may be read-only, and can be judged again
    text = json.dumps({"config_files": _relative(config_files)}, indent=2)
    try:
        write_text(owner, text + "\n")
        digests.write(owner, results)
    except OSError as error:
        raise ValueError(f"{results}: {error.strerror}; {EXPECTED}") from None


def _relative(config_files: Sequence[str | Path]) -> list[str]:
    return [os.path.relpath(path) for path in config_files]
