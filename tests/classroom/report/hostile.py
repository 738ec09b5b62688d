"""A class whose every word wants to become markup, script, or something unseen."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from classroom.gradebook import write
from classroom.lateness import Late
from classroom.policy import Policy
from classroom.records import HandedIn, Mark, Person
from grading.results import Feedback, Status
from tests.classroom.report.synthetic_class import a_class
from tests.classroom.synthetic import DUE, check, marked

WORDS = (
    "</script><script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "' onmouseover='window.hacked = 1' x='",
    "<!--<script>window.hacked = 1",
    "]]>--><svg onload='window.hacked = 1'>",
    "{{ 7 * 7 }} {% raw %} ${window.hacked = 1} `",
    "\u202eevil\u202c \u2066x\u2069 \u200b",
    "a\0b\x1b[31mred\x07",
    "line\u2028and\u2029paragraph\r\nand\\u003cb\\u003e",
    "\udcff lone",
    "javascript:window.hacked=1",
    "<b>bold</b> &lt;i&gt; &amp; &#60;u&#62;",
    "__proto__",
)


def late() -> Late:
    """Rules with a bit of everything."""
    return Late(DUE, Fraction(1, 10), 2, {"s1003": 1}, 5, "zero", {"s1000": timedelta(days=2)})


def write_class(out, count):
    """The gradebook of an ordinary class."""
    people, attempts, marks, policy = a_class(count, late())
    return write(out, people, attempts, marks, policy)


def write_hostile(out):
    """The gradebook of a class in which everything that a stranger can choose is hostile."""
    people = [Person(word, word, word, word) for word in WORDS]
    attempts = [HandedIn(word, Path(word.replace("\0", "")), word) for word in WORDS]
    attempts += [HandedIn(word + "2", Path("x"), word, 2, DUE, word) for word in WORDS]
    marks: list[Mark] = []
    for word in WORDS:
        wrong = Feedback(word, word, word, word, word, word, word)
        one = check("q1.a", 2, Status.FAILED, feedback=wrong, output=word, note=word)
        (mark,) = marked(word, one)
        marks.append(Mark(word, "q1", mark.result, {**mark.run, "warnings": [word]}, word))
        marks.append(Mark(word, "q2", trouble=word))
    policy = Policy(
        title=WORDS[0], late=Late(DUE, extensions={word: timedelta(1) for word in WORDS})
    )
    return write(out, people, attempts, marks, policy, similar=out / "similar" / 'a"<b>.html')
