"""One check, from the examiner's chair: start a worker, ask, wait for the answer, mark it."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.torch

from grading.audience import Progress
from grading.claims import Check, Claim, Wrong
from grading.draw import Draw, derive_seed
from grading.frames import Caps, Frame, FrameError, Tensors, write_frame
from grading.launcher import Launcher, Worker, WorkerLost
from grading.listening import Ear
from grading.results import CheckResult, Feedback, Status
from grading.shipping import answer_text, modules_used

IMPORT_LIMIT = 60.0
GIB = 1 << 30
LARGEST_IN_FRAME = 32 * 1024  # with its header it fits a pipe, so that writing never blocks


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


class Stopped(Exception):
    """The worker ended its part early; carries the outcome."""

    def __init__(self, status: Status, feedback: Feedback) -> None:
        super().__init__(feedback.got)
        self.status = status
        self.feedback = feedback


class Interview:
    """Holds one check's conversation. It lives in a thread of the examiner.

    Args:
        claim: the check.
        setting: what the run shares.
        progressed: hears of training progress.
        shown: hears what a window should draw.
    """

    def __init__(
        self,
        claim: Claim,
        setting: Setting,
        progressed: Callable[[Progress], None] = lambda _: None,
        shown: Callable[[str, Tensors], None] = lambda *_: None,
    ) -> None:
        self.claim = claim
        self.setting = setting
        self.progressed = progressed
        self.shown = shown
        self.files = 0
        self.folder = setting.scratch / claim.id
        self.check: Check = claim.kind()
        self.draw = Draw(derive_seed(setting.seed, "draw", claim.id))

    def hold(self) -> CheckResult:
        """Carry the check through; whatever happens becomes a result."""
        begun = time.monotonic()
        result = CheckResult(self.claim.id, self.claim.claim, self.claim.points)
        self.folder.mkdir(parents=True)
        try:
            worker = self.setting.launcher.launch()
        except WorkerLost as lost:
            return replace(result, status=Status.GRADER_FAULT, feedback=Feedback(got=str(lost)))
        ear = Ear(worker, Caps(), self.setting.memory)
        try:
            result = self._outcome(result, worker, ear)
        finally:
            worker.end()
            worker.ended.wait(5.0)
            ear.close()
        output = ear.text().replace(str(self.setting.submission) + "/", "")
        seconds = round(time.monotonic() - begun, 3)
        return replace(result, seconds=seconds, output=output, note=self.check.note)

    def _outcome(self, result: CheckResult, worker: Worker, ear: Ear) -> CheckResult:
        """Ask, await the answer and mark it; a fault of ours never costs the student a point."""
        try:
            asked, answered = self._converse(worker, ear)
            self.check.mark(asked, answered)
        except Wrong as wrong:
            feedback = Feedback(
                wrong.tried, wrong.expected, wrong.got, wrong.think, wrong.mistake
            )
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
        self._send(worker, ear, Frame("begin", self._opening()))
        self._await(worker, ear, "ready", time.monotonic() + IMPORT_LIMIT * setting.patience)
        asked = self.check.ask(self.draw)
        deadline = time.monotonic() + claim.limit * setting.patience
        self._send(worker, ear, self._question({**asked, **self._picture()}))
        answered: Tensors = {}
        while True:
            frame = self._await(worker, ear, "answer", deadline)
            answered.update(frame.tensors)
            self._check_banned(frame)
            if not frame.values.get("more"):
                return asked, answered
            self._send(worker, ear, self._question(self.check.exam(self.draw)))

    def _opening(self) -> dict[str, object]:
        setting, claim = self.setting, self.claim
        seconds = (IMPORT_LIMIT + claim.limit) * setting.patience * setting.threads
        return {
            "check": claim.id,
            "answer": answer_text(claim.kind),
            "modules": modules_used(claim.kind),
            "banned": claim.banned,
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
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        if sum(tensor.nbytes for tensor in tensors.values()) <= LARGEST_IN_FRAME:
            return Frame("asked", {}, tensors)
        self.files += 1
        path = self.folder / f"inputs-{self.files}.safetensors"
        safetensors.torch.save_file(tensors, path)
        path.chmod(0o444)
        return Frame("asked", {"mapped": str(path)})

    def _send(self, worker: Worker, ear: Ear, frame: Frame) -> None:
        try:
            write_frame(worker.sink, frame)
        except OSError:
            raise self._silence(worker, ear) from None

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
                raise Stopped(
                    Status.CRASHED,
                    Feedback(
                        tried="to read the worker's answer", expected="tensors", got=str(error),
                        think="Does the submission write to descriptors that are not its own?",
                    ),
                ) from None
            if frame.kind == kind:
                return frame
            if frame.kind == "progress":
                self._pass_on(frame)
            elif frame.kind == "stopped":
                raise self._stopped(frame)

    def _pass_on(self, frame: Frame) -> None:
        epochs, accuracy = frame.values.get("epochs"), frame.values.get("accuracy")
        if not isinstance(epochs, (int, float)) or not isinstance(accuracy, (int, float, type(None))):
            return
        self.progressed(Progress(self.claim.id, epochs, accuracy, frame.tensors))

    def _check_banned(self, frame: Frame) -> None:
        used = frame.values.get("banned")
        if not isinstance(used, list) or not used or not isinstance(used[0], dict):
            return
        first = {key: str(used[0].get(key, ""))[:200] for key in ("name", "file", "line")}
        raise Stopped(
            Status.FAILED,
            Feedback(
                tried="to run your code while watching for operators that this question forbids",
                expected=f"no use of {', '.join(self.claim.banned)}",
                got=f"a call of {first['name']}",
                think="The point of this question is to write that operator yourself.",
                mistake="a forbidden operator",
                where=f"{first['file']}:{first['line']}" if first["file"] else "",
            ),
        )

    def _stopped(self, frame: Frame) -> Stopped:
        """The outcome that a worker reports of itself: anything but a pass."""
        text = {key: str(frame.values.get(key, ""))[:800] for key in frame.values}
        named = {status.value: status for status in Status}
        status = named.get(text.get("status", ""), Status.CRASHED)
        if status not in (Status.NOT_STARTED, Status.FAILED, Status.CRASHED):
            status = Status.CRASHED
        where = f"{text['file']}:{text.get('line', '')}" if text.get("file") else ""
        source = text.get("source", "")
        return Stopped(
            status,
            Feedback(
                tried=f"to check this: {self.claim.claim}",
                expected="an answer",
                got=text.get("message", "") + (f"\n{source}" if source else ""),
                where=where,
            ),
        )

    def _too_late(self, worker: Worker, ear: Ear, kind: str) -> Stopped:
        worker.trace()
        time.sleep(0.3)
        stage, limit = "answer", self.claim.limit
        if kind == "ready":
            stage, limit = "import the submission", IMPORT_LIMIT
        place = re.findall(
            re.escape(str(self.setting.submission)) + r'/(\S+?)", line (\d+)', ear.text()
        )
        return Stopped(
            Status.TIMED_OUT,
            Feedback(
                tried=f"to {stage} within {limit * self.setting.patience:.0f} seconds",
                expected="an end",
                got="the code was still running" + (f" in {place[0][0]}" if place else ""),
                think="Is there a loop whose condition never becomes false?",
                where=f"{place[0][0]}:{place[0][1]}" if place else "",
            ),
        )

    def _silence(self, worker: Worker, ear: Ear) -> Stopped:
        """The worker ended without an answer: say how."""
        worker.ended.wait(2.0)
        if ear.too_big or worker.code == -9:
            got = f"the process held more than {self.setting.memory / GIB:.0f} GiB of memory"
            think = "Which tensor grows with every step? Is a graph kept that should be let go?"
            if not ear.too_big:
                got = "the process was killed by the system, most likely for its memory"
        else:
            code = worker.code
            how = "" if code is None else f" (signal {-code})" if code < 0 else f" (exit code {code})"
            got = f"the process ended without an answer{how}"
            think = "Does the code call os._exit or exit, or does it close files it did not open?"
        return Stopped(
            Status.CRASHED,
            Feedback(
                tried=f"to check this: {self.claim.claim}", expected="an answer", got=got, think=think
            ),
        )
