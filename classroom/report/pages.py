"""Writes the pages: ``index.html`` for staff, and ``feedback/NAME.html`` for each student.

They need nothing but themselves, and their security policy lets them load nothing else. It names
the page's own script and look by their digests: should a student's words ever become markup in
spite of everything, the browser still refuses to run them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.numbers import rounded, shown
from classroom.policy import Policy
from classroom.policy_file import unknown_people
from classroom.report.students import Names, catalogue, embedded, for_staff, for_student
from classroom.report.summary import checks_of, summarise
from classroom.standing import Row, State, Worth
from grading.options import UsageError
from grading.report.text import clean

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
MISSING = "jinja2 is not installed; run: pip install -r requirements.txt"
MOST_CHECKS = 15
MOODS = {State.GRADED: "good", State.ABSENT: "quiet"}


@dataclass(frozen=True)
class Pages:
    """What all pages of a class are made from.

    Attributes:
        rows: one a person.
        worth: what the class is marked out of.
        policy: how it is marked.
        names: of the files.
        similar: the address of a page on similar submissions, or "".
    """

    rows: Sequence[Row]
    worth: Worth
    policy: Policy
    names: Names
    similar: str = ""

    @property
    def title(self) -> str:
        """What the pages are called."""
        return self.policy.title or "Gradebook"

    def for_staff(self) -> str:
        """The page with the whole class."""
        attempts = [row.counts for row in self.rows if row.counts]
        hidden = {check["id"] for attempt in attempts for check in checks_of(attempt)}
        hidden = {check for check in hidden if self.policy.is_hidden(check)}
        summary = summarise(self.rows, self.worth, hidden)
        most = min(MOST_CHECKS, sum(tally.failures > 0 for tally in summary.tallies))
        look, script = _text("look.css"), _text("student.js", "class_page.js")
        return _render(
            "class.html",
            title=self.title,
            security=_security(script, look),
            style=_own(look),
            script=_own(script),
            similar=self.similar,
            summary=summary,
            failures=summary.tallies[:most],
            others=summary.tallies[most:],
            questions={name: shown(points) for name, points in self.worth.questions.items()},
            out_of=shown(self.worth.total),
            sections=any(row.person.section for row in self.rows),
            strangers=sum(not row.on_roster for row in self.rows),
            remarks=self._remarks(),
            policy=self.policy.in_words(),
            catalogue=_own(embedded(catalogue(attempts, self.policy, staff=True))),
            rows=[self._line(row) for row in self.rows],
        )

    def for_student(self, row: Row) -> str:
        """The page that one student gets."""
        attempts = [row.counts] if row.counts else []
        look, script = _text("look.css"), _text("student.js", "student_page.js")
        return _render(
            "student.html",
            title=f"{self.title}: {row.person.name}",
            homework=self.title,
            security=_security(script, look),
            style=_own(look),
            script=_own(script),
            catalogue=_own(embedded(catalogue(attempts, self.policy, staff=False))),
            data=_own(for_student(row, self.worth, self.policy, self.names)),
        )

    def _line(self, row: Row) -> dict[str, Any]:
        """A person's line of the table, with what their page is drawn from."""
        scores = row.counts.scores if row.counts else {}
        return {
            "file": self.names.people[row.person.key],
            "name": row.person.name or row.person.key,
            "key": row.person.key,
            "section": row.person.section,
            "earned": [
                rounded(scores[name].earned) if name in scores else ""
                for name in self.worth.questions
            ],
            "total": rounded(row.total),
            "late": row.counts.lateness.days if row.counts else 0,
            "attempts": len(row.attempts),
            "state": row.state.value,
            "mood": MOODS.get(row.state, "odd"),
            "remarks": "; ".join(row.remarks),
            "data": _own(for_staff(row, self.worth, self.policy, self.names)),
        }

    def _remarks(self) -> list[str]:
        strangers = unknown_people(self.policy, self.names.people)
        return [
            f"The policy makes an exception for {key}, who is not in this class."
            for key in strangers
        ]


@cache
def _environment() -> Environment:
    """Jinja2 over the templates beside this file.

    Raises:
        UsageError: if it is not installed.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise UsageError(MISSING) from error
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        finalize=_seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values).lstrip()


def _seen(value: Any) -> Any:
    """Leave out what cannot be seen or turns a text around; the page's own pieces stay."""
    return clean(value) if type(value) is str and not value.isprintable() else value


def _own(text: str) -> Any:
    """A piece of the page that goes in as it is: a look, a script, or JSON that is made for it."""
    from markupsafe import Markup  # a part of Jinja2

    return Markup(text)  # noqa: S704 - none of it is a student's markup, see `embedded`


@cache
def _text(*names: str) -> str:
    return "".join((HERE / name).read_text(encoding="utf-8") for name in names)


def _security(script: str, look: str) -> str:
    """The page's security policy: nothing but this script and this look."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(look)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
