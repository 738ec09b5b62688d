"""Which check runs next: rungs before what stands on them, and the longest way first.

One at a time, the order costs nothing, so what trains comes last: a run that is cut short, by
Ctrl-C or a course site's time limit, has then told the most.
"""

from __future__ import annotations

from dataclasses import replace

from grading.claims import Claim
from grading.results import CheckResult, Feedback, Status

SHORT = 1.0  # seconds; a check that does not train


class Schedule:
    """Hands out checks as they become ready.

    Args:
        claims: the chosen checks; rungs that are not among them count as passed.
        jobs: how many run side by side.
    """

    def __init__(self, claims: list[Claim], jobs: int = 2) -> None:
        self.jobs = jobs
        self.waiting = {claim.id: claim for claim in claims}
        self.weights = {claim.id: _weight(claim, claims) for claim in claims}
        self.running: set[str] = set()

    def next(self) -> Claim | None:
        """The ready check at the head of the longest way, or of the shortest; None if none is."""
        ready = [claim for claim in self.waiting.values() if self._is_ready(claim)]
        if not ready:
            return None
        if self.jobs > 1:
            claim = max(ready, key=lambda claim: self.weights[claim.id])
        else:
            claim = min(ready, key=lambda claim: claim.limit if claim.trains else SHORT)
        del self.waiting[claim.id]
        self.running.add(claim.id)
        return claim

    def note(self, result: CheckResult) -> list[CheckResult]:
        """Take in a result.

        Returns:
            The results of checks that will not run because they stand on it.
        """
        self.running.discard(result.id)
        if result.status in (Status.PASSED, Status.GRADER_FAULT):
            return []
        blocked = [claim for claim in self.waiting.values() if result.id in claim.after]
        fallen: list[CheckResult] = []
        for claim in blocked:
            if claim.id in self.waiting:
                del self.waiting[claim.id]
                skipped = _blocked(claim, result)
                fallen += [skipped, *self.note(skipped)]
        return fallen

    def _is_ready(self, claim: Claim) -> bool:
        return not any(rung in self.waiting or rung in self.running for rung in claim.after)


def _blocked(claim: Claim, rung: CheckResult) -> CheckResult:
    """The result of a check whose rung is broken: not started if the rung is, else skipped."""
    blank = CheckResult(claim.id, claim.claim, claim.points)
    if rung.status is Status.NOT_STARTED:
        return replace(blank, status=Status.NOT_STARTED, feedback=rung.feedback)
    first = rung.feedback.mistake or f"{rung.id} {rung.status.value}"
    feedback = Feedback(
        tried="nothing yet: this check stands on an earlier one",
        expected=f"{rung.id} to pass first",
        got=first if rung.status is not Status.SKIPPED else f"{rung.id} was skipped as well",
        think=f"Mend {rung.id} first; it may be all that is wrong here.",
    )
    return replace(blank, status=Status.SKIPPED, feedback=feedback)


def _weight(claim: Claim, claims: list[Claim]) -> float:
    """Seconds at most until everything that stands on a check is done."""
    above = [_weight(other, claims) for other in claims if claim.id in other.after]
    return (claim.limit if claim.trains else SHORT) + max(above, default=0.0)
