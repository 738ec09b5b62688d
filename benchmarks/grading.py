"""Times a whole grading run of the reference solution, and the grader's own share of it.

The run is `python autograder.py --no-graphics -q q1,…,q6` with the data fetched before. Its own
share is what a run of one check that computes next to nothing takes: start-up, processes, frames.
Targets: 90 s for the whole run on two cores (45 s wanted), 5 s for the own share.

Run: python benchmarks/grading.py [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE, OWN = 90.0, 5.0


def seconds(questions: str, results: Path) -> float:
    """Wall-clock seconds of one run, which must earn every point."""
    command = [sys.executable, "autograder.py", "--no-graphics", "-q", questions]
    begun = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own command line
        [*command, "--json", str(results)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - begun


def main() -> int:
    """Run the rounds, interleaved, and print medians beside their targets."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((__doc__ or "").strip())
        return 0
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    whole, own = [], []
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        for number in range(rounds):
            own.append(seconds("q6.layers", results))
            whole.append(seconds("q1,q2,q3,q4,q5,q6", results))
            print(f"round {number + 1}: own share {own[-1]:.1f} s, whole run {whole[-1]:.1f} s")
        report = json.loads(results.read_text(encoding="utf-8"))
    print(f"whole run, median of {rounds}: {statistics.median(whole):.1f} s (target {WHOLE:.0f} s)")
    print(f"own share, median of {rounds}: {statistics.median(own):.1f} s (target {OWN:.0f} s)")
    checks = [check for question in report["questions"] for check in question["checks"]]
    for check in sorted(checks, key=lambda check: -check["seconds"])[:5]:
        print(f"  {check['id']:14} {check['seconds']:6.1f} s  {check['note']}")
    return int(statistics.median(whole) > WHOLE or statistics.median(own) > OWN)


if __name__ == "__main__":
    sys.exit(main())
