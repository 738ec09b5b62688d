"""A correct perceptron never fails, however it adds; a slip is never taken for rounding."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grading.checks.q1_perceptron import ExactUpdates, OneOrMinusOne, ScoreIsTheDotProduct
from grading.claims import Wrong
from grading.draw import Draw
from grading.frames import Tensors

DRAWS = 10_000
SLIP_DRAWS = 200

Scores = Callable[[Tensor, Tensor], Tensor]


def by_rows(w: Tensor, x: Tensor) -> Tensor:
    return (x * w).sum(1)


def by_matrix_product(w: Tensor, x: Tensor) -> Tensor:
    return (x @ w.T)[:, 0]


def by_tensordot(w: Tensor, x: Tensor) -> Tensor:
    return torch.tensordot(w, x, dims=([1], [1]))[0]


def from_the_end(w: Tensor, x: Tensor) -> Tensor:
    score = torch.zeros(len(x))
    for feature in reversed(range(w.shape[1])):
        score = score + w[0, feature] * x[:, feature]
    return score


CORRECT: list[Scores] = [by_rows, by_matrix_product, by_tensordot, from_the_end]


def scored(asked: Tensors, way: Scores) -> Tensors:
    scores = way(asked["weights"], asked["x"])
    return {"shape": torch.tensor([1, 1]), "scores": scores[:, None]}


def predicted(asked: Tensors, way: Scores) -> Tensors:
    scores = way(asked["weights"], asked["x"])
    return {"predictions": torch.where(scores >= 0, 1.0, -1.0).double()}


def trained(case: tuple[Tensor, Tensor, Tensor], rate: float = 1.0, at_zero: float = 1.0) -> Tensor:
    """A perceptron in plain Python, which visits the points in a random order."""
    weights, points, labels = case[0][0].tolist(), case[1].tolist(), case[2][:, 0].tolist()
    order = list(range(len(points)))
    random.shuffle(order)
    for _ in range(100):
        mistakes = 0
        for place in order:
            score = sum(w * x for w, x in zip(weights, points[place], strict=True))
            if (score or at_zero) * labels[place] < 0:
                mistakes += 1
                step = rate * labels[place]
                weights = [w + step * x for w, x in zip(weights, points[place], strict=True)]
        if not mistakes:
            break
    return torch.tensor([weights], dtype=torch.float32)


def cases_of(asked: Tensors, copies: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    return [
        (asked[f"w{n}"], asked[f"x{n}"][:copies], asked[f"y{n}"][:copies])
        for n in range(len(asked) // 3)
    ]


def test_ten_thousand_correct_scores_all_pass() -> None:
    for seed in range(DRAWS):
        check = ScoreIsTheDotProduct()
        asked = check.ask(Draw(seed))
        check.mark(asked, scored(asked, CORRECT[seed % len(CORRECT)]))


def test_ten_thousand_correct_predictions_all_pass() -> None:
    for seed in range(DRAWS):
        check = OneOrMinusOne()
        asked = check.ask(Draw(seed))
        check.mark(asked, predicted(asked, CORRECT[seed % len(CORRECT)]))


@pytest.mark.slow
def test_ten_thousand_correct_trainings_all_pass() -> None:
    for seed in range(DRAWS):
        check = ExactUpdates()
        asked = check.ask(Draw(seed))
        # Copies beyond the tenth are all right already; leaving them out changes nothing.
        cases = enumerate(cases_of(asked, copies=10))
        answered = {f"w{number}": trained(case) for number, case in cases}
        check.mark(asked, answered | {f"first{number}": torch.tensor(1.0) for number in range(6)})


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        pytest.param(lambda w, x: (x * w).mean(1), "the mean of the products", id="mean"),
        pytest.param(lambda w, x: -by_rows(w, x), "the score has the wrong sign", id="sign"),
        pytest.param(lambda w, x: by_rows(w, x) * (1 + 1e-4), "", id="nearly"),
        pytest.param(lambda w, x: torch.zeros(len(x)), "", id="zeros"),
    ],
)
def test_a_slip_in_the_score_is_told_from_rounding(slip: Scores, name: str) -> None:
    for seed in range(SLIP_DRAWS):
        check = ScoreIsTheDotProduct()
        asked = check.ask(Draw(seed))
        with pytest.raises(Wrong) as told:
            check.mark(asked, scored(asked, slip))
        assert told.value.mistake == name


@pytest.mark.parametrize(
    ("rate", "at_zero", "name"),
    [
        pytest.param(0.1, 1.0, "a learning rate other than 1", id="a-tenth"),
        pytest.param(0.5, 1.0, "a learning rate other than 1", id="a-half"),
        pytest.param(0.01, 1.0, "a learning rate other than 1", id="a-hundredth"),
        pytest.param(2.0, 1.0, "a learning rate other than 1", id="two"),
        pytest.param(0.0, 1.0, "never updates", id="zero"),
        pytest.param(1.0, -1.0, "no update on a zero score", id="zero-counts-as-minus-one"),
    ],
)
def test_a_slip_in_the_update_is_named_in_every_draw(
    rate: float, at_zero: float, name: str
) -> None:
    for seed in range(SLIP_DRAWS // 4):
        check = ExactUpdates()
        asked = check.ask(Draw(seed))
        cases = enumerate(cases_of(asked, copies=10))
        answered = {f"w{n}": trained(case, rate=rate, at_zero=at_zero) for n, case in cases}
        with pytest.raises(Wrong) as told:
            check.mark(asked, answered | {f"first{n}": torch.tensor(1.0) for n in range(6)})
        assert told.value.mistake == name


def test_a_loop_that_follows_the_models_own_prediction_at_zero_is_right() -> None:
    for seed in range(SLIP_DRAWS // 4):
        check = ExactUpdates()
        asked = check.ask(Draw(seed))
        cases = enumerate(cases_of(asked, copies=10))
        answered = {f"w{n}": trained(case, at_zero=-1.0) for n, case in cases}
        # -1 is said of every first point here; only where its score is 0 does that count.
        check.mark(asked, answered | {f"first{n}": torch.tensor(-1.0) for n in range(6)})
