"""Whatever a check draws can be sent to a worker: chance must not cause a grader fault."""

from __future__ import annotations

import io

import pytest

from grading.claims import Claim
from grading.draw import Draw
from grading.frames import Frame, unshared, write_frame
from grading.questions import questions

QUICK = [check for question in questions() for check in question.checks if not check.trains]


@pytest.mark.parametrize("claim", [pytest.param(claim, id=claim.id) for claim in QUICK])
def test_what_a_check_asks_can_be_sent_at_every_seed(claim: Claim) -> None:
    for seed in range(60):
        asked = claim.kind().ask(Draw(seed))
        write_frame(io.BytesIO(), Frame("asked", {}, unshared(asked)))
