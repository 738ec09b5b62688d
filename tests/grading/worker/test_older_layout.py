from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from grading.worker.older_layout import adapt_model, from_a_class


def older() -> Any:
    """A fresh class each time, since adapting changes it."""

    class RegressionModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
            self.trained_on: list[str] = []

        def run(self, x: Tensor) -> Tensor:
            scores: Tensor = self.layer(x)
            return scores

        def get_loss(self, x: Tensor, y: Tensor) -> Tensor:
            return functional.mse_loss(self.run(x), y)

        def train(self, dataset: str) -> None:  # type: ignore[override]
            self.trained_on.append(dataset)

    return RegressionModel


def test_run_serves_as_forward() -> None:
    model = adapt_model(older())()
    model.eval()
    x = torch.ones(3, 1)
    assert torch.equal(model(x), model.run(x))


def test_switching_the_mode_never_starts_the_students_training() -> None:
    model = adapt_model(older())()
    for switch, training in ((model.eval, False), (model.train, True)):
        assert switch() is model
        assert model.training is training
        assert model.layer[1].training is training
    model.train(False)
    model.train(mode=True)
    assert model.training
    assert model.trained_on == []


def test_training_is_the_students_own_when_it_gets_a_dataset() -> None:
    model = adapt_model(adapt_model(older()))()  # a class may be looked up more than once
    train = from_a_class("train", "train_regression", lambda _: type(model))
    train(model, "the data")
    model.train(dataset="by name")
    assert model.trained_on == ["the data", "by name"]


def test_a_methods_loss_becomes_that_of_a_prediction() -> None:
    kind = adapt_model(older())
    loss = from_a_class("losses", "regression_loss", {"RegressionModel": kind}.get)
    prediction, target = torch.randn(5, 1, requires_grad=True), torch.randn(5, 1)
    assert torch.equal(loss(prediction, target), functional.mse_loss(prediction, target))
    loss(prediction, target).backward()
    assert prediction.grad is not None


def test_what_is_no_older_model_stays_as_it_is() -> None:
    class Plain(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x

    before = dict(vars(Plain))
    assert adapt_model(Plain) is Plain
    assert dict(vars(Plain)) == before
    assert adapt_model(len) is len
    assert from_a_class("train", "train_regression", lambda _: Plain) is None
    assert from_a_class("losses", "unheard_of", lambda _: Plain) is None
    assert from_a_class("losses", "regression_loss", lambda _: None) is None
