"""Finds a smaller case that fails in the same way, so that a student can follow it by hand.

The sizes of a failed check's inputs are lowered, all of them at first, then one after the other,
for as long as the check fails with the same mistake and the same question. Each try runs in a
worker of its own, for two seconds at most together. The outcome stays what it was: only the words
become those of the smaller case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from grading.results import CheckResult, Feedback, Status

TRIES = 8
SECONDS = 2.0

Sizes = Mapping[str, int]
Retry = Callable[[Sizes, float], CheckResult]


def with_smallest_case(
    result: CheckResult, taken: Sizes, least: Sizes, retry: Retry
) -> CheckResult:
    """Replace a failed check's feedback by that of the smallest failing case that is found soon.

    Args:
        result: the check failed, by its own mark.
        taken: the sizes with which it did, by their names.
        least: the smallest sizes that the check allows.
        retry: runs the check again with other sizes, for at most so many seconds.
    """
    if not taken:
        return result
    search = _Search(result, taken, retry)
    search.lower(least)
    feedback = replace(search.feedback, smallest=f"failing case: {in_words(search.sizes)}")
    return replace(result, feedback=feedback)


def in_words(sizes: Sizes) -> str:
    """``B=1, T=2``; an underscore in a name is a space."""
    return ", ".join(f"{name.replace('_', ' ')}={size}" for name, size in sizes.items())


class _Search:
    """The smallest failing case so far, and what is left of tries and time."""

    def __init__(self, result: CheckResult, sizes: Sizes, retry: Retry) -> None:
        self.feedback = result.feedback
        self.sizes = dict(sizes)
        self.retry = retry
        self.tries = TRIES
        self.deadline = time.monotonic() + SECONDS

    def lower(self, least: Sizes) -> None:
        """Lower all sizes at once; if that is too small, one after the other."""
        if self.fails({name: min(size, least[name]) for name, size in self.sizes.items()}):
            return
        for name, start in list(self.sizes.items()):
            self.lower_one(name, min(start, least[name]))

    def lower_one(self, name: str, least: int) -> None:
        """Look for the smallest value of one size by halving what is left of its range."""
        guess = least
        while guess < self.sizes[name]:
            if not self.fails({**self.sizes, name: guess}):
                least = guess + 1
            guess = (least + self.sizes[name]) // 2

    def fails(self, sizes: dict[str, int]) -> bool:
        """Whether the check fails in the same way with these sizes; if so, they are kept."""
        left = self.deadline - time.monotonic()
        if sizes == self.sizes or self.tries == 0 or left <= 0:
            return False
        self.tries -= 1
        result = self.retry(sizes, left)
        if result.status is not Status.FAILED or not _alike(result.feedback, self.feedback):
            return False
        self.feedback, self.sizes = result.feedback, sizes
        return True


def _alike(one: Feedback, other: Feedback) -> bool:
    return (one.mistake, one.think) == (other.mistake, other.think)
