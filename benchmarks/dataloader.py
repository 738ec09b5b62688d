"""How fast a student's plain `DataLoader` reads our examples, against the usual way.

Both sides run `DataLoader(dataset, batch_size=64, shuffle=True)` once over the same 60,000 random
digits of 784 pixels. The usual dataset turns one NumPy row into a tensor for each item, and the
loader stacks them. Rounds take turns, so that a busy machine slows both; the median ratio counts.

Run: python benchmarks/dataloader.py [--quick]
Prints the seconds of every round and the median ratio; exits with 1 if it is below 4.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from data import TrainingExamples

COUNT, PIXELS, CLASSES, BATCH = 60_000, 784, 10, 64
ROUNDS = 7
WANTED = 4.0


class UsualExamples(Dataset[dict[str, Tensor]]):
    """The baseline: one NumPy row turned into a tensor for each item."""

    def __init__(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"x": torch.tensor(self.x[index]), "label": torch.tensor(self.y[index])}


def seconds_for_one_pass(dataset: Dataset[dict[str, Tensor]], count: int) -> float:
    """Time one pass and see to it that every example came."""
    start = time.perf_counter()
    seen = sum(len(batch["x"]) for batch in DataLoader(dataset, batch_size=BATCH, shuffle=True))
    elapsed = time.perf_counter() - start
    if seen != count:
        raise RuntimeError(f"the loader gave {seen} examples; expected {count}")
    return elapsed


def main() -> int:
    """Measure, print and judge."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    torch.set_num_threads(1)
    count = COUNT // 20 if "--quick" in sys.argv[1:] else COUNT
    draw = np.random.default_rng(0)
    x = draw.random((count, PIXELS), dtype=np.float32)
    y = np.eye(CLASSES, dtype=np.float32)[draw.integers(CLASSES, size=count)]
    ours, usual = (
        TrainingExamples(x, y, observer=lambda epochs, accuracy: None),
        UsualExamples(x, y),
    )
    for dataset in (ours, usual):
        seconds_for_one_pass(dataset, count)  # what is only slow the first time
    ratios = []
    for at in range(1, ROUNDS + 1):
        slow, fast = (seconds_for_one_pass(dataset, count) for dataset in (usual, ours))
        ratios.append(slow / fast)
        print(
            f"round {at}: item by item {slow:.3f} s, by the slice {fast:.3f} s, {ratios[-1]:.1f}x"
        )
    ratio = statistics.median(ratios)
    print(f"median ratio over {count:,} digits: {ratio:.1f} (wanted: at least {WANTED:g})")
    return 0 if ratio >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
