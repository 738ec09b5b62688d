"""What questions forbid, read from one file that staff edit: ``rules.ini`` beside this module."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from grading.options import UsageError

PATH = Path(__file__).with_name("rules.ini")
KINDS = ("calls", "imports")
KEYS = ("policy", "forbidden", "allowed", "think")
REMARK = re.compile(r"; expected (no use of |no import of |imports of .* alone$)")


class Policy(str, Enum):
    """What a use costs."""

    ZERO = "zero"
    WARN = "warn"


@dataclass(frozen=True)
class Rule:
    """One section of the file.

    Attributes:
        kind: ``calls`` or ``imports``.
        questions: for which it holds.
        policy: what a use costs.
        names: in small letters where they are calls.
        allowed: whether the names are the only ones allowed, rather than forbidden.
        think: the question that the student reads, or "".
    """

    kind: str
    questions: tuple[str, ...]
    policy: Policy
    names: tuple[str, ...]
    allowed: bool = False
    think: str = ""

    def in_words(self) -> str:
        """``no use of conv1d, conv2d, conv3d and 8 more``."""
        shown = ", ".join(self.names[:3])
        more = f" and {len(self.names) - 3} more" if len(self.names) > 3 else ""
        if self.kind == "calls":
            return f"no use of {shown}{more}"
        return f"imports of {shown}{more} alone" if self.allowed else f"no import of {shown}{more}"


def uses_in(note: str) -> list[str]:
    """The remarks on uses (`grading.outcomes.judge_uses`) among the lines of a check's note."""
    return [line for line in note.splitlines() if REMARK.search(line)]


def rules_for(question: str) -> tuple[Rule, ...]:
    """The rules that hold for a question, in the order of the file."""
    return tuple(rule for rule in load_rules(PATH) if question in rule.questions)


@cache
def load_rules(path: Path) -> tuple[Rule, ...]:
    """Read and check a file of rules.

    Raises:
        UsageError: if it cannot be read, or says something that has no meaning.
    """
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
        return tuple(_rule(name, dict(parser[name])) for name in parser.sections())
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise UsageError(f"{path.name} cannot be read: {error}") from error
    except ValueError as error:
        raise UsageError(f"{path.name}, {error}") from error


def _rule(section: str, said: dict[str, str]) -> Rule:
    """One section's rule.

    Raises:
        ValueError: if it has no meaning; the message names the section.
    """
    from grading.questions import TITLES  # which imports the checks, and so this module

    kind, _, listed = section.partition(":")
    questions = tuple(listed.replace(",", " ").split())
    _require(kind in KINDS, section, f"the kind is {kind!r}; give one of {', '.join(KINDS)}")
    _require(bool(questions), section, "no question is named; write for instance [calls: q5]")
    for question in questions:
        known = ", ".join(TITLES)
        _require(question in TITLES, section, f"there is no question {question}; there are {known}")
    for key in said:
        _require(key in KEYS, section, f"{key!r} is unknown; give {', '.join(KEYS)}")
    policies = [policy.value for policy in Policy]
    policy = said.get("policy", "")
    _require(policy in policies, section, f"policy is {policy!r}; give {' or '.join(policies)}")
    allowed = "allowed" in said
    _require(allowed != ("forbidden" in said), section, "give either forbidden or allowed names")
    _require(not allowed or kind == "imports", section, "allowed is for imports; give forbidden")
    names = tuple((said.get("allowed") or said.get("forbidden") or "").split())
    _require(bool(names), section, "no name is listed; put one a line, indented")
    if kind == "calls":
        names = tuple(name.lower() for name in names)
    return Rule(kind, questions, Policy(policy), names, allowed, said.get("think", ""))


def _require(holds: bool, section: str, what: str) -> None:
    if not holds:
        raise ValueError(f"section [{section}]: {what}")
