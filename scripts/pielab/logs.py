"""What a job says: its log file, and one clear line on the terminal when it fails."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger("pielab")


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
    try:
        yield
    except Exception as error:
        expected = isinstance(error, (ValueError, OSError))
        line = " ".join(str(error if expected else f"{type(error).__name__}: {error}").split())
        logger.error("%s", line, exc_info=not expected)
        sys.exit(f"pielab: {line} (log: {path})")
    finally:
        logger.removeHandler(handler)
        handler.close()


def error_in(path: str | Path) -> str:
    """Return why the job of a log failed, nothing if it did not."""
    written = Path(path).read_text(encoding="utf-8", errors="replace")
    errors = re.findall(r"^[\d-]+ [\d:,]+ ERROR (.*)", written, re.MULTILINE)
    return errors[-1] if errors else ""
