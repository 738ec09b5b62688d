"""Runs the checks of a request side by side, each in its own worker, and gathers the report."""

from __future__ import annotations

import platform
import queue
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from grading.archive import RefusedSubmission
from grading.audience import Audience, Progress
from grading.claims import Claim
from grading.isolation import ladder
from grading.launcher import Launcher, best_launcher
from grading.machine import conceal, cpu_quota
from grading.options import Options, UsageError
from grading.results import CheckResult, Feedback, QuestionResult, Report, Status
from grading.schedule import Schedule
from grading.scratch import remove
from grading.submission import open_submission, warnings_about
from grading.temporary import TemporaryFolder, blame_no_room

SECONDS_BETWEEN_WAITS = 0.1
MEMORY = 3 << 30  # bytes


def grade(
    options: Options,
    audience: Audience,
    launch: Callable[[Path, int], Launcher] | None = None,
) -> Report:
    """Grade a submission.

    Args:
        options: what to grade, and how.
        audience: hears what happens, on this thread.
        launch: makes the launcher of workers from a scratch folder and a thread count; None for
            one of the level of isolation that the options ask for.

    Returns:
        The report; `Report.complete` is False if the run was interrupted by Ctrl-C.

    Raises:
        UsageError: before anything starts, if the request cannot be carried out.
    """
    from grading.source import forget

    folder = TemporaryFolder()
    scratch = folder.path
    launcher, own = None, scratch
    try:
        if not options.submission.exists():
            open_submission(options.submission, scratch)  # raises, in its own words
        conceal()
        try:
            launcher = launch(scratch, options.threads) if launch else _launch(options, scratch)
            # Short names: a data loader's workers make a socket below, and its path may have 108
            # bytes.
            own = Path(tempfile.mkdtemp(prefix="", dir=launcher.scratch))
        except OSError as error:
            blame_no_room(error)
            raise
        own.chmod(0o711)  # a worker of another user passes through, to what is its own
        return Run(options, audience, launcher, own).carry_out()
    finally:
        if launcher is not None:
            launcher.close()
        remove(own)
        folder.remove()
        forget()


def _launch(options: Options, scratch: Path) -> Launcher:
    """The launcher that the options ask for; it warms up while torch loads here."""
    device = "cuda" if options.device == "cuda" else "cpu"
    level = ladder.choose(options.isolation, options.required, device)
    return best_launcher(scratch, options.threads, level, device)


