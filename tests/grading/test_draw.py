from __future__ import annotations

import torch

from grading.draw import PRIMES, Draw, derive_seed, draws_for


def test_the_same_seed_draws_the_same() -> None:
    assert torch.equal(Draw(5).normal(3, 4), Draw(5).normal(3, 4))


def test_sizes_are_pairwise_different_primes() -> None:
    for seed in range(100):
        sizes = Draw(seed).sizes(4, low=3)
        assert len(set(sizes)) == 4
        assert set(sizes) <= set(PRIMES[1:])


def test_purposes_get_unrelated_seeds() -> None:
    seeds = {
        derive_seed(1, kind, check) for kind in ("draw", "student") for check in ("q1.a", "q1.b")
    }
    assert len(seeds) == 4
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_integers_stay_in_range() -> None:
    drawn = Draw(0).integers(1000, low=-2, high=3)
    assert set(drawn.tolist()) == {-2, -1, 0, 1, 2}


def test_named_sizes_are_kept_with_how_small_they_may_be() -> None:
    draw = Draw(0)
    drawn = draw.sizes(B=1, T=2, low=5)
    assert drawn == list(draw.taken.values()) == Draw(0).sizes(2, low=5)
    assert list(draw.taken) == ["B", "T"]
    assert draw.least == {"B": 1, "T": 2}


def test_sizes_can_be_given_instead_of_drawn_and_the_rest_is_drawn_as_before() -> None:
    free, given = Draw(0), Draw(0, {"T": 2})
    batch, _ = free.sizes(B=1, T=2)
    assert given.sizes(B=1, T=2) == [batch, 2]
    assert given.integer(0, 1 << 30) == free.integer(0, 1 << 30)


def test_what_is_asked_later_does_not_continue_what_was_asked_first() -> None:
    """Two seeds may agree in the 32 bits that the generator takes: the first draws are the same."""
    found: dict[int, int] = {}
    for seed in range(1_000_000):
        low = derive_seed(seed, "draw", "q1.a") & 0xFFFFFFFF
        if low in found:
            break
        found[low] = seed
    (first, later), (twin, other) = draws_for(seed, "q1.a"), draws_for(found[low], "q1.a")
    assert torch.equal(first.normal(9), twin.normal(9))
    assert not torch.equal(later.normal(9), other.normal(9))
    again = draws_for(seed, "q1.a")[1]
    assert torch.equal(again.normal(9), draws_for(seed, "q1.a")[1].normal(9))
