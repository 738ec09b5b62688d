import math

import numpy as np
import torch

from data import load, sine


def test_points_lie_on_the_sine_over_two_periods_in_mixed_order() -> None:
    splits = load("sine")
    x, y = splits.train.x, splits.train.y
    assert x.shape == y.shape == (200, 1)
    np.testing.assert_allclose(y, np.sin(x), atol=1e-6)
    np.testing.assert_allclose([x.min(), x.max()], [-2 * math.pi, 2 * math.pi], rtol=1e-6)
    assert (np.diff(x[:, 0]) < 0).any()
    assert splits.validation is None
    assert splits.test is None
    np.testing.assert_array_equal(x, load("sine").train.x)


def test_a_caller_s_generator_draws_another_order() -> None:
    ours = sine.draw(torch.Generator().manual_seed(3), count=20).x
    theirs = sine.draw(torch.Generator().manual_seed(4), count=20).x
    assert (ours != theirs).any()
    np.testing.assert_array_equal(np.sort(ours, axis=0), np.sort(theirs, axis=0))
