"""What every test relies on: one torch thread, passive waiting and the same random numbers."""

import os

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # read once, when torch loads its thread pool
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("MPLBACKEND", "Agg")

import random

import numpy as np
import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _same_random_numbers_in_every_test() -> None:
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
