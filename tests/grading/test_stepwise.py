from __future__ import annotations

import pytest
import torch

from grading.claims import Wrong
from grading.stepwise import Step, first_to_differ, naming_the_first_step

RIGHT, OFF = torch.ones(2, 3), torch.zeros(2, 3)
SLACK = torch.tensor(1e-6)


def step(name: str, got: torch.Tensor | None) -> Step:
    return Step(name, got, RIGHT.double(), SLACK)


def test_the_first_step_that_differs_is_named_after_those_that_are_right() -> None:
    steps = [step("a", RIGHT), step("b", RIGHT), step("c", OFF), step("d", OFF)]
    assert first_to_differ(steps) == "c is off; a and b came out right"


def test_a_step_that_was_not_seen_is_passed_over_and_never_blamed() -> None:
    assert first_to_differ([step("a", None), step("b", OFF)]) == "b is off"
    assert first_to_differ([step("a", None)]) == ""


def test_what_follows_the_last_step_is_blamed_if_all_of_them_are_right() -> None:
    steps = [step("a", RIGHT), step("b", RIGHT), step("c", RIGHT)]
    assert first_to_differ(steps) == "a, b and c came out right, but not what follows"


@pytest.mark.parametrize(
    "got",
    [
        pytest.param(torch.full((2, 3), torch.nan), id="nan"),
        pytest.param(torch.ones(3, 2), id="shape"),
        pytest.param(torch.ones(0), id="empty"),
    ],
)
def test_a_strange_value_is_simply_wrong(got: torch.Tensor) -> None:
    assert first_to_differ([step("a", got)]) == "a is off"


def test_a_plural_is_off_as_a_plural() -> None:
    assert first_to_differ([step("the keys", OFF)]) == "the keys are off"


def test_a_symptom_is_told_instead_of_the_name() -> None:
    told = Step("a", OFF, RIGHT.double(), SLACK, lambda got: f"a sums to {got.sum():g}")
    assert first_to_differ([told]) == "a sums to 0"


def test_only_a_failure_gets_another_line() -> None:
    with naming_the_first_step(lambda: [step("a", OFF)]):
        pass
    with (
        pytest.raises(Wrong) as caught,
        naming_the_first_step(lambda: [step("a", OFF)]),
    ):
        raise Wrong(tried="t", expected="e", got="g", think="why?")
    assert caught.value.got == "g\na is off"
