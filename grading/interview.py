"""One check, from the examiner's chair: start a worker, ask, wait for the answer, mark it."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grading import outcomes
from grading.audience import Progress
from grading.claims import Check, Claim, Wrong
from grading.compare import Answers
from grading.curve import MOST_EPOCHS, Curve
from grading.draw import derive_seed, draws_for
from grading.frames import Caps, Frame, FrameError, Tensors, unshared, write_frame
from grading.launcher import Launcher, Worker, WorkerLost
from grading.listening import Ear
from grading.outcomes import Stopped
from grading.results import CheckResult, Feedback, Status
from grading.room import Room
from grading.rules import rules_for
from grading.shipping import answer_text, modules_used, names_used, parts
from grading.shrinking import Sizes, with_smallest_case
from grading.source import uses_of
from grading.spawning import SpawnLauncher
from grading.weighing import Allowance, Scale

START_LIMIT = 120.0
IMPORT_LIMIT = 60.0
SECONDS_TO_TRACE = 0.3
SECONDS_TO_SEND = 20.0
ON_CPU = ("q8", "q9")  # NumPy, and classes of the student's own that know of no device
GIB = 1 << 30
LARGEST_IN_FRAME = 32 * 1024  # so that a frame fits the pipe of a worker that reads late


@dataclass(frozen=True)
class Setting:
    """What every interview of a run shares.

    Attributes:
        launcher: starts workers.
        submission: the submission's private copy.
        scratch: a folder for this run's files.
        seed: of the run; each check derives its own.
        device: ``cpu`` or ``cuda``.
        threads: torch threads a check.
        patience: multiplies time limits.
        watched: whether a window follows training.
        memory: bytes that a worker may hold.
    """

    launcher: Launcher
    submission: Path
    scratch: Path
    seed: int
    device: str = "cpu"
    threads: int = 1
    patience: float = 1.0
    watched: bool = False
    memory: int = 3 * GIB


class Interview:
    """Holds one check's conversation. It lives in a thread of the examiner.

    Args:
        claim: the check.
        setting: what the run shares.
        progressed: hears of training progress.
        shown: hears what a window should draw.
        instead: sizes to ask with instead of drawn ones.
    """

    def __init__(
        self,
        claim: Claim,
        setting: Setting,
        progressed: Callable[[Progress], None] = lambda _: None,
        shown: Callable[[str, Tensors], None] = lambda *_: None,
        instead: Sizes | None = None,
    ) -> None:
        self.claim = claim
        self.setting = setting
        self.progressed = progressed
        self.shown = shown
        self.accuracy: float | None = None
        self.curve = Curve()
        self.room = Room(setting.scratch / claim.id)
        self.device = "cpu" if claim.question in ON_CPU else setting.device
        self.check: Check = claim.kind()
        self.draw, self.later = draws_for(setting.seed, claim.id, instead)
        self.marked_wrong = False
        self.rules = rules_for(claim.question)
        self.remarks: list[str] = []

    def hold(self) -> CheckResult:
        """Carry the check through; whatever happens becomes a result.

        Where the mark fails it, a smaller case is looked for that fails in the same way.
        """
        result = self._hold_once()
        slow = self.claim.trains or isinstance(self.setting.launcher, SpawnLauncher)
        if slow or not self.marked_wrong:
            return result
        return with_smallest_case(result, self.draw.taken, self.draw.least, self._retry)

    def _retry(self, sizes: Sizes, seconds: float) -> CheckResult:
        """Hold the same interview with other sizes and nobody watching, within some seconds."""
        setting = replace(self.setting, watched=False)
        return Interview(self.claim, setting, instead=sizes)._hold_once(seconds)

    def _hold_once(self, seconds: float | None = None) -> CheckResult:
        begun = time.monotonic()
        result = CheckResult(self.claim.id, self.claim.claim, self.claim.points)
        self.room.open()
        try:
            worker = self.setting.launcher.launch()
        except WorkerLost as lost:
            return replace(result, status=Status.GRADER_FAULT, feedback=Feedback(got=str(lost)))
        self.room.hand_over(worker.user)
        scale = Scale(worker.pid, self._allowed(), self.room.own, worker.user, worker.shared_memory)
        ear = Ear(worker, Caps(), scale)
        watchdog = threading.Timer(seconds or 0.0, worker.finish)
        if seconds is not None:
            watchdog.start()
        try:
            result = self._outcome(result, worker, ear)
        finally:
            watchdog.cancel()
            worker.finish()
            ear.close()
            self.room.clear(worker.user)
            worker.release()
        output = ear.text().replace(str(self.setting.submission) + "/", "")
        note = "\n".join([*filter(None, [self.check.note]), *dict.fromkeys(self.remarks)])
        took = round(time.monotonic() - begun, 3)
        return replace(result, seconds=took, output=output, note=note, curve=self.curve.points())

    def _outcome(self, result: CheckResult, worker: Worker, ear: Ear) -> CheckResult:
        """Ask, await the answer and mark it; a fault of ours never costs the student a point."""
        try:
            used = names_used(self.claim)
            for rule in self.rules:
                found = uses_of(self.setting.submission, used, rule)
                self.remarks += outcomes.judge_uses(rule, found)
            asked, answered = self._converse(worker, ear)
            self.check.mark(asked, Answers(answered))
        except Wrong as wrong:
            self.marked_wrong = True
            feedback = Feedback(wrong.tried, wrong.expected, wrong.got, wrong.think, wrong.mistake)
            return replace(result, status=Status.FAILED, feedback=feedback)
        except Stopped as stopped:
            return replace(result, status=stopped.status, feedback=stopped.feedback)
        except Exception as error:
            trace = traceback.format_exc(limit=-3)
            feedback = Feedback(got=f"{type(error).__name__}: {error}", where=trace[-600:])
            return replace(result, status=Status.GRADER_FAULT, feedback=feedback)
        return replace(result, status=Status.PASSED)

    def _converse(self, worker: Worker, ear: Ear) -> tuple[Tensors, Tensors]:
        """All frames of the check; returns what was asked first, and the answers together."""
        setting, claim = self.setting, self.claim
        self._await(worker, ear, "warm", time.monotonic() + START_LIMIT * setting.patience)
        self._send(worker, ear, Frame("begin", self._opening(worker.user)))
        self._await_confinement(worker, ear)
        self._await(worker, ear, "ready", time.monotonic() + IMPORT_LIMIT * setting.patience)
        asked = self.check.ask(self.draw)
        deadline = time.monotonic() + claim.limit * setting.patience
        self._send(worker, ear, self._question({**asked, **self._picture()}))
        answered: Tensors = {}
        for _ in range(parts(claim)):
            frame = self._await(worker, ear, "answer", deadline)
            answered = {**frame.tensors, **answered}  # what was said once is not taken back
            self._judge_calls(frame)
            if not frame.values.get("more"):
                return asked, answered
            self._send(worker, ear, self._question(self.check.exam(self.later)))
        frame = self._await(worker, ear, "answer", deadline)
        self._judge_calls(frame)
        return asked, {**frame.tensors, **answered}

    def _judge_calls(self, answer: Frame) -> None:
        """Judge the forbidden operators that the worker saw while the answer was worked out."""
        used = answer.values.get("banned")
        uses = [use for use in used if isinstance(use, dict)] if isinstance(used, list) else []
        for rule in self.rules:
            theirs = [use for use in uses if use.get("rule") in rule.names]
            self.remarks += outcomes.judge_uses(rule, theirs)

    def _await_confinement(self, worker: Worker, ear: Ear) -> None:
        """Wait until the worker has given up what its level denies; no student code runs before."""
        try:
            self._await(worker, ear, "confined", time.monotonic() + START_LIMIT)
        except Stopped as stopped:
            raise Stopped(Status.GRADER_FAULT, stopped.feedback) from None

    def _allowed(self) -> Allowance:
        seconds = (IMPORT_LIMIT + self.claim.limit) * self.setting.patience * self.setting.threads
        return Allowance(memory=self.setting.memory, cpu_seconds=seconds + 10)

    def _opening(self, user: int | None) -> dict[str, object]:
        setting, claim, allowed = self.setting, self.claim, self._allowed()
        return {
            "check": claim.id,
            "answer": answer_text(claim),
            "modules": modules_used(claim),
            "banned": [name for rule in self.rules if rule.kind == "calls" for name in rule.names],
            "submission": str(setting.submission),
            "inputs": str(self.room.inputs),
            "scratch": str(self.room.own),
            "user": user,
            "seed": derive_seed(setting.seed, "student", claim.id),
            "device": self.device,
            "threads": setting.threads,
            "limits": {
                "cpu_seconds": allowed.cpu_seconds,
                "memory": allowed.memory,
                "file_size": GIB // 4,
                "processes": None if user is None else allowed.threads,
                "device": self.device,
            },
        }

    def _picture(self) -> Tensors:
        """What the student's model is to answer now and then, if a window follows training."""
        if not self.setting.watched:
            return {}
        shown = dict(self.check.show())
        if not shown:
            return {}
        watch = shown.pop("watch", shown["x"])
        self.shown(self.claim.id, shown)
        return {"watch": watch}

    def _question(self, tensors: Tensors) -> Frame:
        """A frame with the inputs; large ones lie in a read-only file that the worker maps."""
        tensors = unshared(tensors)
        if sum(tensor.nbytes for tensor in tensors.values()) <= LARGEST_IN_FRAME:
            return Frame("asked", {}, tensors)
        values = {"mapped": str(self.room.keep(tensors)), "stays": self.claim.trains}
        return Frame("asked", values)

    def _send(self, worker: Worker, ear: Ear, frame: Frame) -> None:
        watchdog = threading.Timer(SECONDS_TO_SEND, worker.finish)  # it may refuse to read
        watchdog.start()
        try:
            write_frame(worker.sink, frame)
        except OSError:
            raise self._silence(worker, ear) from None
        finally:
            watchdog.cancel()

    def _await(self, worker: Worker, ear: Ear, kind: str, deadline: float) -> Frame:
        """The next frame of the wanted kind; progress is passed on meanwhile."""
        while True:
            try:
                frame = ear.next(deadline)
            except TimeoutError:
                raise self._too_late(worker, ear, kind) from None
            except EOFError:
                raise self._silence(worker, ear) from None
            except FrameError as error:
                raise outcomes.unreadable(error) from None
            if frame.kind == kind:
                return frame
            if frame.kind == "progress":
                self._pass_on(frame)
            elif frame.kind == "stopped":
                raise outcomes.reported(self.claim, frame.values)

    def _pass_on(self, frame: Frame) -> None:
        epochs, accuracy = frame.values.get("epochs"), frame.values.get("accuracy")
        self.curve.add(epochs, accuracy)
        if isinstance(accuracy, float) and 0.0 <= accuracy <= 1.0:
            self.accuracy = accuracy
        if isinstance(epochs, (int, float)) and 0 <= epochs <= MOST_EPOCHS:  # NaN is neither
            self.progressed(Progress(self.claim.id, epochs, self.accuracy, frame.tensors))

    def _too_late(self, worker: Worker, ear: Ear, kind: str) -> Stopped:
        """The worker is still busy: ask it where, then give up."""
        if kind == "warm":
            return outcomes.not_warm(START_LIMIT * self.setting.patience)
        worker.trace()
        time.sleep(SECONDS_TO_TRACE)
        stage, limit = "answer", self.claim.limit
        if kind == "ready":
            stage, limit = "import the submission", IMPORT_LIMIT
        trace = ear.trace.decode(errors="replace")
        return outcomes.too_late(stage, limit * self.setting.patience, trace)

    def _silence(self, worker: Worker, ear: Ear) -> Stopped:
        """The worker ended without an answer: find out how."""
        worker.ended.wait(2.0)
        if worker.orphaned:
            return outcomes.orphaned()
        return outcomes.ended(self.claim, worker.code, ear.excess)
