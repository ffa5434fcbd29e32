"""What a run of Snakemake says last: how long it took, what was found or failed, where to look."""

import html
import json
import re
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

from pielab import leftovers, logs

WIDTH = 100  # letters of a line
IN_ASCII = {0x2212: "-", 0x2013: "-", 0x2026: "...", 0x00D7: "x", 0x2192: "->"}


class Run:
    """A run of Snakemake, by what its jobs write below the folder of results."""

    def __init__(self, results: Path, gate_log: Path | None = None) -> None:
        self.results = results
        self.gate_log = gate_log or results / "logs/gate.log"
        self.started = time.monotonic()
        self.before: dict[Path, int] = {}
        self.warning = ""  # what is said at the end, too

    def start(self, is_local: bool = True) -> None:
        """Take down which logs earlier runs left, and remove what killed jobs left half written."""
        self.before = self._times()
        leftovers.remove(self.results, is_local)

    def _times(self) -> dict[Path, int]:
        logs_there = {*(self.results / "logs").rglob("*.log"), self.gate_log}
        return {path: path.stat().st_mtime_ns for path in sorted(logs_there) if path.exists()}

    @property
    def written(self) -> list[Path]:
        """The logs that jobs of this run wrote, the oldest first."""
        times = self._times()
        new = [path for path, changed in times.items() if self.before.get(path) != changed]
        return sorted(new, key=times.__getitem__)

    def failures(self) -> list[str]:
        """Return why jobs failed, a line each, as `logs.job` ends them."""
        errors = [(path, logs.error_in(path)) for path in self.written]
        return [f"pielab: {error} (log: {path})" for path, error in errors if error]

    def has_judged(self) -> bool:
        """Return whether the rule `gate` ran and came to a verdict, whichever."""
        return self.gate_log in self.written and not logs.error_in(self.gate_log)

    def exported(self) -> str:
        """Return where the models are that this run exported, nothing if it exported none."""
        listed = self.results / "export/exported.json"
        if self.results / "logs/export.log" not in self.written or not listed.is_file():
            return ""
        made = json.loads(listed.read_text(encoding="utf-8"))["exported"]
        if len(made) == 1:
            return f"The exported model is in {made[0]['folder']}."
        return f"{len(made)} exported models are in {listed.parent}, such as {made[0]['folder']}."

    def elapsed(self) -> str:
        """Return how long Snakemake has run."""
        minutes, seconds = divmod(round(time.monotonic() - self.started), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"

    def done(self) -> str:
        """Return the duration, and of a run that made pages what it found and where to look."""
        made = [path for path in self.written if path.stem in ("build_report", "build_browser")]
        found = [found_line(self.results), gate_line(self.results)] if made else []
        has_pages = (self.results / "report/index.html").is_file()
        lines = [
            f"Done in {self.elapsed()}.",
            *found,
            self.exported(),
            where_to_look(self.results) if made or not has_pages else "",
            self.warning,
        ]
        return "\n".join(filter(None, lines))

    def stopped(self, snakemake_logs: Sequence[str]) -> str:
        """Return the duration, where Snakemake's own logs are, and why jobs failed."""
        named = ", ".join(snakemake_logs)
        where = f"The lines above and {named} show what failed, and why."
        failures = self.failures() or killed_early(snakemake_logs)
        return "\n".join([f"Stopped after {self.elapsed()}. {where}", *failures])


def killed_early(snakemake_logs: Sequence[str]) -> list[str]:
    """Return a line if a job was killed before it began a log of its own."""
    texts = [
        Path(path).read_text(errors="replace") for path in snakemake_logs if Path(path).is_file()
    ]
    found = re.findall(r"died with <Signals\.(SIG\w+)", "\n".join(texts))
    return [f"pielab: a job was killed ({found[-1]}); was there enough memory?"] if found else []


def without_notes(lost: Sequence[Path]) -> str:
    """Return a line on results of which Snakemake does not know any more how they were made."""
    if not lost:
        return ""
    which = f"{len(lost)} results, such as {lost[0]}, have" if len(lost) > 1 else f"{lost[0]} has"
    return (
        f"{which} lost Snakemake's notes (.snakemake/metadata). What was made before config or "
        "code changed is not made again: type the same command with --forceall, or delete it."
    )


def found_line(results: Path) -> str:
    """Return the report's finding, which its page has as its description, in lines of WIDTH."""
    page = results / "report/index.html"
    head = page.read_text(encoding="utf-8")[:20000] if page.is_file() else ""
    described = re.search(r'<meta name="description" content="([^"]*)"', head)
    return textwrap.fill(html.unescape(described[1]), WIDTH) if described else ""


def gate_line(results: Path) -> str:
    """Return the verdict of the gate on one line, nothing if it has not judged."""
    screen = results / "gate/gate.txt"
    first = screen.read_text(encoding="utf-8").partition("\n\n")[0] if screen.is_file() else ""
    return textwrap.fill(f"May it ship? {' '.join(first.split())}", WIDTH) if first else ""


def where_to_look(results: Path) -> str:
    """Return a sentence that names the pages that are there."""
    pages = {
        results / "report/index.html": "the report",
        results / "report/browser.html": "all texts",
    }
    there = " and ".join(f"{page} ({shown})" for page, shown in pages.items() if page.is_file())
    return f"Open {there} in a browser." if there else "There is no report yet."


def print_screen(path: str | Path) -> None:
    """Print a screen that was written, in the characters that the terminal knows."""
    text, known = Path(path).read_text(encoding="utf-8"), sys.stdout.encoding or "ascii"
    try:
        text.encode(known)
    except UnicodeEncodeError:
        text = text.translate(IN_ASCII).encode(known, "replace").decode(known)
    print(f"\n{text}", flush=True)
