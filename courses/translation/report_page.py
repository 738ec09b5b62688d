"""The report as HTML: no script, no other file, no address outside of itself.

Words come from files and from a model, so they may be anything. All that is put into the page is
escaped, and characters that cannot be seen, or that would turn the text around, are spelled out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courses.translation.report_macros import MACROS
from courses.translation.report_template import PAGE, STYLE

MISSING = "jinja2 is missing: install it with `python -m pip install jinja2`"


def render(content: Mapping[str, Any]) -> str:
    """Write the page.

    Args:
        content: what `report.describe` gathered, and the command line's ``arguments``.

    Raises:
        ValueError: if Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup  # a part of Jinja2
    except ImportError as error:
        raise ValueError(MISSING) from error
    environment = Environment(
        autoescape=True,
        finalize=_seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fixed"] = lambda number, places: f"{number:.{places}f}"
    environment.filters["thousands"] = lambda number: f"{number:,}"
    page = environment.from_string(MACROS + PAGE)
    return page.render(content, style=Markup(STYLE)).lstrip()  # noqa: S704 - the look is our own


def _seen(value: Any) -> Any:
    """Spell out what cannot be seen; pieces of the page itself are another type and stay."""
    return spelled_out(value) if type(value) is str else value


def spelled_out(text: str) -> str:
    r"""Write control characters, marks of direction and the like as \u and their number."""
    return "".join(it if it.isprintable() else f"\\u{ord(it):04x}" for it in text)
