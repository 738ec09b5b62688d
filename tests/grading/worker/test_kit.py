"""What `answer` steps rely on: numbers, gradients, watched training, reads of validation data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from grading.frames import Tensors
from grading.worker import kit
from grading.worker.trouble import WrongType


@pytest.fixture
def pictures() -> Iterator[list[Tensors]]:
    """Every picture that a training set reports."""
    seen: list[Tensors] = []
    kit.prepare("cpu", lambda epochs, accuracy, picture: seen.append(picture))
    yield seen
    kit.prepare("cpu", lambda epochs, accuracy, picture: None)


class OnePointAtATime(nn.Module):
    """A perceptron as many students write it: its forward takes (1, D) alone."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[1.0, 2.0, 3.0]]))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tensordot(self.w, x, dims=2)


def points(**more: Tensor) -> Tensors:
    return {"x": torch.randn(5, 3), "y": torch.ones(5, 1), **more}


def one_hot_examples() -> Tensors:
    labels = torch.eye(2).repeat(3, 1)
    x = torch.randn(6, 3)
    return {"x": x, "y": labels, "validation_x": x.clone(), "validation_y": labels}


def test_a_model_for_one_point_at_a_time_can_be_watched(pictures: list[Tensors]) -> None:
    dataset = kit.training_set(points(watch=torch.eye(3)), OnePointAtATime())
    next(iter(DataLoader(dataset, batch_size=1)))
    assert pictures[0]["scores"].tolist() == [[1.0], [2.0], [3.0]]


def test_the_last_picture_shows_the_model_as_training_left_it(pictures: list[Tensors]) -> None:
    model = OnePointAtATime()
    dataset = kit.training_set(points(watch=torch.eye(3)), model)
    list(dataset.batches())
    dataset[0]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(7.0)
    kit.show_the_end()
    assert pictures[-1]["scores"].flatten().tolist() == [7.0, 7.0, 7.0]


def test_a_model_that_cannot_be_watched_is_trained_all_the_same(pictures: list[Tensors]) -> None:
    dataset = kit.training_set(points(watch=torch.eye(4)), OnePointAtATime())
    assert len(list(DataLoader(dataset, batch_size=1))) == 5
    assert pictures[0] == {}


def test_measuring_the_accuracy_is_no_read_of_validation_examples() -> None:
    dataset = kit.training_set(one_hot_examples(), nn.Linear(3, 2))
    dataset.get_validation_accuracy()
    list(DataLoader(dataset, batch_size=2))
    assert kit.validation_reads(dataset) == 0


def test_a_loader_over_the_validation_examples_is_noticed() -> None:
    dataset = kit.training_set(one_hot_examples(), nn.Linear(3, 2))
    assert dataset._validation is not None
    list(DataLoader(dataset._validation, batch_size=2))
    assert kit.validation_reads(dataset) > 0


@pytest.mark.parametrize("part", ["x", "y"])
def test_reading_the_validation_arrays_is_noticed(part: str) -> None:
    dataset = kit.training_set(one_hot_examples(), nn.Linear(3, 2))
    assert len(getattr(dataset._validation, part)) == 6
    assert kit.validation_reads(dataset) == 1


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param(1, 1.0, id="int"),
        pytest.param(-1.0, -1.0, id="float"),
        pytest.param(True, 1.0, id="bool"),
        pytest.param(torch.tensor([[2.0]]), 2.0, id="tensor"),
    ],
)
def test_numbers_of_any_kind_are_passed_on(value: object, number: float) -> None:
    assert kit.number_of(value, "f") == number


@pytest.mark.parametrize(
    "value", [pytest.param(None, id="none"), pytest.param(torch.ones(2), id="two-numbers")]
)
def test_what_is_not_one_number_is_said_to_be_so(value: object) -> None:
    with pytest.raises(WrongType, match="should return one number"):
        kit.number_of(value, "f")


def test_a_gradient_that_does_not_arrive_is_zero() -> None:
    reached, missed = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    gradients = kit.gradients_of((reached * 3).sum(), reached, missed)
    assert [gradient.tolist() for gradient in gradients] == [[3.0, 3.0], [0.0, 0.0, 0.0]]
    assert kit.gradients_of(torch.ones(()), reached)[0].tolist() == [0.0, 0.0]
