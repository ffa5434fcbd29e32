"""Fill the templates of HTML pages: one file each, no network, and no script but their own."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def json_for_script(value: object) -> Markup:
    """Return `value` as JSON that no text in it can end or comment out the script element of.

    `</` and `<!--` end up without their `<`, which JSON may spell as an escape.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, which JSON has no word for.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def inline(path: str | Path) -> Markup:
    """Return a script's or style's text for a page, without the address of its source map."""
    text = Path(path).read_text(encoding="utf-8")
    return Markup(re.sub(r"(//|/\*)# sourceMappingURL=.*", "", text))


def policy(scripts: Sequence[str]) -> str:
    """Return a Content-Security-Policy: these inline scripts run, and nothing is ever loaded."""
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return (
        f"default-src 'none'; script-src {' '.join(allowed or [repr('none')])}; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def render(
    template: str | Path,
    context: dict,
    styles: Sequence[str | Path] = (),
    scripts: Sequence[str | Path] = (),
) -> str:
    """Return a page: the Jinja2 template filled with `context`, all values escaped.

    The files of `styles` and `scripts` are inlined under these names, with their `policy`.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(template).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inlined = {"styles": list(map(inline, styles)), "scripts": list(map(inline, scripts))}
    parts = inlined | {"policy": policy(inlined["scripts"])}
    return environment.get_template(Path(template).name).render(context | parts)
