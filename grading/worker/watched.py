"""Validation examples that notice when somebody reads them one by one, as training does.

`get_validation_accuracy` reads them too, but from within `data`; any other reader is counted. This
is a deterrent and an aid for honest mistakes: whoever wants to can read around it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from data.examples import EVALUATION_BATCH, Examples, Row, Rows
from data.words import Words


class Watched(Examples):
    """Examples that count the reads from outside of `data`."""

    reads = 0

    def _note(self) -> None:
        reader = sys._getframe(2).f_globals.get("__name__", "")
        self.reads += not str(reader).startswith("data.")

    @property
    def x(self) -> NDArray[np.float32]:
        """The inputs."""
        self._note()
        return self._inputs.numpy()

    @x.setter
    def x(self, _: NDArray[np.float32]) -> None:
        """Kept as a tensor already."""

    @property
    def y(self) -> NDArray[np.float32]:
        """The labels."""
        self._note()
        return self._labels.numpy()

    @y.setter
    def y(self, _: NDArray[np.float32]) -> None:
        """Kept as a tensor already."""

    def __getitem__(self, index: Any) -> Row:
        self._note()
        return super().__getitem__(index)

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        self._note()
        return super().__getitems__(indices)

    def batches(self, batch_size: int = EVALUATION_BATCH) -> Iterator[tuple[Tensor, Tensor]]:
        """Every example once."""
        self._note()
        return super().batches(batch_size)


class WatchedWords(Watched, Words):
    """Words that count the reads from outside of `data`."""
