"""How `calibrate.py` turns the results of many trainings into a pass mark.

On the canonical edition the homework's own mark holds. A smaller edition is harder, so there the
mark allows the same multiple of the reference's error rate: with 1.5 % errors and a mark of 97 %
on the canonical edition, that is twice the reference's errors. Expressed as distance below the
reference's mean, the distance grows with the ratio of the error rates. The mark is at least four
standard deviations below the mean, rounded down to half a percent, and never above the homework's.

The reference shifts its digits, which few students will do and which helps more the fewer digits
there are. So the same rule is applied to plain training too, without the shifts, and the lowest
mark holds: a solution that passes on the canonical edition shall pass on a smaller one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

SPREADS = 4.0
STEP = 0.005


def fair_mark(homework: float, canonical: Sequence[float], here: Sequence[float]) -> float:
    """The accuracy that passes on an edition which is not the canonical one.

    Args:
        homework: the mark on the canonical edition.
        canonical: the accuracies of some training there, one a seed.
        here: those of the same training on the edition in question.
    """
    usual, mean = statistics.fmean(canonical), statistics.fmean(here)
    harder = (1 - mean) / (1 - usual)
    distance = max((usual - homework) * harder, SPREADS * spread_of(here))
    return min(homework, math.floor((mean - distance) / STEP + 1e-9) * STEP)


def false_fail_rate(results: Sequence[float], mark: float, *, is_loss: bool = False) -> float:
    """The estimated share of trainings in which the reference misses the mark.

    It is the larger of the share of seeds that missed it and what a normal distribution with
    their mean and spread gives (of the logarithms, where the mark is a loss).
    """
    values, limit = list(results), mark
    if is_loss:
        values, limit = [-math.log(loss) for loss in results], -math.log(mark)
    observed = sum(value < limit for value in values) / len(values)
    spread = spread_of(values)
    if spread == 0:
        return observed
    below = (statistics.fmean(values) - limit) / spread
    # Nobody can tell chances of one in a thousand million from fifty trainings.
    return max(observed, round(0.5 * math.erfc(below / math.sqrt(2)), 9))


def spread_of(results: Sequence[float]) -> float:
    """The standard deviation, 0 for a single result."""
    return statistics.stdev(results) if len(results) > 1 else 0.0


if __name__ == "__main__":  # nothing to run: `calibrate.py` uses the rule
    print((__doc__ or "").strip())
