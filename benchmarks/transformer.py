"""How fast does the transformer train, next to the plain way of writing it?

Both train the same network on the same text: ours with `models.BigramLanguageModel`, `train.fit`
and the fused AdamW, as the course's command does; the other with a loop over the heads
(`plain_transformer.py`). Rounds take turns, so that a busy machine slows both; the median ratio
counts. `ceiling` is the ratio that would be reached if nothing but the matrix products that both
need took any time: beyond it, only another number format or another processor helps.

Run: python benchmarks/transformer.py [--quick] [--compile] [--cuda]

On the CPU, with one thread, in seconds of processor time: the course's default sizes first, then
others; exits with 1 if ours is not 3 times as fast at the default sizes. With --cuda: the default
sizes and a model that fills a GPU, in bf16 and with torch.compile, with the fraction of the
device's peak that it reaches. --compile tries torch.compile on the CPU as well.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when torch is imported
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from hardware import clock_of, operations_per_token, share_of_peak
from plain_transformer import PlainTransformer, copy_weights, plain_batch
from torch import Tensor, nn, optim

from courses.mlp_from_scratch.transformer_training import Settings
from data.text import Text
from models import BigramLanguageModel
from train import FitOptions, fit

ROUNDS = 7
WANTED = 3.0
CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \n!$&',-.3:;?"  # 65 of them


@dataclass(frozen=True)
class Sizes:
    """The sizes of a training; the defaults are the course's."""

    block_size: int = Settings.block_size
    n_embd: int = Settings.n_embd
    n_head: int = Settings.n_head
    n_layer: int = Settings.n_layer
    batch_size: int = Settings.batch_size

    @property
    def model(self) -> tuple[int, int, int, int, int]:
        """What both models are built from."""
        return len(CHARACTERS), self.block_size, self.n_embd, self.n_head, self.n_layer

    @property
    def tokens(self) -> int:
        """Tokens in a batch."""
        return self.block_size * self.batch_size


DEFAULT = Sizes()
OTHERS = (
    *(replace(DEFAULT, block_size=size) for size in (2, 16, 64)),
    *(replace(DEFAULT, n_head=count) for count in (2, 8)),
    *(replace(DEFAULT, batch_size=size) for size in (1, 4)),
    replace(DEFAULT, n_embd=32, n_head=8, batch_size=4),
    replace(DEFAULT, n_embd=128, n_head=8, block_size=64),
)
LARGE = Sizes(block_size=1024, n_embd=1024, n_head=16, n_layer=12, batch_size=32)


class Ours:
    """The course's way; on a GPU in bf16, and compiled if asked."""

    def __init__(self, sizes: Sizes, text: Text, device: torch.device, *, compiled: bool) -> None:
        self.sizes, self.text, self.device = sizes, text, device
        self.clock = clock_of(device)
        self.model: nn.Module = BigramLanguageModel(*sizes.model).to(device)
        self.forward = torch.compile(self.model) if compiled else self.model
        self.optimizer = optim.AdamW(self.model.parameters(), lr=1e-3, fused=True)

    def seconds(self, iterations: int) -> float:
        """Train, and return how long it took."""
        begun = self.clock()
        # It ends with reading the loss, for which a GPU has to finish first.
        fit(
            self.model,
            self._batches(iterations),
            self._loss,
            self.optimizer,
            FitOptions(epochs=1),
        )
        return self.clock() - begun

    def _batches(self, iterations: int) -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(iterations):
            yield self.text.windows(self.sizes.block_size, self.sizes.batch_size)

    def _loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        with bf16(self.device):
            return self.forward(*batch)[1]


class Plain:
    """The plain way; on a GPU in bf16 as well."""

    def __init__(self, sizes: Sizes, text: Text, device: torch.device) -> None:
        self.sizes, self.text, self.device = sizes, text.tokens, device
        self.clock = clock_of(device)
        self.model = PlainTransformer(*sizes.model).to(device)
        self.optimizer = optim.AdamW(self.model.parameters(), lr=1e-3)

    def seconds(self, iterations: int) -> float:
        """Train, and return how long it took."""
        begun = self.clock()
        for _ in range(iterations):
            x, y = plain_batch(self.text, self.sizes.block_size, self.sizes.batch_size)
            with bf16(self.device):
                loss = self.model(x.to(self.device), y.to(self.device))[1]
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        loss.item()  # a GPU has to finish first
        return self.clock() - begun


