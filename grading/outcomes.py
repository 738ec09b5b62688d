"""Words for the ways in which a worker's part can end without an answer to mark."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grading.claims import Claim
from grading.results import Feedback, Status
from grading.rules import Policy, Rule

REPORTABLE = (Status.NOT_STARTED, Status.FAILED, Status.CRASHED)
LONGEST = 800
REMARKS = 3
KILLED, OUT_OF_TIME = -9, -24


class Stopped(Exception):
    """The worker ended its part early; carries the outcome, which is never a pass."""

    def __init__(self, status: Status, feedback: Feedback) -> None:
        super().__init__(feedback.got)
        self.status = status
        self.feedback = feedback


def reported(claim: Claim, values: dict[str, Any]) -> Stopped:
    """What a worker says of itself: the student's code raised something."""
    said = {key: str(value)[:LONGEST] for key, value in values.items()}
    statuses = [status for status in REPORTABLE if status.value == said.get("status")]
    status = statuses[0] if statuses else Status.CRASHED
    place = f"{said['file']}:{said.get('line', '')}" if said.get("file") else ""
    got = said.get("message", "")
    if status is Status.NOT_STARTED:
        return Stopped(status, Feedback(tried=_testing(claim), got=got, where=place))
    if said.get("source"):
        got += "\n" + said["source"]
    return Stopped(status, Feedback(_testing(claim), "an answer", got, where=place))


def judge_uses(rule: Rule, uses: Sequence[Mapping[str, object]]) -> list[str]:
    """Say what a use of something forbidden costs.

    Args:
        rule: what is forbidden.
        uses: what was found, each with ``name``, ``file`` and ``line``; a worker may have sent it.

    Returns:
        A remark on each use, where the rule only warns.

    Raises:
        Stopped: naming the first use, where the rule costs the check.
    """
    if uses and rule.policy is Policy.ZERO:
        raise _forbidden(rule, uses[0])
    verb = "uses" if rule.kind == "calls" else "imports"
    remarks = [f"{_where(use)} {verb} {_word(use, 'name')}" for use in uses[:REMARKS]]
    return [f"{remark}; expected {rule.in_words()}" for remark in remarks]


def _forbidden(rule: Rule, use: Mapping[str, object]) -> Stopped:
    calls = rule.kind == "calls"
    return Stopped(
        Status.FAILED,
        Feedback(
            tried="to find operators that this question forbids, in your source and while it runs"
            if calls
            else "to find imports that this question forbids, in the files that it uses",
            expected=rule.in_words(),
            got=f"{'a use' if calls else 'an import'} of {_word(use, 'name')}",
            think=rule.think,
            mistake=f"a forbidden {'operator' if calls else 'import'}",
            where=_where(use) if use.get("file") else "",
        ),
    )


def _where(use: Mapping[str, object]) -> str:
    return f"{_word(use, 'file')}:{_word(use, 'line')}"


def _word(use: Mapping[str, object], key: str) -> str:
    return str(use.get(key, ""))[:200]


def unreadable(error: Exception) -> Stopped:
    """What came through the pipe was no acceptable frame."""
    return Stopped(
        Status.CRASHED,
        Feedback(
            tried="to read the worker's answer",
            expected="tensors of a sensible size",
            got=str(error),
            think="Does the submission write to descriptors that are not its own?",
        ),
    )


def too_late(stage: str, seconds: float, trace: str) -> Stopped:
    """The worker was still busy at the end of its time.

    Args:
        stage: what it had to do, ``answer``.
        seconds: how long it had.
        trace: where it said that it was, or "".
    """
    lines = re.findall(r'/submission/(\S+?)", line (\d+)', trace)
    place = ":".join(lines[0]) if lines else ""
    return Stopped(
        Status.TIMED_OUT,
        Feedback(
            tried=f"to {stage} within {seconds:.0f} seconds",
            expected="an end",
            got="the code was still running" + (f" at {place}" if place else ""),
            think="Is there a loop whose condition never becomes false?",
            where=place,
        ),
    )


def not_warm(seconds: float) -> Stopped:
    """The worker did not even get as far as the submission: that is no fault of the student's."""
    got = f"the worker was not ready within {seconds:.0f} seconds; give more with --patience"
    return Stopped(Status.GRADER_FAULT, Feedback(tried="to start a worker", got=got))


def orphaned() -> Stopped:
    """The server of all workers is gone: that may be another check's doing, and costs no point."""
    got = "the server that starts workers ended while the check ran"
    return Stopped(Status.GRADER_FAULT, Feedback(tried="to hear a worker out", got=got))


def ended(claim: Claim, code: int | None, excess: str) -> Stopped:
    """The process is gone and left no answer.

    Args:
        claim: the check.
        code: its exit code, negative for a signal, None if unknown.
        excess: what it had too much of when it was ended for that, or "".
    """
    think = "Does the code call os._exit or exit, or close files that it did not open?"
    if excess:
        got = f"the process {excess}"
        think = "Does the code start processes, or write files, without an end?"
        if "memory" in excess:
            think = "Which tensor grows with every step? Is a graph kept that should be let go?"
    elif code == KILLED:
        got = "the process was killed, most likely by the system for its memory"
    elif code == OUT_OF_TIME:
        got = "the process used up its processor time"
        think = "Does the code start threads of its own, or a loop that never ends?"
    elif code is None:
        got = "the process ended without an answer"
    else:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        got = f"the process ended without an answer ({how})"
    return Stopped(
        Status.CRASHED,
        Feedback(tried=_testing(claim), expected="an answer", got=got, think=think),
    )


def _testing(claim: Claim) -> str:
    return f"to check this: {claim.claim}"
