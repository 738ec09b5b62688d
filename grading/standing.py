"""What is known of a folder's checks: each one's last result, and the code that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grading.claims import Claim
from grading.footprint import Sources
from grading.modules import runs_at_import
from grading.results import CheckResult, Status
from grading.schedule import Schedule

STOPPED = (Status.CRASHED, Status.TIMED_OUT)
UNBLOCKING = (Status.PASSED, Status.GRADER_FAULT)


@dataclass(frozen=True)
class Verdict:
    """A check's last result, and the digest of the code that it is about.

    Attributes:
        result: what the check found.
        footprint: of the code that it found it in.
        wide: whether that counts all that the worker imports, since an import ended the check.
    """

    result: CheckResult
    footprint: str
    wide: bool = False


class Standing:
    """The verdicts on a folder, and which of them its files have outgrown.

    Args:
        claims: the checks in question.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = {claim.id: claim for claim in claims}
        self.verdicts: dict[str, Verdict] = {}
        self.files: Mapping[str, bytes] = {}
        self.sources = Sources({})

    def read(self, files: Mapping[str, bytes]) -> list[str]:
        """Take the folder's files as they are now.

        Returns:
            Those that differ from what they were.
        """
        both = self.files.keys() | files.keys()
        saved = sorted(name for name in both if self.files.get(name) != files.get(name))
        self.files, self.sources = files, Sources(files)
        return saved

    def differs(self, files: Mapping[str, bytes]) -> bool:
        """Whether other files would matter to one of the checks."""
        sources = Sources(files)
        claims = self.claims.values()
        return any(sources.footprint(claim) != self.sources.footprint(claim) for claim in claims)

    def troubles(self) -> list[str]:
        """What cannot be read as Python among the files that the checks import."""
        return self.sources.troubles(self.claims.values())

    def chosen(self) -> list[Claim]:
        """The checks to run again, in their printed order."""
        affected = {claim.id for claim in self.claims.values() if self.is_stale(claim)}
        questions = {self.claims[check].question for check in affected}
        return [
            claim
            for claim in self.claims.values()
            if claim.id in affected or (claim.question in questions and not self.passed(claim.id))
        ]

    def is_stale(self, claim: Claim) -> bool:
        """Whether a check has no verdict about the code as it is now."""
        verdict = self.verdicts.get(claim.id)
        if verdict is None:
            return True
        if verdict.result.status is Status.SKIPPED and not self.blocking(claim):
            return True
        return self.sources.footprint(claim, verdict.wide) != verdict.footprint

    def passed(self, check: str) -> bool:
        """Whether a check has passed when it ran last."""
        verdict = self.verdicts.get(check)
        return verdict is not None and verdict.result.status is Status.PASSED

    def blocking(self, claim: Claim) -> list[str]:
        """The checks that this one stands on and that keep it from running."""
        rungs = [self.verdicts[rung].result for rung in claim.after if rung in self.verdicts]
        return [rung.id for rung in rungs if rung.status not in UNBLOCKING]

    def fallen(self, claims: list[Claim]) -> list[CheckResult]:
        """The results of checks that cannot run, because one that they stand on does not pass."""
        schedule = Schedule(claims)
        verdicts = [verdict.result for verdict in self.verdicts.values()]
        own = {claim.id for claim in claims}
        return [fallen for each in verdicts if each.id not in own for fallen in schedule.note(each)]

    def replays(self) -> dict[str, int]:
        """The draw that each check failed with."""
        results = [verdict.result for verdict in self.verdicts.values()]
        failed = [result for result in results if result.status is not Status.PASSED]
        return {result.id: result.seed for result in failed if result.seed is not None}

    def judge(self, result: CheckResult) -> None:
        """Take a result as the verdict on the files that were read last."""
        wide = result.status in STOPPED and self._ended_by_import(result)
        footprint = self.sources.footprint(self.claims[result.id], wide)
        self.verdicts[result.id] = Verdict(result, footprint, wide)

    def _ended_by_import(self, result: CheckResult) -> bool:
        """Whether importing the submission ended a check, or may have."""
        file, line = _place(result)
        content = self.files.get(file)
        return content is None or not line.isdigit() or runs_at_import(content, int(line))

    def hit_by(self, result: CheckResult) -> list[str]:
        """The other questions whose checks import the file whose import ended this check."""
        file = _place(result)[0]
        if not file or not self.verdicts[result.id].wide:
            return []
        claims = [claim for claim in self.claims.values() if self.sources.imports(claim, file)]
        own = self.claims[result.id].question
        return list(dict.fromkeys(c.question for c in claims if c.question != own))


def _place(result: CheckResult) -> tuple[str, str]:
    """The student's file and line where a check ended, or empty texts."""
    file, _, line = result.feedback.where.replace("\\", "/").partition(":")
    return file, line
