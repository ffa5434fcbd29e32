# What a run says when it ends, below all that Snakemake says.

import html
import re
import time

from pielab import logs

STARTED = time.monotonic()


def elapsed():
    """Return how long Snakemake has run."""
    minutes, seconds = divmod(round(time.monotonic() - STARTED), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def finding():
    """Return the report's one-sentence finding, which its page has as its description."""
    page = Path("results/report/index.html")
    head = page.read_text(encoding="utf-8")[:20000] if page.is_file() else ""
    said = re.search(r'<meta name="description" content="([^"]*)"', head)
    return [html.unescape(said[1])] if said else []


def where_to_look():
    """Return a sentence that names the pages that are there."""
    pages = [f"results/report/{name}.html" for name in ("index", "browser")]
    there = " and ".join(page for page in pages if os.path.isfile(page))
    return f"Open {there} in a browser." if there else "There is no report yet."


onstart:
    try:
        owners.claim(workflow.configfiles)
    except ValueError as error:
        raise WorkflowError(str(error)) from None


onsuccess:
    logger.info("\n".join([f"Done in {elapsed()}.", *finding(), where_to_look()]))
    if "gate" in workflow.dag_settings.targets:
        print_gate()


onerror:
    said = "".join(Path(path).read_text(encoding="utf-8") for path in log)
    stopped = f"Stopped after {elapsed()}. What failed, and why, stands above and in {', '.join(log)}."
    is_refused = "Error in rule gate" in said
    if is_refused:
        print_gate()
    else:
        logger.error("\n".join([stopped, *logs.failures(said)]))
