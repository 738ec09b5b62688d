"""The processes that train one model together, and the device of each.

``torchrun --nproc_per_node=N`` starts N processes that all run the same command. Each works on its
share of every batch; the gradients are added up before the step, so that all of them keep the same
model, and it is the one that a single process would have trained.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed

from courses.commands import choose_device

Item = TypeVar("Item")


@dataclass(frozen=True)
class Processes:
    """Where this process stands among all of them.

    Attributes:
        device: what this process computes on.
        rank: its number; 0 is the one that talks and writes.
        count: how many there are.
    """

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that talks and writes."""
        return self.rank == 0

    def say(self, text: str) -> None:
        """Print, once for all processes."""
        if self.first:
            print(text, flush=True)

    def share(self, batch: Sequence[Item]) -> Sequence[Item]:
        """This process's part of a batch; one with too little for all is everybody's as a whole."""
        return batch[self.rank :: self.count] if len(batch) >= self.count else batch

    def weight(self, batch: Sequence[Item]) -> float:
        """How much a sum over this process's part counts in the sum over all of them."""
        return 1.0 if len(batch) >= self.count else 1 / self.count

    def added_up(self, number: Tensor) -> Tensor:
        """Add up a number, ``() float64``, over all processes."""
        if self.count > 1:
            distributed.all_reduce(number)
        return number


@contextmanager
def join(device: str) -> Iterator[Processes]:
    """Meet the other processes, if torchrun started some.

    Args:
        device: auto, cpu or cuda.

    Raises:
        ValueError: if there is no such device here.
    """
    chosen, count = choose_device(device), int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(chosen)
        return
    if chosen.type == "cuda":
        chosen = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(chosen)
    distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield Processes(chosen, distributed.get_rank(), count)
    finally:
        distributed.destroy_process_group()
