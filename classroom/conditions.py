"""What every unit of a run shares, and what a worker is told of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from classroom.units import Unit, grader_version


@dataclass(frozen=True)
class Conditions:
    """What every unit of a run shares.

    Attributes:
        seed: of the class: everybody faces the same draws, and ``--seed`` replays them.
        patience: multiplies time limits.
        isolation: the level of isolation that is wanted, or None.
        required: the lowest level that will do, or None.
        supplies: the digest of the data that workers must have been given, or "".
    """

    seed: int
    patience: float = 1.0
    isolation: str | None = None
    required: str | None = None
    supplies: str = ""

    def order(self, unit: Unit) -> str:
        """What a worker is told, apart from the submission."""
        return json.dumps(
            {
                "asked": unit.task.asked,
                "seed": self.seed,
                "patience": self.patience,
                "isolation": self.isolation,
                "required": self.required,
                "supplies": self.supplies,
                "grader": grader_version(),
            }
        )
