"""What checks in NumPy rely on: arrays and tensors of each other, spies, numbers in print."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import torch

from grading.worker.numpy_kit import (
    MOST_NUMBERS,
    Spy,
    array_of,
    entry_of,
    numbers_in,
    printed,
    tensor_of,
)
from grading.worker.trouble import WrongType


@pytest.mark.parametrize(
    ("tensor", "dtype"),
    [
        pytest.param(torch.ones(2, 3), np.float64, id="float32"),
        pytest.param(torch.ones(2, 3, dtype=torch.float64), np.float64, id="float64"),
        pytest.param(torch.ones(2, dtype=torch.int32), np.int64, id="int32"),
        pytest.param(torch.ones(2, requires_grad=True), np.float64, id="with-gradient"),
    ],
)
def test_a_tensor_becomes_an_array_of_64_bits(tensor: torch.Tensor, dtype: type) -> None:
    array = array_of(tensor)
    assert (type(array), array.dtype, array.shape) == (np.ndarray, dtype, tuple(tensor.shape))


def test_an_array_is_a_copy_so_that_what_was_asked_stays() -> None:
    tensor = torch.ones(2, dtype=torch.float64)
    array_of(tensor)[0] = 7.0
    assert tensor.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.array([[1.0, 2.0]]), id="float64"),
        pytest.param(np.array([[1.0, 2.0]], dtype=np.float32), id="float32"),
        pytest.param(np.array([[1, 2]]), id="int64"),
        pytest.param(np.array([[1, 2]], dtype=np.uint8), id="uint8"),
        pytest.param(np.array([[2.0, 1.0]])[:, ::-1], id="negative-strides"),
        pytest.param(np.broadcast_to(np.array([1.0, 2.0]), (1, 2)), id="read-only"),
    ],
)
def test_an_array_of_numbers_becomes_a_float64_tensor(array: Any) -> None:
    tensor = tensor_of(array, "the output")
    assert tensor.dtype == torch.float64
    assert tensor.tolist() == [[1.0, 2.0]]


def test_a_tensor_does_not_follow_its_array() -> None:
    array = np.ones(2)
    tensor = tensor_of(array, "the output")
    array[0] = 7.0
    assert tensor.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(None, "relu.forward is None", id="none"),
        pytest.param([1.0], "relu.forward is list", id="list"),
        pytest.param(torch.ones(2), "relu.forward is Tensor", id="tensor"),
        pytest.param(np.array([None]), "an array of object", id="objects"),
        pytest.param(np.array(["a"]), "an array of <U1", id="text"),
        pytest.param(np.array([1j]), "an array of complex128", id="complex"),
    ],
)
def test_anything_but_an_array_of_numbers_is_told(value: Any, said: str) -> None:
    with pytest.raises(WrongType, match="it should be a NumPy array of numbers") as told:
        tensor_of(value, "relu.forward")
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        pytest.param(None, "gradient is None; it should be a dict", id="none"),
        pytest.param({"b": np.ones(1)}, "gradient has no entry 'W'", id="missing"),
        pytest.param({"W": None}, "gradient['W'] is None", id="empty"),
    ],
)
def test_an_entry_that_is_not_there_is_told(mapping: Any, said: str) -> None:
    with pytest.raises(WrongType) as told:
        entry_of(mapping, "W", "gradient")
    assert said in str(told.value)


def test_an_entry_becomes_a_tensor() -> None:
    assert entry_of({"W": np.ones((2, 3))}, "W", "gradient").shape == (2, 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("0.125", [(0.125, 0.0005, 3)], id="decimals"),
        pytest.param("from backprop:-3.50,", [(-3.5, 0.005, 3)], id="sign-and-comma"),
        pytest.param("[1.5e-05]", [(1.5e-05, 0.05e-05, 2)], id="power-in-brackets"),
        pytest.param("2e+3", [(2000.0, 500.0, 1)], id="power-without-point"),
        pytest.param("np.float64(0.0020)", [(0.002, 0.00005, 2)], id="numpy-repr"),
        pytest.param("[0.25 -1.5 ]", [(0.25, 0.005, 2), (-1.5, 0.05, 2)], id="an-array"),
        pytest.param("L1.W[0, 0] on 50 examples", [], id="names-and-counts"),
        pytest.param("nan inf", [], id="no-numbers"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_numbers_in_print_come_with_their_last_digit(
    text: str, found: list[tuple[float, float, int]]
) -> None:
    rows = numbers_in(text)
    assert rows.shape == (len(found), 3)
    torch.testing.assert_close(rows, torch.tensor(found, dtype=torch.float64).reshape(-1, 3))


def test_the_numbers_of_a_flood_of_prints_are_not_endless() -> None:
    assert len(numbers_in("1.5 " * 100_000)) == MOST_NUMBERS


def test_what_is_printed_is_collected_and_shown_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with printed() as text:
        sys.stdout.write("0.5\n")
    assert text.getvalue() == "0.5\n"
    assert capsys.readouterr().out == "0.5\n"


def test_what_was_printed_before_an_error_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def write_and_stop() -> None:
        with printed():
            sys.stdout.write("0.5\n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_stop()
    assert capsys.readouterr().out == "0.5\n"


def test_a_spy_hands_itself_and_what_it_was_given_on() -> None:
    calls: list[Any] = []
    spy = Spy(lambda *given: calls.append(given), lambda *given: calls.append(given))
    spy.forward(1)
    spy.forward(1, 2)
    spy.backward(1, 2)
    spy.backward(X=1, grad=2)
    spy.backward(1, Y=2)
    assert calls == [(spy, 1), (spy, 1, 2), (spy, 1, 2), (spy, 1, 2), (spy, 1, 2)]


def test_a_spy_without_parameters_looks_like_a_layer_without_any() -> None:
    spy = Spy(lambda *_: None, lambda *_: None)
    assert not hasattr(spy, "params")
    assert not hasattr(spy, "gradient")


def test_a_spys_gradients_begin_as_zeros_of_its_parameters_shapes() -> None:
    spy = Spy(lambda *_: None, lambda *_: None, {"W": np.ones((2, 3)), "b": np.ones((1, 3))})
    assert {name: values.shape for name, values in spy.gradient.items()} == {
        "W": (2, 3),
        "b": (1, 3),
    }
    assert not any(values.any() for values in spy.gradient.values())
