"""Correct perceptrons and mini CNNs never fail, in whatever order they compute; slips always do.

The checks with whole numbers, q9.update and q9.kernel_update, compare exactly; their slips are
drawn here, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from grading.checks._mini_cnn_yardstick import MiniYardstick, windows
from grading.checks._perceptron_runs import SLIPS, Rule, run
from grading.checks.q9_perceptron import GradientOfTwoClasses, LossIsTheLead, UpdateAtAMistake
from grading.checks.q9_perceptron_kernel import SameAsThePrimal, ScoresByCoefficients, ThreeKernels
from grading.checks.q9_small_cnn import RATE, FiltersGradient, LastLayersGradient, OneStep
from grading.claims import Check, Wrong
from grading.draw import Draw

DRAWS = 200  # of about a dozen cases each
SLIP_DRAWS = 300

Tensors = dict[str, Tensor]
Answer = Callable[[Tensors], Tensors]


def put(check: Check, seed: int, answer: Answer, dtype: torch.dtype = torch.float64) -> None:
    asked = check.ask(Draw(seed))
    cast = {
        name: value.to(dtype) if value.is_floating_point() else value
        for name, value in asked.items()
    }
    check.mark(asked, answer(cast))


def predicted(asked: Tensors) -> Tensor:
    a = windows(asked["inputs"]) @ asked["w"][:, :, None]  # (n, 2, 1)
    return (asked["v"][:, None, :] @ a.relu())[:, 0, 0]


def by_sigmoid(asked: Tensors) -> Tensor:
    label = asked["labels"].to(asked["w"].dtype)
    return -label * torch.sigmoid(-label * predicted(asked))


def by_exponentials(asked: Tensors) -> Tensor:
    label = asked["labels"].to(asked["w"].dtype)
    power = torch.exp(label * predicted(asked))
    return -label / (1 + power)


def by_difference(asked: Tensors) -> Tensor:
    # The sigmoid of the prediction, minus 1 where the label is 1.
    return torch.sigmoid(predicted(asked)) - (asked["labels"] == 1).to(asked["w"].dtype)


def v_gradients(asked: Tensors, slope: Callable[[Tensors], Tensor] = by_sigmoid) -> Tensor:
    hidden = (asked["w"][:, None, :] * windows(asked["inputs"])).sum(2).clamp(min=0)
    return slope(asked)[:, None] * hidden


def w_gradients(asked: Tensors, slope: Callable[[Tensors], Tensor] = by_sigmoid) -> Tensor:
    seen = windows(asked["inputs"])
    on = seen @ asked["w"][:, :, None] > 0  # (n, 2, 1)
    return slope(asked)[:, None] * (seen * (on * asked["v"][:, :, None])).sum(1)


def w_gradients_path_by_path(
    asked: Tensors, slope: Callable[[Tensors], Tensor] = by_sigmoid
) -> Tensor:
    x, w, v = asked["inputs"], asked["w"], asked["v"]
    first = slope(asked) * v[:, 0] * (x[:, 0] * w[:, 0] + x[:, 1] * w[:, 1] > 0)
    second = slope(asked) * v[:, 1] * (x[:, 1] * w[:, 0] + x[:, 2] * w[:, 1] > 0)
    return torch.stack([second * x[:, 1] + first * x[:, 0], second * x[:, 2] + first * x[:, 1]], 1)


def stepped(
    asked: Tensors, w: Callable[[Tensors], Tensor], v: Callable[[Tensors], Tensor]
) -> Tensors:
    return {"w": asked["w"] - RATE * w(asked), "v": asked["v"] - RATE * v(asked)}


def alone(asked: Tensors, gradient: Callable[[Tensors], Tensor]) -> Tensors:
    return {"gradients": gradient(asked)}


SLOPES = (by_sigmoid, by_exponentials, by_difference)
PATHS = (w_gradients, w_gradients_path_by_path)
DTYPES = (torch.float32, torch.float64)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_thousands_of_correct_gradients_and_steps_of_the_mini_cnn_all_pass(
    dtype: torch.dtype,
) -> None:
    for seed in range(DRAWS):
        slope, along = SLOPES[seed % 3], PATHS[seed // 3 % 2]

        w, v = partial(along, slope=slope), partial(v_gradients, slope=slope)
        put(FiltersGradient(), seed, partial(alone, gradient=w), dtype)
        put(LastLayersGradient(), seed, partial(alone, gradient=v), dtype)
        put(OneStep(), seed, partial(stepped, w=w, v=v), dtype)


def scores(asked: Tensors) -> Tensor:
    return (asked["weights"] * asked["inputs"][:, None, :]).sum(2)


def losses(asked: Tensors) -> Tensors:
    found, labels = scores(asked), asked["labels"]
    right = functional.one_hot(labels, found.shape[1]).bool()
    return {"losses": (found - found[right][:, None]).masked_fill(right, 0).amax(1).relu()}


def gradients_of_the_lead(asked: Tensors) -> Tensors:
    found, labels = scores(asked), asked["labels"]
    classes = found.shape[1]
    signs = functional.one_hot(found.argmax(1), classes) - functional.one_hot(labels, classes)
    return {"gradients": signs[:, :, None] * asked["inputs"][:, None, :]}


def kernels(asked: Tensors) -> Tensors:
    a, b, offset = asked["a"], asked["b"], asked["offset"]
    products = torch.einsum("nd,md->nm", a, b)
    base, polynomial = products + offset, torch.ones_like(products)
    for _ in range(int(asked["degree"])):
        polynomial = polynomial * base
    # Not the better way, for it cancels, but a usual one.
    squared = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * products
    rbf = torch.exp(-asked["gamma"] * squared.clamp(min=0))
    return {"linear": products, "polynomial": polynomial, "rbf": rbf}


def kernel_scores(asked: Tensors) -> Tensors:
    similar = (asked["inputs"] * asked["x"]).sum(1).add(1).square()
    return {"scores": (asked["coefficients"] * similar).sum(1)}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("check", "answer"),
    [
        pytest.param(LossIsTheLead, losses, id="loss"),
        pytest.param(GradientOfTwoClasses, gradients_of_the_lead, id="gradient"),
        pytest.param(ThreeKernels, kernels, id="kernels"),
        pytest.param(ScoresByCoefficients, kernel_scores, id="kernel-scores"),
    ],
)
def test_thousands_of_correct_perceptron_answers_all_pass(
    check: type[Check], answer: Answer, dtype: torch.dtype
) -> None:
    for seed in range(DRAWS):
        put(check(), seed, answer, dtype)


def filter_slip(change: Callable[[MiniYardstick], Tensor]) -> Answer:
    return lambda asked: {"gradients": change(MiniYardstick(asked))}


def not_cut_off(asked: Tensors) -> Tensors:
    found, labels = scores(asked), asked["labels"]
    others = found.scatter(1, labels[:, None], -torch.inf).amax(1)
    return {"losses": others - found.gather(1, labels[:, None])[:, 0]}


def without_rows(kept: str) -> Answer:
    def answer(asked: Tensors) -> Tensors:
        gradients = gradients_of_the_lead(asked)["gradients"]
        mine = functional.one_hot(asked["labels"], gradients.shape[1]).bool()
        return {"gradients": gradients * (mine if kept == "label" else ~mine)[:, :, None]}

    return answer


@pytest.mark.parametrize(
    ("check", "answer", "name"),
    [
        pytest.param(
            FiltersGradient,
            filter_slip(lambda case: case.w_gradient(on=(case.a >= 0).double())),
            "the ReLU is on at zero",
            id="on-at-zero",
        ),
        pytest.param(
            FiltersGradient,
            filter_slip(MiniYardstick.one_path),
            "the sum over both paths is forgotten",
            id="one-path",
        ),
        pytest.param(
            FiltersGradient,
            filter_slip(lambda case: case.w_gradient(on=case.a**0)),
            "the ReLU's derivative is left out",
            id="no-relu",
        ),
        pytest.param(
            LastLayersGradient,
            filter_slip(lambda case: case.slope[:, None] * case.a),
            "a stands where o should",
            id="a-for-o",
        ),
        pytest.param(LossIsTheLead, not_cut_off, "the loss is not cut off at 0", id="not-cut-off"),
        pytest.param(
            GradientOfTwoClasses,
            without_rows("label"),
            "only the right class has a gradient",
            id="right-class-only",
        ),
        pytest.param(
            GradientOfTwoClasses,
            without_rows("winner"),
            "only the predicted class has a gradient",
            id="predicted-class-only",
        ),
    ],
)
def test_a_slip_is_told_from_rounding_and_named(
    check: type[Check], answer: Answer, name: str
) -> None:
    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put(check(), seed, answer)
        assert told.value.mistake == name


@pytest.mark.parametrize("number", range(3), ids=["wrong-sign", "label-forgotten", "uphill"])
def test_a_slip_of_the_losss_slope_never_passes(number: int) -> None:
    for seed in range(SLIP_DRAWS):
        checks: tuple[Check, ...] = (FiltersGradient(), LastLayersGradient())
        for check, of_filter in zip(checks, (True, False), strict=True):
            asked = check.ask(Draw(seed))
            case = MiniYardstick(asked)
            name, slope, _ = case.slopes()[number]
            got = case.w_gradient(slope=slope) if of_filter else slope[:, None] * case.o
            with pytest.raises(Wrong) as told:
                check.mark(asked, {"gradients": got})
            assert told.value.mistake == name


def test_a_filter_moved_with_the_new_v_never_passes() -> None:
    def late(asked: Tensors) -> Tensors:
        v = asked["v"] - RATE * v_gradients(asked)
        return {"v": v, "w": asked["w"] - RATE * w_gradients({**asked, "v": v})}

    for seed in range(SLIP_DRAWS):
        with pytest.raises(Wrong) as told:
            put(OneStep(), seed, late)
        assert told.value.mistake == "the filter's gradient is taken with the new v"


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=name.replace(" ", "-")) for name, rule, _ in SLIPS]
)
def test_a_slip_in_the_update_never_passes_and_is_named(rule: Rule) -> None:
    for seed in range(SLIP_DRAWS // 10):  # 24 steps each
        for check, features in ((UpdateAtAMistake(), True), (SameAsThePrimal(), False)):
            asked = check.ask(Draw(seed))
            inputs = asked["inputs"]
            products = inputs @ inputs.T if features else (inputs @ inputs.T + 1) ** 2
            course = run(asked, products, rule)
            answered = (
                {"weights": course.coefficients @ inputs}
                if features
                else {"coefficients": course.coefficients, "predicted": course.predicted}
            )
            with pytest.raises(Wrong) as told:
                check.mark(asked, answered)
            (said,) = (other for name, other, _ in SLIPS if name == told.value.mistake)
            if said != rule:  # two ways to decide a tie may come to the same
                assert torch.equal(run(asked, products, said).coefficients, course.coefficients)
