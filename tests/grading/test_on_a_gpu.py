"""With ``--device cuda`` the reference passes, and nothing meets that lies on two devices."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import torch

from grading.claims import Claim
from grading.compare import Answers
from grading.draw import Draw, derive_seed
from grading.frames import Tensors
from grading.interview import ON_CPU
from grading.questions import questions
from grading.shipping import answer_text
from grading.worker import child, kit
from grading.worker.student import Student
from tests.grading.pretended_gpu import NAME, pretended_gpu

ROOT = Path(__file__).resolve().parents[2]
SHORT = [
    pytest.param(claim, id=claim.id)
    for question in questions()
    if question.id not in ON_CPU
    for claim in question.checks
    if not claim.trains and claim.id != "q11.bleu"  # that one reads a file
]


@pytest.mark.filterwarnings("ignore:Using a non-full backward hook")
@pytest.mark.parametrize("claim", SHORT)
def test_the_reference_passes_on_a_gpu(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    check, draw = claim.kind(), Draw(derive_seed(1, "draw", claim.id), None)
    asked = check.ask(draw)
    monkeypatch.setattr(kit, "device", torch.device(NAME))
    step = child._compiled(answer_text(claim), claim.id)
    with pretended_gpu(monkeypatch) as move:
        step_answered = step(None, Student(ROOT), {k: move(v) for k, v in asked.items()})
        assert not inspect.isgenerator(step_answered)
        answered: Tensors = {k: child._plain(v, k) for k, v in step_answered.items()}
    check.mark(asked, Answers(answered))


def test_tensors_on_two_devices_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    with pretended_gpu(monkeypatch) as move:
        there, here = move(torch.ones(3)), torch.ones(3)
        assert ((there + 1) * torch.full((3,), 2.0, device=NAME)).tolist() == [4.0, 4.0, 4.0]
        assert there.sum().cpu().tolist() == 3.0
        with pytest.raises(RuntimeError, match="two devices"):
            there + here


def test_a_layer_learns_there_as_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def learn(device: str) -> list[list[float]]:
        torch.manual_seed(0)
        layer = torch.nn.Linear(3, 2).to(device)
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
        layer(torch.ones(5, 3, device=device)).square().sum().backward()
        optimizer.step()
        weights: list[list[float]] = layer.weight.tolist()
        return weights

    with pretended_gpu(monkeypatch):
        there = learn(NAME)
    assert there == learn("cpu")
