"""What the conceptual answers say is what the code computes."""

from __future__ import annotations

from pathlib import Path

import torch

from models import (
    TapeModule,
    TapeMultiply,
    TapeValue,
    convolve_loops,
    output_size,
    parameter_count,
    tape_bwd,
    toeplitz_matrix,
)

TEXT = " ".join(
    (Path(__file__).resolve().parents[2] / "courses/recurrent_lm/WRITTEN.md")
    .read_text(encoding="utf-8")
    .split()
)


def test_the_output_of_the_edge_filter() -> None:
    image = torch.tensor(
        [
            [1, 0, -2, 3, 4, 1],
            [2, 9, 5, 6, 0, -1],
            [0, -3, 1, 3, 4, 4],
            [6, 5, 2, 0, 6, 8],
            [-5, 4, -3, 1, 3, -2],
            [4, 1, 2, 8, 9, 7],
        ]
    )
    kernel = torch.full((3, 3), -1)
    kernel[1, 1] = 8
    window = image[2:5, 1:4]
    around, answer = int(window.sum() - window[1, 1]), int(convolve_loops(image, kernel)[2, 1])
    assert f"{window[1, 1]} in the middle and neighbours that add up to {around}" in TEXT
    assert f"8 · {window[1, 1]} - {around} = {answer}" in TEXT


def test_sizes_and_counts() -> None:
    assert f"that is {output_size(6, 2, 2)}x{output_size(4, 2, 2)}." in TEXT
    shared, places = parameter_count(1, (4, 4)), output_size(22, 4, 2)
    assert f"on one channel has {shared} parameters" in TEXT
    own = parameter_count(1, (4, 4), places=places**2)
    assert f"{places}x{places} places; with a filter of its own at each, {own}." in TEXT
    places, each = output_size(40, 4, 2), parameter_count(3, (4, 4))
    own = parameter_count(3, (4, 4), places=places**2)
    assert f"{places}x{places} places of {each} weights each: {own}." in TEXT


def test_the_matrix_of_a_convolution_is_its_jacobian() -> None:
    kernel, signal = torch.tensor([1.0, 2.0, 3.0]), torch.randn(5)
    matrix = toeplitz_matrix(kernel, 5)
    names = {0.0: "0", 1.0: "w_1", 2.0: "w_2", 3.0: "w_3"}
    rows = [" & ".join(names[entry] for entry in row) for row in matrix.tolist()]
    assert r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}" in TEXT

    def convolve(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv1d(x[None, None], kernel[None, None])[0, 0]

    torch.testing.assert_close(torch.autograd.functional.jacobian(convolve, signal), matrix)


def test_a_queue_finds_another_gradient() -> None:
    found = []
    for backwards in (True, False):
        tape: list[TapeModule] = []
        x = TapeValue(tape, torch.tensor(3.0))
        square = TapeMultiply(tape).apply_fwd([x, x])
        TapeMultiply(tape).apply_fwd([square, x])
        if backwards:
            tape_bwd(tape)
        else:
            tape[-1].out_gradient = torch.ones(())
            for module in tape:
                module.apply_bwd()
        found.append(int(x.out_gradient))
    assert f"the tape finds {found[0]}, a queue finds {found[1]}." in TEXT


def test_sizes_in_attention_are_those_of_the_text() -> None:
    time, heads, keys, values, width = 7, 3, 5, 2, 11
    x = torch.randn(time, width)
    every_head = []
    for _ in range(heads):
        asked, offered = (x @ torch.randn(width, keys) for _ in range(2))
        assert offered.shape == (time, keys)
        weights = torch.softmax(asked @ offered.T, dim=1)
        every_head.append(weights @ (x @ torch.randn(width, values)))
    assert torch.stack(every_head, dim=1).shape == (time, heads, values)
    assert r"one head's keys are $T \times d_k$" in TEXT
    assert r"$T \times H \times d_v$" in TEXT
