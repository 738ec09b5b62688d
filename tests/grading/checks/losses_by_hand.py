"""Correct ways of writing the mean cross-entropy, in different orders of operations."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

Loss = Callable[[Tensor, Tensor], Tensor]


def by_library(scores: Tensor, one_hot: Tensor) -> Tensor:
    return functional.cross_entropy(scores, one_hot)


def by_class_number(scores: Tensor, one_hot: Tensor) -> Tensor:
    return functional.nll_loss(scores.log_softmax(1), one_hot.argmax(1))


def by_log_of_softmax(scores: Tensor, one_hot: Tensor) -> Tensor:
    return -(one_hot * (scores.softmax(1) + 1e-8).log()).sum() / len(scores)


def by_plain_exponentials(scores: Tensor, one_hot: Tensor) -> Tensor:
    powers = scores.exp()
    return -((one_hot * powers).sum(1) / powers.sum(1)).log().mean()


def by_differences(scores: Tensor, one_hot: Tensor) -> Tensor:
    right = (scores * one_hot).sum(1, keepdim=True)
    return (scores - right).exp().sum(1).log().sum() / scores.shape[0]


WAYS: list[Loss] = [
    by_library,
    by_class_number,
    by_log_of_softmax,
    by_plain_exponentials,
    by_differences,
]
