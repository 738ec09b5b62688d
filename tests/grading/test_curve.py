"""A training curve keeps few points, and nothing that is not a number in its range."""

import itertools

import pytest

from grading.curve import MOST_POINTS, Curve


def test_few_points_are_all_kept():
    curve = Curve()
    assert curve.points() == ()
    for epoch in range(5):
        curve.add(epoch, epoch / 10)
    assert curve.points() == ((0.0, 0.0), (1.0, 0.1), (2.0, 0.2), (3.0, 0.3), (4.0, 0.4))


@pytest.mark.parametrize("many", [pytest.param(n, id=str(n)) for n in (63, 64, 65, 999, 20_000)])
def test_many_points_are_thinned_evenly_and_keep_their_ends(many):
    curve = Curve()
    for step in range(many):
        curve.add(step / 100, step / many)
    points = curve.points()
    assert MOST_POINTS / 2 <= len(points) <= MOST_POINTS
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (round((many - 1) / 100, 3), round((many - 1) / many, 4))
    gaps = {round(b[0] - a[0], 2) for a, b in itertools.pairwise(points[:-1])}
    assert len(gaps) == 1


@pytest.mark.parametrize(
    ("epochs", "accuracy"),
    [
        pytest.param(float("nan"), 0.5, id="nan"),
        pytest.param(1.0, float("nan"), id="accuracy-nan"),
        pytest.param(float("inf"), 0.5, id="infinite"),
        pytest.param(10**300, 0.5, id="huge"),
        pytest.param(-1, 0.5, id="negative"),
        pytest.param(1.0, 1.5, id="more-than-all"),
        pytest.param("1", 0.5, id="words"),
        pytest.param(1.0, None, id="nothing"),
        pytest.param([1.0], {"a": 1}, id="containers"),
        pytest.param(0.0, 0.9, id="not-later"),
    ],
)
def test_nonsense_is_ignored(epochs, accuracy):
    curve = Curve()
    curve.add(0.0, 0.1)
    curve.add(epochs, accuracy)
    assert curve.points() == ((0.0, 0.1),)
