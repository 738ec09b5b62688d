"""How long ``python autograder.py --help`` takes, beside an interpreter that does nothing.

Run: ``python benchmarks/help.py``. Exits with 1 where the median of ten runs is above the limit.
It should print two lines, about 0.05 s and 0.02 s on a machine of 2024.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 0.3
RUNS = 10


def median_seconds(arguments: list[str]) -> float:
    """The median wall-clock time of a Python command over `RUNS` runs, after one to warm up."""
    seconds = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT
        )
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])


def main() -> int:
    """Measure both in turn."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    baseline = median_seconds(["-c", "pass"])
    helped = median_seconds(["autograder.py", "--help"])
    print(f"python autograder.py --help  {helped:.3f} s, limit {LIMIT} s")
    print(f"python -c pass               {baseline:.3f} s, the baseline")
    return 0 if helped <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
