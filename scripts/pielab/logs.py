"""What a job says: its log file, and one clear line on the terminal when it fails."""

import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger("pielab")
DONE = "done in %.1f s"  # the last line of a log, unless the job failed or was killed
LONGEST_WORD, LONGEST_LINE = 200, 2000  # characters of a message; a file may hold far longer words
LONG_WORD = re.compile(rf"[^\s/]{{{LONGEST_WORD + 1},}}")
# In quotes that begin and end like those of a value, not like an apostrophe
LONG_QUOTE = re.compile(
    rf"(?<![^\s(\[{{:=,])(['\"])((?:(?!\1)[^\\]|\\.){{{LONGEST_WORD + 1},}})\1(?![^\s,;:.)\]}}])"
)


@contextmanager
def job(path: str | Path) -> Iterator[None]:
    """Log to `path`; end the process with one line on stderr when the block raises.

    A ValueError or OSError is the user's to mend, so that its message is the whole story; of
    any other error the line gives the type and the log the traceback.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    began = time.monotonic()
    try:
        try:
            yield
        except SystemExit:  # a gate that blocks ends so too
            logger.info(DONE, time.monotonic() - began)
            raise
        logger.info(DONE, time.monotonic() - began)
    except Exception as error:
        expected = isinstance(error, (ValueError, OSError))
        line = one_line(str(error if expected else f"{type(error).__name__}: {error}"))
        logger.error("%s", line, exc_info=not expected)
        sys.exit(f"pielab: {line} (log: {path})")
    finally:
        logger.removeHandler(handler)
        handler.close()


def one_line(message: str) -> str:
    """Return a message as one line in which no quoted value, and no list of them, is endless."""
    line = LONG_QUOTE.sub(_shortened, LONG_WORD.sub(_shortened, " ".join(message.split())))
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …"


def brief(error: BaseException) -> str:
    """Return the message of an error in one line of at most 200 characters."""
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


def _shortened(word: re.Match[str]) -> str:
    return f"{word[0][: LONGEST_WORD // 2]}… ({len(word[0]):,} characters)"


def error_in(path: str | Path) -> str:
    """Return why the job of a log failed or that it was killed, nothing if neither."""
    written = Path(path).read_text(encoding="utf-8", errors="replace")
    errors = re.findall(r"^[\d-]+ [\d:,]+ ERROR (.*)", written, re.MULTILINE)
    if errors:
        return errors[-1]
    if re.search(r" INFO done in [\d.]+ s\n\Z", written):
        return ""
    return "the job was killed or interrupted before it ended; was there enough memory?"
