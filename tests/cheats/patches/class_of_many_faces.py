"""Has a metaclass that lies about its class, its methods and what it returns.

checks: q6.values q6.causal
"""

import torch
from told import Stub


class Liar(type):
    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, subclass):
        return True

    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__


class Anything(metaclass=Liar):
    def __getattr__(self, name):
        return Anything()

    def __call__(self, *_, **__):
        return Anything()

    @property
    def __class__(self):
        return torch.Tensor


class AttentionBlock(Stub):
    def forward(self, x):
        return Anything()
