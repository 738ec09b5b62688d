"""One check, from the examiner's chair: start a worker, ask, wait for the answer, mark it."""

from __future__ import annotations

import shutil
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.torch

from grading import outcomes
from grading.audience import Progress
from grading.claims import Check, Claim, Wrong
from grading.draw import Draw, derive_seed
from grading.frames import Caps, Frame, FrameError, Tensors, unshared, write_frame
from grading.launcher import Launcher, Worker, WorkerLost, end_tree
from grading.listening import Ear
from grading.outcomes import Stopped
from grading.results import CheckResult, Feedback, Status
from grading.rules import rules_for
from grading.shipping import answer_text, modules_used, names_used, parts
from grading.shrinking import Sizes, with_smallest_case
from grading.source import uses_of
from grading.spawning import SpawnLauncher

START_LIMIT = 120.0
IMPORT_LIMIT = 60.0
SECONDS_TO_TRACE = 0.3
SECONDS_TO_SEND = 20.0
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
        self.files = 0
        self.accuracy: float | None = None
        self.folder = setting.scratch / claim.id
        self.check: Check = claim.kind()
        self.draw = Draw(derive_seed(setting.seed, "draw", claim.id), instead)
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
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            worker = self.setting.launcher.launch()
        except WorkerLost as lost:
            return replace(result, status=Status.GRADER_FAULT, feedback=Feedback(got=str(lost)))
        ear = Ear(worker, Caps(), self.setting.memory)
        watchdog = threading.Timer(seconds or 0.0, worker.end)
        if seconds is not None:
            watchdog.start()
        try:
            result = self._outcome(result, worker, ear)
        finally:
            watchdog.cancel()
            worker.end()
            if not worker.ended.wait(5.0):  # its server is stopped or gone
                end_tree(worker.pid)
            ear.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        output = ear.text().replace(str(self.setting.submission) + "/", "")
        note = "\n".join([*filter(None, [self.check.note]), *dict.fromkeys(self.remarks)])
        took = round(time.monotonic() - begun, 3)
        return replace(result, seconds=took, output=output, note=note)

    def _outcome(self, result: CheckResult, worker: Worker, ear: Ear) -> CheckResult:
        """Ask, await the answer and mark it; a fault of ours never costs the student a point."""
        try:
            used = names_used(self.claim)
            for rule in self.rules:
                found = uses_of(self.setting.submission, used, rule)
                self.remarks += outcomes.judge_uses(rule, found)
            asked, answered = self._converse(worker, ear)
            self.check.mark(asked, answered)
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
        self._send(worker, ear, Frame("begin", self._opening()))
        self._await(worker, ear, "ready", time.monotonic() + IMPORT_LIMIT * setting.patience)
        asked = self.check.ask(self.draw)
        deadline = time.monotonic() + claim.limit * setting.patience
        self._send(worker, ear, self._question({**asked, **self._picture()}))
        answered: Tensors = {}
        for _ in range(parts(claim)):
            frame = self._await(worker, ear, "answer", deadline)
            answered.update(frame.tensors)
            self._judge_calls(frame)
            if not frame.values.get("more"):
                return asked, answered
            self._send(worker, ear, self._question(self.check.exam(self.draw)))
        frame = self._await(worker, ear, "answer", deadline)
        self._judge_calls(frame)
        return asked, {**answered, **frame.tensors}

    def _judge_calls(self, answer: Frame) -> None:
        """Judge the forbidden operators that the worker saw while the answer was worked out."""
        used = answer.values.get("banned")
        uses = [use for use in used if isinstance(use, dict)] if isinstance(used, list) else []
        for rule in self.rules:
            theirs = [use for use in uses if use.get("rule") in rule.names]
            self.remarks += outcomes.judge_uses(rule, theirs)

    def _opening(self) -> dict[str, object]:
        setting, claim = self.setting, self.claim
        seconds = (IMPORT_LIMIT + claim.limit) * setting.patience * setting.threads
        return {
            "check": claim.id,
            "answer": answer_text(claim),
            "modules": modules_used(claim),
            "banned": [name for rule in self.rules if rule.kind == "calls" for name in rule.names],
            "submission": str(setting.submission),
            "scratch": str(self.folder),
            "seed": derive_seed(setting.seed, "student", claim.id),
            "device": setting.device,
            "threads": setting.threads,
            "limits": {
                "cpu_seconds": seconds + 10,
                "memory": setting.memory,
                "file_size": GIB // 4,
                "device": setting.device,
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
        self.files += 1
        path = self.folder / f"inputs-{self.files}.safetensors"
        safetensors.torch.save_file(tensors, path)
        path.chmod(0o444)
        return Frame("asked", {"mapped": str(path)})

    def _send(self, worker: Worker, ear: Ear, frame: Frame) -> None:
        watchdog = threading.Timer(SECONDS_TO_SEND, worker.end)  # a worker may refuse to read
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
        if isinstance(accuracy, float):
            self.accuracy = accuracy
        if isinstance(epochs, (int, float)):
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
        return outcomes.ended(self.claim, worker.code, ear.too_big, self.setting.memory)