class Run:
    """One run: chooses the checks, keeps `jobs` of them going, records what they find."""

    def __init__(
        self, options: Options, audience: Audience, launcher: Launcher, scratch: Path
    ) -> None:
        import torch

        from grading.interview import Setting
        from grading.questions import select

        torch.set_num_threads(1)
        self.options = options
        self.audience = audience
        self.results = options.results
        self.questions, assumed = select(options.asked)
        self.jobs = options.jobs or max(1, cpu_quota() // options.threads)
        self.news: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.unheard: dict[str, Progress] = {}
        self.hearing = threading.Lock()
        seed = secrets.randbits(53) if options.seed is None else options.seed
        self.setting = Setting(
            launcher=launcher,
            submission=scratch / "submission",
            scratch=scratch,
            seed=seed,
            device=_device(options.device),
            threads=options.threads,
            patience=options.patience,
            watched=options.watched,
            memory=options.memory << 20 if options.memory else MEMORY,
        )
        self.report = Report(
            questions=[
                QuestionResult(
                    q.id, q.title, [CheckResult(c.id, c.claim, c.points) for c in q.checks]
                )
                for q in self.questions
            ],
            submission=str(options.submission),
            seed=seed,
            device=self.setting.device,
            jobs=self.jobs,
            threads=options.threads,
            isolation=str(launcher.isolation),
            versions={"python": platform.python_version(), "torch": str(torch.__version__)},
            assumed=assumed,
        )

    def carry_out(self) -> Report:
        """Run every check; an interruption leaves a valid report of what is done."""
        begun = time.monotonic()
        refusal = self._open()
        self._write()
        self.audience.opened(self.report)
        with suppress(KeyboardInterrupt):
            if refusal is not None:
                self._refuse(refusal)
            else:
                self._run_checks()
            self.report.complete = True
        self.report.seconds = round(time.monotonic() - begun, 3)
        self._write()
        self.audience.closed(self.report)
        return self.report

    def _open(self) -> RefusedSubmission | None:
        """Make the private copy; a submission that cannot be opened is a result, not an error."""
        try:
            copy = open_submission(self.options.submission, self.setting.scratch)
        except RefusedSubmission as refusal:
            return refusal
        for path in [copy, *copy.rglob("*")]:  # whatever umask and archive say
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.report.warnings += warnings_about(copy)
        return None

    def _refuse(self, refusal: RefusedSubmission) -> None:
        for check in self.report.checks:
            feedback = Feedback(
                tried="to open the submission",
                expected="a folder or a zip with models.py (or models/), losses.py and train.py",
                got=str(refusal),
                think="What would a stranger find who opened what you handed in?",
            )
            self._record(replace(check, status=Status.CRASHED, feedback=feedback))

    def _run_checks(self) -> None:
        schedule = Schedule([claim for q in self.questions for claim in q.checks], self.jobs)
        while schedule.waiting or schedule.running:
            while len(schedule.running) < self.jobs and (claim := schedule.next()):
                self.audience.started(claim.id)
                threading.Thread(
                    target=self._interview, args=(claim, schedule), daemon=True
                ).start()
            with suppress(queue.Empty):
                self.news.get(timeout=SECONDS_BETWEEN_WAITS)()
            self.audience.waited()

    def _interview(self, claim: Claim, schedule: Schedule) -> None:
        """Hear one check in this thread; everything it says is told on the main thread."""
        tell = self.news.put
        try:
            result = self._judge_effort(claim, self._hear_out(claim))
        except BaseException as error:
            fault = Feedback(got=f"{type(error).__name__}: {error}")
            result = CheckResult(claim.id, claim.claim, claim.points, Status.GRADER_FAULT, fault)
        tell(partial(self._take_in, result, schedule))

    def _hear_out(self, claim: Claim) -> CheckResult:
        """Hold the check's interview; one that failed before faces the same draw again first.

        A check that trains is not held twice: the old draw alone has to do.
        """
        from grading.interview import Interview

        seeds = [self.options.replays.get(claim.id, self.setting.seed), self.setting.seed]
        for seed in seeds[:1] if claim.trains else dict.fromkeys(seeds):
            interview = Interview(
                claim,
                replace(self.setting, seed=seed),
                progressed=self._pass_on,
                shown=lambda id, inputs: self.news.put(  # noqa: A006
                    partial(self.audience.shown, id, inputs)
                ),
            )
            result = replace(interview.hold(), seed=seed)
            if result.status is not Status.PASSED:
                break
        return result

    def _pass_on(self, progress: Progress) -> None:
        """Tell of progress on the main thread; where it is behind, the latest counts."""
        with self.hearing:
            if progress.check not in self.unheard:
                self.news.put(partial(self._hear, progress.check))
            self.unheard[progress.check] = progress

    def _hear(self, check: str) -> None:
        with self.hearing:
            progress = self.unheard.pop(check)
        self.audience.progressed(progress)

    def _judge_effort(self, claim: Claim, result: CheckResult) -> CheckResult:
        """Call a failure "not started" where the functions in question are still empty."""
        from grading.shipping import answer_text, names_used
        from grading.source import is_unwritten

        if result.status not in (Status.FAILED, Status.CRASHED):
            return result
        used, answer = names_used(claim), answer_text(claim)
        if not is_unwritten(self.setting.submission, used, answer):
            return result
        feedback = Feedback(
            tried=f"to check this: {claim.claim}",
            expected="code in " + ", ".join(sorted(f"{m}.{name}" for m, name in used)),
            got="a function whose body is still empty",
        )
        return replace(result, status=Status.NOT_STARTED, feedback=feedback)

    def _take_in(self, result: CheckResult, schedule: Schedule) -> None:
        fallen = schedule.note(result)
        for each in [result, *fallen]:
            self._record(each)

    def _record(self, result: CheckResult) -> None:
        self.report.record(result)
        self._write()
        self.audience.finished(result, self.report)

    def _write(self) -> None:
        """Replace the results file; a full disk must not end a run that students wait for.

        Each time is a new try: what counts in the end is the last one.
        """
        if self.results is None:
            return
        if self.report.unwritten:
            self.report.warnings.remove(self.report.unwritten)
            self.report.unwritten = ""
        try:
            self.report.write(self.results)
        except OSError as error:
            why = error.strerror or error
            self.report.unwritten = f"{self.results} is not up to date, it cannot be written: {why}"
            self.report.warnings.append(self.report.unwritten)


def _device(wanted: str) -> str:
    """The device of this run. CPU is the device of record, so ``auto`` means CPU for q1 to q7.

    Raises:
        UsageError: if CUDA is asked for and there is none.
    """
    if wanted != "cuda":
        return "cpu"
    import torch

    if not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch finds no CUDA device here; use --device cpu")
    return "cuda"
