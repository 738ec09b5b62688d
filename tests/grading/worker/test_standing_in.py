from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from grading.worker.standing_in import RunningMean, with_attention


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_layer = nn.Linear(5, 5)


class Raising(Attention):
    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


class Silent(Attention):
    def forward(self, x: Tensor) -> None:
        """YOUR CODE HERE."""


class Wrong(Attention):
    def forward(self, x: Tensor) -> Tensor:
        return x[0, 0, 99]


class Written(Attention):
    def forward(self, x: Tensor) -> Tensor:
        return self.q_layer(x)


@pytest.mark.parametrize(
    ("kind", "replaced"),
    [
        pytest.param(Raising, True, id="stub"),
        pytest.param(Silent, True, id="older-stub"),
        pytest.param(Wrong, False, id="wrong"),
        pytest.param(Written, False, id="written"),
    ],
)
def test_only_an_attention_that_is_not_written_is_replaced(
    kind: type[Attention], replaced: bool
) -> None:
    model = with_attention(nn.Sequential(nn.Sequential(kind()), kind()))
    found = [isinstance(part, RunningMean) for part in (model[0][0], model[1])]  # type: ignore[index]
    assert found == [replaced, replaced]


def test_the_running_mean_looks_back_only() -> None:
    x = torch.randn(2, 7, 5)
    mixed = RunningMean(5)(x)
    assert mixed.shape == (2, 7, 5)
    torch.testing.assert_close(mixed[:, 3], x[:, :4].mean(1))
