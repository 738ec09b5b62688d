"""The folder of one check: what its worker reads, and where it writes."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import safetensors.torch

from grading.frames import Tensors
from grading.isolation.paths import SHARED_MEMORY
from grading.scratch import empty, remove


class Room:
    """The folder of one check.

    Attributes:
        folder: all of it.
        inputs: what the worker may read.
        own: where the worker may write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inputs = folder / "inputs"
        self.own = folder / "own"

    def open(self) -> None:
        """Make the folders."""
        for folder in (self.inputs, self.own):
            folder.mkdir(parents=True, exist_ok=True)

    def hand_over(self, user: int | None) -> None:
        """Give the worker's folder to the user that it becomes, if it becomes one."""
        if user is not None:
            os.chown(self.own, user, user)

    def keep(self, tensors: Tensors) -> Path:
        """Write inputs to a file that the worker maps.

        Its name cannot be guessed: a link that waited under it would lead our bytes astray.
        """
        path = self.inputs / f"{secrets.token_hex(8)}.safetensors"
        safetensors.torch.save_file(tensors, path)
        path.chmod(0o444)
        return path

    def clear(self, user: int | None) -> None:
        """Remove everything, and what a user of the worker's own has left in shared memory."""
        remove(self.folder)
        if user is not None:
            empty(Path(SHARED_MEMORY), user)
