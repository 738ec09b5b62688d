"""The pass marks of checks that train, calibrated for each edition of their data.

``benchmarks/calibrate.py`` trains the reference over many seeds and writes ``pass_marks.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("pass_marks.json")


@dataclass(frozen=True)
class PassMark:
    """What a trained model must reach on one edition.

    Attributes:
        mark: the accuracy (or, for q2, the loss) that passes.
        reference: the reference solution's mean.
        spread: the standard deviation over its seeds.
        seeds: how many were trained.
        false_fail_rate: estimated share of runs in which the reference would fail.
        date: of the calibration.
    """

    mark: float
    reference: float
    spread: float
    seeds: int
    false_fail_rate: float
    date: str


@cache
def _table() -> dict[str, dict[str, PassMark]]:
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        check: {edition: PassMark(**row) for edition, row in editions.items()}
        for check, editions in rows.items()
    }


def pass_mark(check: str, edition: str) -> PassMark:
    """The calibrated mark of a check on an edition of its data.

    Raises:
        LookupError: if the pair was never calibrated; the message says how to do it.
    """
    try:
        return _table()[check][edition]
    except KeyError:
        raise LookupError(
            f"{check} has no pass mark for the data edition {edition!r}; "
            f"run python benchmarks/calibrate.py {check} on it"
        ) from None
