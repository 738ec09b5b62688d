"""One run over a class: list it, grade what the ledger lacks, write the gradebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from classroom import gradebook, policy_file, selection
from classroom.agenda import Agenda, agenda
from classroom.comparing import compared
from classroom.ledger import Ledger
from classroom.policy import Policy
from classroom.records import HandedIn, Mark, Person
from classroom.roster import Roster, read_roster
from classroom.submissions import Pile, read_submissions
from grading.isolation import ladder
from grading.options import UsageError
from grading.report.text import counted

if TYPE_CHECKING:
    from classroom.command import Request

GRADED, SOME_UNGRADED, OWN_FAULT = 0, 1, 3
MOST_REMARKS = 20
ROSTER, POLICY = "roster.csv", "policy.toml"


class Run:
    """One call of the command.

    Args:
        request: what it asks for.
        say: prints a line of the result.
        warn: prints a line of warning.
    """

    def __init__(
        self, request: Request, say: Callable[[str], None], warn: Callable[[str], None]
    ) -> None:
        self.request = request
        self.say = say
        self.warn = warn

    def carry_out(self) -> int:
        """Do it all; returns the exit code.

        Raises:
            UsageError: if something has to be changed first.
            ClusterLost: if the workers are gone for good.
        """
        request = self.request
        policy = _policy(request)
        roster = _roster(request)
        _check_older(request.older)
        pile = read_submissions(request.submissions, roster)
        out = request.out.resolve()
        if request.submissions.resolve() in (out, *out.parents):
            raise UsageError(
                f"--out {request.out} lies among the submissions, and would be taken for one; "
                "name a folder elsewhere"
            )
        self._tell(pile)
        with Ledger(request.out, request.seed) as ledger:
            if request.scheduler is None:
                ladder.choose(request.isolation, request.required)  # raises, in its own words
            tasks = selection.tasks(request.asked or policy.questions, ledger)
            plan = agenda(pile.handed_in, tasks, ledger.seed)
            self._grade(plan, ledger)
            marks, faults = _marks(plan, ledger)
            handed_in = _with_trouble(plan.handed_in, marks, faults)
            similar = compared(request, plan, handed_in, marks, ledger)
            self._write(roster.people, handed_in, marks, policy, similar)
        return self._close(handed_in, faults)

    def _tell(self, pile: Pile) -> None:
        for remark in pile.remarks[:MOST_REMARKS]:
            self.warn(remark)
        if len(pile.remarks) > MOST_REMARKS:
            self.warn(f"and {len(pile.remarks) - MOST_REMARKS} remarks more")

    def _grade(self, plan: Agenda, ledger: Ledger) -> None:
        """Have the cluster do what is not in the ledger yet."""
        _forget_what_falls_short(plan, ledger, self.request)
        finished = ledger.finished()
        missing = [unit for name, unit in plan.units.items() if name not in finished]
        done = len(plan.units) - len(missing)
        self.say(
            f"{counted(len(plan.handed_in), 'submission')}, {counted(len(plan.units), 'unit')}: "
            f"{done} in the ledger, {len(missing)} to do; seed {ledger.seed}"
        )
        if missing:
            from classroom.grading_class import grade_units

            grade_units(self.request, ledger, missing, done)

    def _write(
        self,
        people: list[Person],
        handed_in: list[HandedIn],
        marks: list[Mark],
        policy: Policy,
        similar: Path | None,
    ) -> None:
        """Write the gradebook.

        Raises:
            UsageError: if it cannot be written; the ledger holds all that it is made of.
        """
        out = self.request.out
        try:
            gradebook.write(out, people, handed_in, marks, policy, similar)
        except OSError as error:
            raise UsageError(
                f"the gradebook cannot be written to {out}: {error.strerror or error}; nothing is "
                "lost, the same command writes it once there is room"
            ) from error

    def _close(self, handed_in: list[HandedIn], faults: list[Mark]) -> int:
        """Say how it went."""
        troubled = [one for one in handed_in if one.trouble]
        for one in troubled[:MOST_REMARKS]:
            self.warn(f"{one.key}: not graded: {one.trouble}")
        for mark in faults[:MOST_REMARKS]:
            self.warn(f"{mark.handed_in} {mark.question}: the grader failed: {_why(mark)}")
        self.say(f"The gradebook is in {self.request.out}")
        if faults:
            self.warn("The same command tries once more what the grader failed at.")
            return OWN_FAULT
        return SOME_UNGRADED if troubled else GRADED


def _roster(request: Request) -> Roster:
    """The roster that is named, else the one among the submissions, else an empty one."""
    among = request.submissions / ROSTER
    path = request.roster or (among if among.is_file() else None)
    return Roster() if path is None else read_roster(path)


def _policy(request: Request) -> Policy:
    """The policy that is named, else the one among the submissions, else none."""
    among = request.submissions / POLICY
    path = request.policy or (among if among.is_file() else None)
    return Policy() if path is None else policy_file.read(path)


def _forget_what_falls_short(plan: Agenda, ledger: Ledger, request: Request) -> None:
    """Have graded anew what ran out of less time, or at a lower level, than is asked for now."""
    for name, patience in list(ledger.timed_out()):
        if name in plan.units and patience < request.patience:
            ledger.forget(name)
    if request.required is None:
        return
    lowest = ladder.Level[request.required.upper()]
    for name, level in list(ledger.isolation_of()):
        if name in plan.units and ladder.Level[level.upper()] < lowest:
            ledger.forget(name)


def _marks(plan: Agenda, ledger: Ledger) -> tuple[list[Mark], list[Mark]]:
    """All marks, and those of them that are the grader's fault."""
    marks, faults = [], []
    for key, question, name in plan.places:
        outcome = ledger.read(name)
        if outcome is not None:
            marks.append(Mark(key, question, outcome.result, outcome.run, outcome.trouble))
            if not outcome.final:
                faults.append(marks[-1])
    return marks, faults


def _with_trouble(
    handed_in: list[HandedIn], marks: list[Mark], faults: list[Mark]
) -> list[HandedIn]:
    """A submission that nobody could open has that trouble as a whole; a fault is ours."""
    refused = {mark.handed_in: mark.trouble for mark in marks if mark not in faults}
    return [replace(one, trouble=one.trouble or refused.get(one.key, "")) for one in handed_in]


def _why(mark: Mark) -> str:
    for check in mark.result.get("checks", ()):
        if check["status"] == "grader fault":
            return f"{check['id']}: {check['feedback']['got']}"
    return mark.trouble


def _check_older(folders: Iterable[Path]) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"--older {folder}: there is no such folder")
