"""Files of translations that are not what they should be; the translator itself is right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.mutants import Mutant
from tests.mutants.q11 import MODEL

FILE = "outputs/test_outputs.txt"


@dataclass(frozen=True)
class Written(Mutant):
    """A submission with a file of translations.

    Attributes:
        lines: of the file.
    """

    lines: tuple[str, ...] = ()

    def build(self, folder: Path) -> Path:
        """Write the submission and the file."""
        file = super().build(folder) / FILE
        file.parent.mkdir()
        file.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")
        return folder


MUTANTS = [
    Written(
        "translations of other sentences",
        MODEL,
        (),
        ("q11.bleu",),
        "translations of other sentences",
        lines=("what is missing", "are all the others"),
    ),
    Written(
        "the mark of the end is written",
        MODEL,
        (),
        ("q11.bleu",),
        "the marks of a sentence are in the text",
        lines=("the house is small . </s>", "so is the garden . </s>"),
    ),
]
