"""What the worker server does before it forks leaves its forks free to use a GPU."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Each name that leads to a question to the driver answers with an error instead.
PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import torch

def look(*_, **__):
    raise AssertionError("it looked for a GPU")

for module in (torch.cuda, torch.accelerator):
    for name in ("is_available", "device_count", "current_accelerator", "_lazy_init", "init"):
        if hasattr(module, name):
            setattr(module, name, look)
{then}
import os
print(len(os.listdir("/proc/self/task")))
"""


def run(then: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(root=str(ROOT), then=then)
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.skipif(sys.platform != "linux", reason="only there is a server, which forks")
def test_warming_up_neither_looks_for_a_gpu_nor_starts_a_thread() -> None:
    done = run(
        "from grading.worker.warmth import warm_up\n"
        f"warm_up({{'threads': 1, 'root': {str(ROOT)!r}}})"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1"]


def test_an_optimizer_step_is_such_a_look() -> None:
    """Why the warm-up makes none."""
    done = run(
        "weight = torch.nn.Parameter(torch.zeros(1))\n"
        "weight.grad = torch.zeros(1)\n"
        "torch.optim.Adam([weight], lr=0.1).step()"
    )
    assert "it looked for a GPU" in done.stderr
