"""Networks that read words in a right way pass every check of the structure, in every draw."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from grading.checks.q4_language_id import (
    AnyLengthAnyBatch,
    EachWordForItself,
    EveryLetterCounts,
    LanguageLoss,
    OrderMatters,
    PaddingWipesNothingOut,
)
from grading.claims import Check, Wrong
from grading.draw import Draw
from tests.grading.checks.losses_by_hand import WAYS

DRAWS = 10_000
NETWORKS = 60  # of each kind


class Plain(nn.Module):
    """The homework's own recipe: no mask, the hidden state starts from the first letter."""

    def __init__(self, hidden: int, activation: Callable[[Tensor], Tensor] = torch.relu) -> None:
        super().__init__()
        self.activation = activation
        self.first, self.second = nn.Linear(47, hidden), nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 5)

    def forward(self, xs: Tensor) -> Tensor:
        state = self.activation(self.first(xs[0]))
        for letter in xs[1:]:
            state = self.activation(self.first(letter) + self.second(state))
        scores: Tensor = self.last(state)
        return scores


class FromTheLibrary(nn.Module):
    """PyTorch's own recurrent layers, the last output scored."""

    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.network, self.last = kind(47, 64), nn.Linear(64, 5)

    def forward(self, xs: Tensor) -> Tensor:
        scores: Tensor = self.last(self.network(xs)[0][-1])
        return scores


class BothWays(nn.Module):
    """A bidirectional network whose states are averaged over the letters."""

    def __init__(self) -> None:
        super().__init__()
        self.network, self.last = nn.GRU(47, 32, bidirectional=True), nn.Linear(64, 5)

    def forward(self, xs: Tensor) -> Tensor:
        scores: Tensor = self.last(self.network(xs)[0].mean(0))
        return scores


class Bag(nn.Module):
    """Adds the letters up, in the order in which they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(47, 64), nn.Linear(64, 5)

    def forward(self, xs: Tensor) -> Tensor:
        total = torch.zeros(xs.shape[1], 64)
        for letter in xs:
            total = total + torch.sigmoid(self.first(letter))
        scores: Tensor = self.last(total)
        return scores


class Homework:
    """Stands for a student's module."""

    def __init__(self, build: Callable[[], nn.Module]) -> None:
        self.models = self
        self.LanguageIDModel = build


RIGHT = [
    pytest.param(lambda: Plain(256), id="plain"),
    pytest.param(lambda: Plain(32), id="plain-and-narrow"),
    pytest.param(lambda: Plain(100, torch.tanh), id="tanh"),
    pytest.param(lambda: FromTheLibrary(nn.RNN), id="rnn"),
    pytest.param(lambda: FromTheLibrary(nn.LSTM), id="lstm"),
    pytest.param(lambda: FromTheLibrary(nn.GRU), id="gru"),
    pytest.param(BothWays, id="both-ways"),
]
STRUCTURE: list[type[Check]] = [
    AnyLengthAnyBatch,
    EachWordForItself,
    EveryLetterCounts,
    PaddingWipesNothingOut,
    OrderMatters,
]


def put(check: Check, seed: int, build: Callable[[], nn.Module]) -> None:
    torch.manual_seed(seed)
    asked = check.ask(Draw(seed))
    check.mark(asked, check.answer(Homework(build), asked))


@pytest.mark.parametrize("build", RIGHT)
def test_a_network_that_reads_the_word_passes_every_check(build: Callable[[], nn.Module]) -> None:
    for seed in range(NETWORKS):
        for kind in STRUCTURE:
            put(kind(), seed, build)


def test_a_bag_of_letters_is_told_from_a_network_that_knows_their_order() -> None:
    for seed in range(200):
        with pytest.raises(Wrong, match="the same scores"):
            put(OrderMatters(), seed, Bag)


@pytest.mark.slow
def test_ten_thousand_correct_losses_all_pass() -> None:
    for seed in range(DRAWS):
        check = LanguageLoss()
        asked = check.ask(Draw(seed))
        loss = WAYS[seed % len(WAYS)](asked["scores"], asked["one_hot"])
        check.mark(asked, {"loss": loss, "gradient": torch.ones_like(asked["scores"])})