class Products:
    """The matrix products of the linear layers alone, which no way of writing can avoid.

    It multiplies as the faster side does: queries, keys and values of all heads at once.
    """

    def __init__(self, sizes: Sizes, device: torch.device) -> None:
        width, dtype = sizes.n_embd, torch.bfloat16 if device.type == "cuda" else torch.float32
        layers = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)]
        shapes = layers * sizes.n_layer + [(width, len(CHARACTERS))]
        self.device, self.clock = device, clock_of(device)
        self.factors = [
            [
                torch.randn(shape, device=device, dtype=dtype)
                for shape in ((sizes.tokens, fan_in), (fan_in, fan_out), (sizes.tokens, fan_out))
            ]
            for fan_in, fan_out in shapes
        ]

    def seconds(self, iterations: int) -> float:
        """Multiply, and return how long it took."""
        begun = self.clock()
        for _ in range(iterations):
            for x, weight, gradient in self.factors:
                # Forward, the gradient of the weights, the gradient of the input.
                for left, right in ((x, weight), (x.T, gradient), (gradient, weight.T)):
                    torch.mm(left, right)
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return self.clock() - begun


def bf16(device: torch.device) -> torch.autocast:
    """Matrix products in bf16 on a GPU, and everything in float32 on a CPU."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def expect_the_same(ours: Ours, plain: Plain) -> None:
    """Both must compute the same before their times can be compared."""
    copy_weights(ours.model, plain.model)
    x, y = ours.text.windows(ours.sizes.block_size, 2)
    x, y = x.to(ours.device), y.to(ours.device)
    with torch.no_grad():
        torch.testing.assert_close(ours.model(x, y)[1], plain.model(x, y)[1], rtol=1e-4, atol=1e-4)


def compare(
    sizes: Sizes, text: Text, device: torch.device, rounds: int, *, compiled: bool
) -> tuple[float, float]:
    """Measure one line of the table, print it, and return the ratio and our tokens per second."""
    ours = Ours(sizes, text, device, compiled=compiled)
    plain = Plain(sizes, text, device)
    expect_the_same(ours, plain)
    contestants = [plain, ours, Products(sizes, device)]
    for contestant in contestants:
        contestant.seconds(3)  # what is only slow the first time
    iterations = max(2, min(50, int(0.6 / plain.seconds(2))))
    times = [[it.seconds(iterations) for it in contestants] for _ in range(rounds)]
    ratio = statistics.median(slow / fast for slow, fast, _ in times)
    ceiling = statistics.median(slow / least for slow, _, least in times)
    speeds = [
        sizes.tokens * iterations / statistics.median(column) for column in zip(*times, strict=True)
    ]
    print(
        f"{sizes.block_size:>6} {sizes.n_embd:>6} {sizes.n_head:>6} {sizes.n_layer:>6} "
        f"{sizes.batch_size:>6} {speeds[0]:>11,.0f} {speeds[1]:>11,.0f} {ratio:>6.2f} "
        f"{ceiling:>8.2f}",
        flush=True,
    )
    return ratio, speeds[1]


def report_peak(tokens_per_second: float) -> None:
    """Print the fraction of the GPU's peak that the large model reaches."""
    width, layers, name = LARGE.n_embd, LARGE.n_layer, torch.cuda.get_device_name()
    weights = layers * 12 * width**2 + width * len(CHARACTERS)
    operations = operations_per_token(weights, layers * width, LARGE.block_size)
    print(f"{name}: {share_of_peak(tokens_per_second * operations, name)}, computed in bf16")


def main() -> int:
    """Measure, print tokens per second and ratios, and judge."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    cuda, quick = "--cuda" in sys.argv[1:], "--quick" in sys.argv[1:]
    if cuda and not torch.cuda.is_available():
        print("PyTorch finds no GPU here; leave --cuda out", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    torch.manual_seed(0)
    device = torch.device("cuda" if cuda else "cpu")
    places = torch.randint(len(CHARACTERS), (200_000,)).tolist()
    text = Text("".join(CHARACTERS[place] for place in places), CHARACTERS)
    rounds = 2 if quick else ROUNDS
    print(" block  width  heads layers  batch     plain/s      ours/s  ratio  ceiling")
    compiled = cuda or "--compile" in sys.argv[1:]
    ratio, _ = compare(DEFAULT, text, device, rounds, compiled=compiled)
    for sizes in () if quick else (LARGE,) if cuda else OTHERS:
        speed = compare(sizes, text, device, rounds, compiled=compiled)[1]
    if cuda and not quick:
        report_peak(speed)
    print(f"at the course's sizes: {ratio:.2f} times as fast (wanted: at least {WANTED:g})")
    return 0 if ratio >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
