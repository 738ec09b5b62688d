"""One check inside the worker: import the submission, run `answer`, send what it returns."""

from __future__ import annotations

import inspect
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor

from grading.frames import Caps, Frame, Tensors, read_frame, write_frame
from grading.isolation.confinement import Confinement
from grading.worker import kit
from grading.worker.banned import Watch
from grading.worker.limits import set_limits
from grading.worker.student import Student, import_homework
from grading.worker.trouble import WrongType, describe
from grading.worker.warmth import warm_up

CAPS = Caps(body=1 << 30)  # what the examiner sends is trusted, and may be a whole data split
SECONDS_BETWEEN_PROGRESS = 0.1
Parts: TypeAlias = "Generator[Tensors | None, Tensors | None, Any]"


def run_single(settings: dict[str, Any]) -> None:
    """Serve one check over standard input and output, where a process cannot be forked."""
    reading, writing = os.dup(0), os.dup(1)
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    os.dup2(2, 1)  # prints go where errors go: to the examiner's collector
    warm_up(settings)
    run(reading, writing)


def run(reading: int, writing: int, confinement: Confinement | None = None) -> None:
    """Carry on one conversation with the examiner, then end the process.

    Args:
        reading: descriptor of the pipe from the examiner.
        writing: descriptor of the pipe to the examiner.
        confinement: what to give up before student code runs; None for nothing.
    """
    # An answer ends the process: what was printed must be out by then.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    source, sink = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")
    write_frame(sink, Frame("warm"))
    begin = read_frame(source, CAPS)
    try:
        conversation = Conversation(begin.values, source, sink)
        conversation.confine(confinement)
        conversation.hold()
    except BaseException as error:
        trouble = describe(error, Path(begin.values["submission"]))
        write_frame(sink, Frame("stopped", trouble))
    finally:
        _flush_prints()
        os._exit(0)  # no clean-up code of the submission runs


class Conversation:
    """What passes between the examiner and this process for one check.

    Args:
        values: the examiner's first frame: the check, its answer's text, seed and limits.
        source: frames from the examiner.
        sink: frames to the examiner.
    """

    def __init__(self, values: dict[str, Any], source: IO[bytes], sink: IO[bytes]) -> None:
        self.values = values
        self.folder = Path(values["submission"])
        self.source = source
        self.sink = sink
        self.lock = threading.Lock()  # a student's own threads may report progress as well
        self.next_progress = 0.0

    def confine(self, confinement: Confinement | None) -> None:
        """Keep to the check's own folder and limits, and say so: a fault until here is ours."""
        scratch = self.values["scratch"]
        os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), scratch))
        tempfile.tempdir = None  # it may have been looked up in the server
        set_limits(self.values["limits"])
        if confinement is not None:
            confinement.enter(self.values)
        os.chdir(scratch)
        if self.values["device"] == "cuda":
            torch.zeros(1, device="cuda")  # starts CUDA; its threads are confined like this one
        self.send(Frame("confined"))

    def hold(self) -> None:
        """Import, say that inputs may be drawn now, answer."""
        torch.set_num_threads(self.values["threads"])
        kit.prepare(self.values["device"], self.progress)
        for name in self.values["modules"]:
            self.seed()
            import_homework(self.folder, name)
        self.seed()
        self.send(Frame("ready"))
        watch = Watch(self.values["banned"], self.folder)
        if self.values["banned"]:
            with watch:
                self.answer(watch)
        else:
            self.answer(watch)

    def answer(self, watch: Watch) -> None:
        """Run the answer step; a generator sends a part, and goes on with what comes back."""
        step = _compiled(self.values["answer"], self.values["check"])
        answered = step(None, Student(self.folder), self.receive())
        if inspect.isgenerator(answered):
            generator, sent = cast("Parts", answered), None
            try:
                while True:
                    part = generator.send(sent)
                    self.send_answer(part or {}, watch, more=True)
                    sent = self.receive()
            except StopIteration as end:
                answered = end.value
        self.send_answer(answered, watch, more=False)

    def receive(self) -> Tensors:
        """The examiner's inputs, on this check's device; large ones are mapped from a file."""
        frame = read_frame(self.source, CAPS)
        asked = dict(frame.tensors)
        mapped = frame.values.get("mapped")
        if mapped:
            with safe_open(mapped, framework="pt") as file:
                asked.update({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        if frame.values.get("stays"):
            return asked  # a whole data split; its batches move to the device
        return {name: tensor.to(kit.device) for name, tensor in asked.items()}

    def send_answer(self, answered: Any, watch: Watch, *, more: bool) -> None:
        """Send an answer's tensors as plain, contiguous CPU tensors."""
        if not isinstance(answered, dict):
            raise WrongType(f"the answer is {type(answered).__name__}, not a dict of tensors")
        tensors = {name: _plain(value, name) for name, value in answered.items()}
        kit.show_the_end()
        self.send(Frame("answer", {"more": more, "banned": watch.used}, tensors))

    def progress(self, epochs: float, accuracy: float | None, pictures: Tensors) -> None:
        """Tell the examiner how far training is, at most ten times a second."""
        now = time.monotonic()
        if accuracy is None and not pictures and now < self.next_progress:
            return
        self.next_progress = now + SECONDS_BETWEEN_PROGRESS
        values = {"epochs": epochs, "accuracy": accuracy}
        self.send(Frame("progress", values, {k: _plain(v, k) for k, v in pictures.items()}))

    def send(self, frame: Frame) -> None:
        """Write one frame, whole, whichever thread asks."""
        with self.lock:
            write_frame(self.sink, frame)

    def seed(self) -> None:
        """Give the student's code its own reproducible random numbers."""
        seed = self.values["seed"]
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)
        random.seed(seed)


def _compiled(text: str, check: str) -> Callable[..., Any]:
    """The answer step as a function that knows the kit's names and nothing else."""
    names = {name: getattr(kit, name) for name in kit.__all__}
    exec(compile(text, f"<answer of {check}>", "exec"), names)  # noqa: S102 - the grader's own text
    step: Callable[..., Any] = names["answer"]
    return step


def _plain(value: Any, name: str) -> Tensor:
    """An answer's entry as a plain tensor that safetensors can write."""
    if isinstance(value, (bool, int, float)):
        return torch.tensor(value)
    if not isinstance(value, Tensor):
        shown = "None" if value is None else type(value).__name__
        raise WrongType(f"{name.replace('_', ' ')} is {shown}; it should be a tensor")
    if value.is_sparse or value.is_quantized or value.is_complex():
        raise WrongType(f"{name.replace('_', ' ')} should be an ordinary real tensor")
    return value.detach().as_subclass(Tensor).to("cpu").contiguous().clone()


def _flush_prints() -> None:
    """Write out what the student printed, unless the student closed or replaced the stream."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue
