"""Feedback names the first intermediate value that is wrong, and never one that is right."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from grading.checks._attention_yardstick import AttentionYardstick, drawn_weights
from grading.draw import Draw
from grading.frames import Tensors
from grading.stepwise import first_to_differ
from tests.grading.checks.test_q6_tolerance import CORRECT, run
from tests.grading.conftest import Examine
from tests.mutants import all_mutants

DRAWS = 1000


@pytest.mark.parametrize(
    ("mutant", "check", "told"),
    [
        pytest.param(
            "not scaled", "q6.values", "\nthe attention weights are off; the q", id="scores"
        ),
        pytest.param("softmax over the queries", "q6.values", "position 1 sum to", id="sum"),
        pytest.param("the mask after the softmax", "q6.causal", "position 0 sum to", id="late"),
        pytest.param("no mask", "q6.causal", "position 0 gives position 1 a weight of", id="mask"),
        pytest.param(
            "no ReLU", "q7.block", "\nthe input of the second norm is off; the", id="block"
        ),
        pytest.param("the first residual is missing", "q7.block", "the first norm", id="residual"),
    ],
)
def test_a_mutants_first_wrong_value_is_named(
    mutant: str, check: str, told: str, tmp_path: Path, examine: Examine
) -> None:
    (wrong,) = (one for one in all_mutants() if one.name == mutant and check in one.fails)
    (result,) = examine(wrong.build(tmp_path / "hw"), check).checks
    assert told in result.feedback.got, result.feedback
    assert len(result.feedback.got.split("\n")) == 2
    assert max(map(len, result.feedback.got.split("\n"))) <= 160


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param("a running sum instead of attention", id="layers-unused"),
        pytest.param("the input comes back as it is", id="identity"),
    ],
)
def test_nothing_is_said_of_what_was_not_seen(
    mutant: str, tmp_path: Path, examine: Examine
) -> None:
    (wrong,) = (one for one in all_mutants() if one.name == mutant)
    (result,) = examine(wrong.build(tmp_path / "hw"), "q6.values").checks
    assert not any(word in result.feedback.got for word in (" off", "came out right"))


def seen_of(asked: Tensors, mix: int) -> Tensors:
    """What hooks would have seen of a correct block, in float32."""
    inputs = asked["inputs"]
    batch, steps, features = inputs.shape
    seen = {
        f"{layer}.out": inputs @ asked[f"{layer}.weight"].T + asked[f"{layer}.bias"]
        for layer in ("q_layer", "k_layer", "v_layer")
    }
    plain = {**asked, "v_layer.weight": torch.zeros(features, features)}
    columns = []
    for step in range(steps):  # one value at a time is 1, the others are 0
        projected = run(
            lambda q, k, v, at=step: CORRECT[mix](
                q, k, torch.eye(steps)[at].expand(batch, 1, -1).mT
            ),
            plain,
            inputs,
        )
        columns.append(projected)
    return {**seen, "weights": torch.cat(columns, -1)}


@pytest.mark.parametrize("rows", [pytest.param(-1, id="last"), pytest.param(0, id="all")])
def test_right_values_are_never_blamed(rows: int) -> None:
    for seed in range(DRAWS):
        draw = Draw(seed)
        batch, steps, features = draw.sizes(3, high=11)
        asked = {
            "inputs": draw.normal(batch, steps, features),
            **drawn_weights(draw, features),
        }
        seen = seen_of(asked, seed % len(CORRECT))
        found = first_to_differ(AttentionYardstick(asked).steps(seen, slice(rows, None)))
        assert found.endswith("came out right, but not what follows"), (seed, found)
