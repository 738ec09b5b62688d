import pytest
import torch

from data import load, points


def test_points_lie_on_two_sides_of_the_line() -> None:
    splits = load("points")
    x, y = splits.train.x, splits.train.y
    assert x.shape == (500, 3)
    assert y.shape == (500, 1)
    assert (x[:, 2] == 1).all()
    assert ((x[:, 0] + 2 * x[:, 1] - 1 >= 0) == (y[:, 0] == 1)).all()
    assert set(y[:, 0].tolist()) == {1.0, -1.0}
    assert splits.validation is None
    assert splits.test is None


def test_points_are_normal_and_the_same_each_time() -> None:
    first, again = load("points").train, load("points").train
    assert (first.x == again.x).all()
    assert abs(first.x[:, :2].mean()) < 0.15
    assert abs(first.x[:, :2].std() - 1) < 0.1


def test_a_caller_s_generator_draws_others() -> None:
    drawn = points.draw(torch.Generator().manual_seed(7), count=11)
    other = points.draw(torch.Generator().manual_seed(8), count=11)
    assert drawn.x.shape == (11, 3)
    assert (drawn.x != other.x).any()


def test_a_point_on_the_line_counts_as_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_the_line(*_: object, generator: torch.Generator) -> torch.Tensor:
        return torch.tensor([[1.0, 0.0], [0.0, 0.5], [0.0, 0.0]])

    monkeypatch.setattr(torch, "randn", on_the_line)
    assert points.draw(torch.Generator(), count=3).y.tolist() == [[1.0], [1.0], [-1.0]]
