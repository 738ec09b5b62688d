"""What a worker says about itself, twice or too late, changes no mark."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from grading.claims import Wrong
from grading.compare import Mistake, expect_close
from grading.curve import MOST_POINTS
from grading.results import Status
from tests.grading.conftest import Examine
from tests.grading.test_hostile import one, sabotage

FRAMES = (
    "import json, os, struct, torch, safetensors.torch\n"
    "def send(kind, tensors=None, **values):\n"
    "    header = json.dumps({'kind': kind, **values}).encode()\n"
    "    body = safetensors.torch.save(tensors) if tensors else b''\n"
    "    for fd in range(3, 64):\n"
    "        try:\n"
    "            os.write(fd, struct.pack('!IQ', len(header), len(body)) + header + body)\n"
    "        except OSError:\n"
    "            pass\n"
)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "tolerance",
    [
        pytest.param(1e-6, id="small"),
        pytest.param(math.inf, id="endless"),
        pytest.param(math.nan, id="no-number"),
        pytest.param(torch.tensor([1e-6, math.inf]), id="elementwise"),
    ],
)
@pytest.mark.parametrize(
    "want", [pytest.param([1.0, 1.0], id="finite"), pytest.param([1.0, math.nan], id="no-number")]
)
def test_no_comparison_passes_what_is_not_finite(
    bad: float, tolerance: Tensor | float, want: list[float]
) -> None:
    got, wanted = torch.tensor([1.0, bad]), torch.tensor(want)
    slip = Mistake("slip", torch.tensor([1.0, bad]), "?")
    with pytest.raises(Wrong) as wrong:
        expect_close(got, wanted, tolerance=tolerance, what="x", tried="", hint="", mistakes=[slip])
    assert wrong.value.mistake == ""


@pytest.mark.parametrize(
    "values",
    [
        pytest.param("epochs=float('nan')", id="nan"),
        pytest.param("epochs=float('inf')", id="infinity"),
        pytest.param("epochs=10**300", id="huge"),
        pytest.param("epochs=-1, accuracy=float('nan')", id="negative"),
        pytest.param("epochs=1, accuracy=1e300", id="accuracy"),
        pytest.param("epochs=True, accuracy='all'", id="words"),
    ],
)
def test_nonsense_about_progress_is_not_passed_on(
    values: str, tmp_path: Path, examine: Examine
) -> None:
    result = one(examine, sabotage(tmp_path / "s", top=f"{FRAMES}send('progress', {values})"))
    assert result.status is Status.PASSED


def test_a_told_curve_is_kept_and_earns_nothing(tmp_path: Path, examine: Examine) -> None:
    told = "[send('progress', epochs=n / 10, accuracy=1.0) for n in range(999)]; 1 / 0"
    result = one(examine, sabotage(tmp_path / "s", top=FRAMES + told))
    assert result.status is Status.CRASHED
    assert result.curve[0] == (0.0, 1.0)
    assert result.curve[-1] == (99.8, 1.0)
    assert len(result.curve) <= MOST_POINTS


def test_answers_before_the_question_are_no_answers(tmp_path: Path, examine: Examine) -> None:
    forged = "for _ in range(9): send('answer', {'outputs': torch.zeros(1)})"
    result = one(examine, sabotage(tmp_path / "s", top=FRAMES + forged), "q6.values")
    assert result.status is Status.PASSED


def test_a_claim_to_be_confined_or_ready_changes_nothing(tmp_path: Path, examine: Examine) -> None:
    forged = "send('confined'); send('ready'); send('warm'); send('begin'); 1 / 0"
    result = one(examine, sabotage(tmp_path / "s", top=FRAMES + forged))
    assert result.status is not Status.PASSED
    assert result.status is not Status.GRADER_FAULT
