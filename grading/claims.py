"""What a check is: one claim, tested in three steps that run in two processes.

`ask` and `mark` run in the examiner; `answer` alone runs in the worker, beside the student's
code. Not even the check's own class crosses over: only the text of `answer` does (see
`grading.shipping`), so nothing in the worker's memory knows the right answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from grading.draw import Draw
from grading.frames import Tensors


class Check:
    """Base of every check. One instance serves one run, so `ask` may keep secrets on `self`.

    Attributes:
        note: set by `mark` to record a measured fact beside the outcome.
    """

    note: str = ""

    def ask(self, draw: Draw) -> Tensors:
        """Examiner: draw the inputs, after the worker has imported the submission."""
        raise NotImplementedError

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Worker: run the student's code on the inputs; return tensors.

        Only this method's text reaches the worker: it may use `student`, `asked` and the names
        of `grading.worker.kit`, and nothing else. Where it is a generator, each `yield` ends a
        part (training, say) and receives what `exam` returns.
        """
        raise NotImplementedError

    def exam(self, draw: Draw) -> Tensors:
        """Examiner: further inputs, sent once the worker has finished the first part."""
        raise NotImplementedError

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Examiner: compare with the yardstick; return if the claim holds.

        Raises:
            Wrong: if it does not.
        """
        raise NotImplementedError

    def show(self) -> Tensors:
        """Examiner, after `ask`: what a window draws while the student's model trains.

        Returns:
            ``x`` and ``label`` as the window shows them, and ``watch`` where the model is to
            answer other inputs than ``x``; nothing if the check has no window.
        """
        return {}


@dataclass(frozen=True)
class Claim:
    """A check's declaration.

    Attributes:
        id: question and noun, ``q6.causal``.
        claim: the sentence that the student reads, the first line of the class's docstring.
        points: what it is worth.
        after: the checks that must pass first; what stands on a broken rung is skipped.
        limit: wall-clock seconds for the worker's part, before ``--patience``.
        trains: whether it trains (such checks start first, since they take longest).
        kind: the class with the three steps.
    """

    id: str
    claim: str
    points: int
    after: tuple[str, ...]
    limit: float
    trains: bool
    kind: type[Check]

    @property
    def question(self) -> str:
        """The question's id, ``q6``."""
        return self.id.partition(".")[0]


REGISTRY: dict[str, Claim] = {}
C = TypeVar("C", bound=type[Check])


def check(
    id: str,  # noqa: A002 - the name that a reader of a declaration expects
    *,
    points: int,
    after: str | tuple[str, ...] = (),
    limit: float = 20.0,
    trains: bool = False,
) -> Callable[[C], C]:
    """Register a class as a check; its first docstring line becomes the claim.

    Raises:
        ValueError: if the id is taken, or a rung that it stands on is not declared before it.
    """
    rungs = (after,) if isinstance(after, str) else after

    def register(kind: C) -> C:
        if id in REGISTRY:
            raise ValueError(f"two checks are called {id}")
        unknown = [rung for rung in rungs if rung not in REGISTRY]
        if unknown:
            raise ValueError(f"{id} stands on {unknown[0]}, which is not declared before it")
        claim = (kind.__doc__ or "").strip().partition("\n\n")[0].replace("\n    ", " ")
        REGISTRY[id] = Claim(id, claim, points, rungs, limit, trains, kind)
        return kind

    return register


class Wrong(Exception):
    """The answer does not bear the claim out; carries five fields of the feedback."""

    def __init__(
        self, *, tried: str, expected: str, got: str, think: str, mistake: str = ""
    ) -> None:
        super().__init__(f"{tried}: expected {expected}, got {got}")
        self.tried = tried
        self.expected = expected
        self.got = got
        self.think = think
        self.mistake = mistake
