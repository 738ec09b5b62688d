"""Exact shares and points, and how they are written down."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")


def rounded(number: Fraction) -> int | float:
    """To two places, halves up; whole numbers without a point."""
    if number.denominator == 1:
        return number.numerator
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    value = exact.quantize(CENT, ROUND_HALF_UP)
    return int(value) if value == value.to_integral_value() else float(value)


def shown(number: Fraction) -> str:
    """As people read it: ``7``, ``7.5``, ``6.67``."""
    return str(rounded(number))


def percent(share: Fraction) -> str:
    """A share of 1: ``12.5 %``."""
    return f"{shown(100 * share)} %"
