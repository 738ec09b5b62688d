"""What the benchmarks of trainings need to know about a device: its clock and its peak."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import DeviceType
from torch.optim import Optimizer
from torch.profiler import ProfilerActivity, profile

# Parts of the names of what multiplies matrices, on the CPU and on a GPU.
PRODUCTS = ("mm", "gemm", "nvjet", "cutlass")
# Dense bf16 operations a second, as the makers' data sheets give them, by a part of the name that
# CUDA reports. The first name that fits counts.
PEAKS = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10": 125e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
}


def clock_of(device: torch.device) -> Callable[[], float]:
    """What measures seconds: one thread's own time does not count what others do meanwhile."""
    return time.process_time if device.type == "cpu" else time.perf_counter


def operations_per_token(weights: int, attended: int, length: int) -> float:
    """Arithmetic operations of training on one token, forward and backward.

    Counted as A. Chowdhery et al., "PaLM" (2022), appendix B, do: 6 for every weight in a matrix
    product and 12 for every channel and position of attention, the masked half included.

    Args:
        weights: how many weights take part in matrix products.
        attended: the channels of attention, in all layers together.
        length: the tokens in a sequence.
    """
    return 6 * weights + 12 * attended * length


def share_of_peak(operations_per_second: float, name: str) -> str:
    """Describe what fraction of the named device's bf16 peak a speed is."""
    peak = next((it for part, it in PEAKS.items() if part in name), None)
    share = f"{operations_per_second / peak:.1%} of its bf16 peak" if peak else "peak not known"
    return f"{operations_per_second / 1e12:.2f} TFLOP/s, {share}"


def recorded(step: Callable[[], Tensor], optimizer: Optimizer) -> Callable[[], Tensor]:
    """Record a training step as a CUDA graph: to start it again costs as much as one kernel.

    Args:
        step: trains on the same memory each time; it has run before.
        optimizer: the one that it uses; it must be capturable.

    Returns:
        What runs the step again and gives its loss, in memory that the next run overwrites.
    """
    optimizer.zero_grad()  # the recording makes gradients of its own
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()

    def again() -> Tensor:
        graph.replay()
        return loss

    return again


def what_bounds(work: Callable[[], object], device: torch.device) -> str:
    """Describe where the time of some work goes, by the profiler's account of one run.

    Args:
        work: ends when the device has done it all.
        device: where the work is done.
    """
    cuda = device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]
    begun = time.perf_counter()
    work()  # without the profiler, which makes starting an operation slower
    whole = time.perf_counter() - begun
    with profile(activities=activities) as profiler:
        work()
    kind = DeviceType.CUDA if cuda else DeviceType.CPU
    events = [event for event in profiler.key_averages() if event.device_type == kind]
    spent = {
        event.key: event.self_device_time_total if cuda else event.self_cpu_time_total
        for event in events
    }
    busy = sum(spent.values()) or 1.0
    products = sum(it for key, it in spent.items() if any(part in key for part in PRODUCTS))
    text = (
        f"{sum(event.count for event in events):,} operations, {products / busy:.0%} of their time "
        "in matrix products"
    )
    if not cuda:
        return text
    share = busy / 1e6 / whole
    cause = "starting the kernels" if share < 0.5 else "the kernels"
    return f"{text}; the GPU is busy {share:.0%} of the time: {cause} is what bounds it"
