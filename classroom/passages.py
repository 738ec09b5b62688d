"""Which lines of a submission belong to which question, found by the names that its checks use.

The layouts that students hand in differ: a file a model, or one ``models.py`` for all. A file in
which only one question's classes and functions stand belongs to it as a whole, helpers included;
of another only those definitions do. What no question names is kept under `OTHER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OTHER = "other files"
DEFINITION = re.compile(r"(?:async[ ]+)?(?:class|def)[ ]+(\w+)")
REGION = re.compile(
    r"^(?P<indent>[ \t]*)# BEGIN SOLUTION (?P<id>\S+):.*?^[ \t]*# END SOLUTION (?P=id)[^\n]*\n",
    re.M | re.S,
)
UNWRITTEN = r'\g<indent>raise NotImplementedError("what to do")\n'


@dataclass(frozen=True)
class Passage:
    """Some lines of a file.

    Attributes:
        file: its path in the submission.
        line: the number of the first line.
        text: the lines.
    """

    file: str
    line: int
    text: str


def passages(folder: Path) -> dict[str, list[Passage]]:
    """A submission's Python source by question, file after file."""
    found: dict[str, list[Passage]] = {}
    for path in sorted(folder.rglob("*.py")):
        text = path.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
        name = path.relative_to(folder).as_posix()
        for question, passage in _of_a_file(name, text, owners()):
            found.setdefault(question, []).append(passage)
    return found


def given(folder: Path) -> dict[str, list[Passage]]:
    """What everybody was given, from the student edition or from the marked solution.

    There a region becomes what stands in its place while it is not written.
    """
    return {
        question: [Passage(each.file, each.line, REGION.sub(UNWRITTEN, each.text)) for each in own]
        for question, own in passages(folder).items()
    }


@cache
def owners() -> Mapping[str, str]:
    """The question of each class and function that a check asks for."""
    from grading.questions import questions
    from grading.shipping import names_used
    from grading.spellings import IN_A_CLASS, accepted

    found: dict[str, str] = {}
    for question in questions():
        for module, name in (used for check in question.checks for used in names_used(check)):
            spelled = [other for _, other in accepted(module, name)]
            spelled += [IN_A_CLASS[module, name][0]] if (module, name) in IN_A_CLASS else []
            for each in spelled:
                found.setdefault(each, question.id)
    return found


def _of_a_file(name: str, text: str, owner: Mapping[str, str]) -> Iterator[tuple[str, Passage]]:
    blocks = list(_blocks(text))
    asked = {owner[each] for each, _, _ in blocks if each in owner}
    if len(asked) <= 1:
        yield next(iter(asked), OTHER), Passage(name, 1, text)
        return
    for each, first, lines in blocks:
        if each in owner:
            yield owner[each], Passage(name, first, "\n".join(lines) + "\n")


def _blocks(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """The definitions at a file's top: name, first line and lines; also where it cannot be parsed.

    A definition ends where the next statement begins at the margin.
    """
    name, first, lines = "", 1, list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        if line[:1].strip() and line[0] not in "#)]}@\"'":
            if name:
                yield name, first, lines
            started = DEFINITION.match(line)
            name, first, lines = started[1] if started else "", number, []
        lines.append(line)
    if name:
        yield name, first, lines
