"""The worked answers hold no number that is neither computed here nor in a table beside them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import torch

from models import (
    DeeperFashionCNN,
    FashionCNN,
    FashionMLP,
    MiniCNN,
    output_size,
    parameter_count,
)

COURSE = Path(__file__).resolve().parents[3] / "courses/mlp_from_scratch"
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])")
WRITTEN = (COURSE / "WRITTEN.md").read_text(encoding="utf-8")


def numbers(text: str) -> set[str]:
    return {found.rstrip(",") for found in NUMBER.findall(text)}


def tables() -> set[str]:
    """Every number of the README, with the settings that stand below its tables."""
    return numbers((COURSE / "README.md").read_text(encoding="utf-8"))


def computed() -> set[str]:
    """Everything that the text works out, as it writes it."""
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    v = torch.tensor([2.0, -1.0], dtype=torch.float64)
    off = MiniCNN(torch.tensor([1.0, -1.0], dtype=torch.float64), v)
    on = MiniCNN(torch.tensor([1.0, 1.0], dtype=torch.float64), v)
    assert not off.w_gradient(x, 1).any()
    assert not off.v_gradient(x, 1).any()
    forward = on.forward(x)
    places = [output_size(28, 7)]
    places += [places[0] // 2, output_size(places[0] // 2, 2)]
    places += [places[-1] // 2]
    found = [
        f"{off.loss(x, 1):.4f}",
        *(f"{unit:.0f}" for unit in forward.o),
        f"{forward.prediction:.0f}",
        *(f"{abs(g):.4f}" for g in on.v_gradient(x, 1)),
        *(f"{abs(g):.4f}" for g in on.w_gradient(x, 1) if g),
        f"{1 / (1 - 0.9):.0f}",
        f"{math.log(65):.4f}",
        *map(str, places),
        f"{7 * 7}",
        f"{parameter_count(1, (7, 7), 64, bias=True) + 7744 * 10 + 10:,}",
    ]
    assert on.w_gradient(x, 1)[0] == 0
    return set(found)


def test_every_number_is_computed_or_stands_in_a_table() -> None:
    small = {str(number) for number in range(11)}  # indices, exponents, sizes of examples
    layers = {"784", "128", "64", "65", "28", "20"}  # of the networks, the images and the text
    unknown = numbers(WRITTEN) - tables() - computed() - small - layers
    assert not unknown


@pytest.mark.parametrize(
    ("network", "row"),
    [
        pytest.param(FashionMLP, "two-layer MLP", id="mlp"),
        pytest.param(FashionCNN, "two-layer CNN", id="cnn"),
        pytest.param(DeeperFashionCNN, "three-layer CNN", id="deeper"),
    ],
)
def test_the_sums_of_parameters_are_the_networks(network: type[torch.nn.Module], row: str) -> None:
    terms, total = re.search(rf"\| {row} \| ([^|]+) \| ([\d,]+) \|", WRITTEN).groups()  # type: ignore[union-attr]
    worked = sum(eval(term) for term in terms.replace("·", "*").split(","))  # noqa: S307 - ours
    counted = sum(parameter.numel() for parameter in network().parameters())
    assert f"{worked:,}" == f"{counted:,}" == total


def test_the_early_stopping_claims_hold_in_the_table() -> None:
    text = (COURSE / "README.md").read_text(encoding="utf-8")
    rows = {
        cells[0]: cells[1:]
        for cells in re.findall(
            r"^\| ([a-z][^|]+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE
        )
    }
    stopped, last = rows["stopped by patience 3"], rows["last"]
    assert float(last[1]) - float(stopped[1]) > 5 * (float(last[3]) - float(stopped[3]))
    assert rows["kept by patience 3"][0] == "13"
    assert float(rows["best validation accuracy of all"][2]) > float(rows["kept by patience 3"][2])
