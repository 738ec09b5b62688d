"""How fast is q8's NumPy network, next to a plain NumPy one and to PyTorch, and does it leak?

    python benchmarks/mlp.py

An epoch of training on Fashion-MNIST at batch 5, with the training and validation accuracy at its
end, on one thread, in seconds of processor time: a busy machine makes one wait, which says nothing
about the code. Prints the median of the ratios of rounds in which the three take turns. Then it
trains 20 epochs and compares the memory in use after the second and the last. Ends with exit code 1
when a target is missed: at least as fast as the plain NumPy one, at most 3 times as long as
PyTorch, at most 100 kB of growth.
"""

import gc
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # read once, when NumPy and torch are imported
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
import torch
from plain_mlp import DataSplit, PlainMLP
from torch import nn

from courses.mlp_from_scratch.training import Settings, Training
from data.fashion import FashionArrays, homework_arrays

ROUNDS = 11
BATCH, RATE, SEED = 5, 0.01, 42
MEMORY_BATCH, EARLY, LATE = 50, 2, 20
LEAST_SPEEDUP = 1.0
MOST_SLOWDOWN = 3.0
MOST_GROWTH = 100_000  # bytes; the history of accuracies is some of it


class TorchMLP:
    """The same network in PyTorch, float32, as its tutorials write it."""

    def __init__(self, arrays: FashionArrays) -> None:
        torch.manual_seed(SEED)
        order = torch.randperm(len(arrays.train_x))
        self.x = torch.from_numpy(arrays.train_x).float()[order]
        self.y = torch.from_numpy(arrays.train_y)[order]
        self.model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE)
        self.validation = (
            torch.from_numpy(arrays.validation_x).float(),
            torch.from_numpy(arrays.validation_y),
        )

    def epoch(self) -> float:
        """Train once through the images, then measure; returns the validation accuracy."""
        for start in range(0, len(self.x), BATCH):
            x, y = self.x[start : start + BATCH], self.y[start : start + BATCH]
            self.optimizer.zero_grad()
            self.loss(self.model(x), y).backward()
            self.optimizer.step()
        self.accuracy(self.x, self.y)
        return self.accuracy(*self.validation)

    @torch.no_grad()
    def accuracy(self, x: torch.Tensor, y: torch.Tensor) -> float:
        """The share of images that are classified rightly."""
        return float((self.model(x).argmax(dim=1) == y).float().mean())


def seconds(work: Callable[[], object]) -> float:
    """Time one call, in seconds of the processor."""
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(arrays: FashionArrays) -> tuple[float, float]:
    """Let the three take turns; returns the speedup over plain NumPy and the slowdown to torch."""
    ours = Training(arrays, Settings(BATCH, RATE, 200, None, SEED))
    plain = PlainMLP(arrays.train_x, arrays.train_y, SEED)
    validation = DataSplit(arrays.validation_x, arrays.validation_y)
    library = TorchMLP(arrays)

    def plain_epoch() -> tuple[float, float]:
        plain.epoch(BATCH, RATE)
        return plain.accuracy(plain.train), plain.accuracy(validation)

    ours.run_epoch()
    if plain_epoch() != (ours.history.train[-1], ours.history.val[-1]):
        raise RuntimeError("the two NumPy networks disagree after an epoch")
    if abs(library.epoch() - ours.history.val[-1]) > 0.1:  # other weights, another float type
        raise RuntimeError("PyTorch's network learns otherwise after an epoch")
    times: dict[str, list[float]] = {"ours": [], "plain": [], "torch": []}
    turns = [("ours", ours.run_epoch), ("plain", plain_epoch), ("torch", library.epoch)]
    for number in range(ROUNDS):
        for name, work in turns[number % 3 :] + turns[: number % 3]:  # nobody is always first
            times[name].append(seconds(work))
    for name, measured in times.items():
        print(f"{name:>6}: {statistics.median(measured):.3f} s an epoch, median of {ROUNDS}")
    pairs = zip(times["ours"], times["plain"], times["torch"], strict=True)
    ratios = [(plain / ours, ours / torch) for ours, plain, torch in pairs]
    speedups, slowdowns = zip(*ratios, strict=True)
    return statistics.median(speedups), statistics.median(slowdowns)


def growth(arrays: FashionArrays) -> tuple[int, int]:
    """Bytes that Python and NumPy hold, and that the process has, more after the last epoch."""
    process, marks = psutil.Process(), []
    tracemalloc.start()
    training = Training(arrays, Settings(MEMORY_BATCH, RATE, LATE, None, SEED))
    for epoch in range(1, LATE + 1):
        training.run_epoch()
        if epoch in (EARLY, LATE):
            gc.collect()
            marks.append((tracemalloc.get_traced_memory()[0], process.memory_info().rss))
    tracemalloc.stop()
    (traced, resident), (traced_late, resident_late) = marks
    return traced_late - traced, resident_late - resident


def main() -> int:
    """Measure, print the ratios and the growth, and return the exit code."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    torch.set_num_threads(1)
    arrays = homework_arrays()
    speedup, slowdown = compare(arrays)
    print(f"q8's network is {speedup:.2f} times as fast as plain NumPy (target: 1 or more)")
    print(f"q8's network takes {slowdown:.2f} times as long as PyTorch (target: 3 or less)")
    held, resident = growth(arrays)
    print(
        f"from epoch {EARLY} to {LATE} its memory grows by {held:,} bytes, the process's by "
        f"{resident:,} (target: at most {MOST_GROWTH:,} bytes held)"
    )
    fast = speedup >= LEAST_SPEEDUP and slowdown <= MOST_SLOWDOWN
    return 0 if fast and held <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
