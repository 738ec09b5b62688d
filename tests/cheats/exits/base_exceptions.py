"""Raises exceptions that no handler expects: GeneratorExit, StopIteration, its own.

checks: q6.values q6.causal
"""

import random

from told import Stub


class Unheard(BaseException):
    def __str__(self):
        raise self

    __repr__ = __str__


class AttentionBlock(Stub):
    def forward(self, x):
        raise random.choice((GeneratorExit, StopIteration, StopAsyncIteration, Unheard))
