"""Check encode, decode and step of the translator of q11, each alone.

Examples:
  python -m courses.translation.sanity_check 1d
  python -m courses.translation.sanity_check 1e
  python -m courses.translation.sanity_check 1f --seed=7

Usage:
  sanity_check.py (1d | 1e | 1f) [--seed=<int>]
  sanity_check.py (-h | --help)

Questions:
  1d  NMT.encode
  1e  NMT.decode, with a step of the check's own: it can be right before step is written
  1f  NMT.step

Options:
  -h --help     Show this.
  --seed=<int>  Of the weights and sentences that are drawn [default: 0].

What is right is computed while the check runs, word by word in float64. A check that passes does
not mean that everything is right: the grader looks at more.

Exit code: 0 passed, 1 failed or not written yet, 2 the command line is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from courses.commands import DONE, number, run_command

CHECKS = {"1d": "Encode", "1e": "Decode", "1f": "Step"}
FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the check that the command line names; returns the exit code."""
    failures: list[str] = []

    def work(arguments: Mapping[str, Any]) -> None:
        failures.extend(_check(arguments))

    code = run_command("sanity_check", __doc__, argv, work, "nothing is said")
    return FAILED if code == DONE and failures else code


def _check(arguments: Mapping[str, Any]) -> list[str]:
    """Run a check and print what it found; returns what is wrong."""
    import torch

    from courses.translation import sanity_cases

    torch.set_num_threads(1)
    question = next(name for name in CHECKS if arguments[name])
    part = CHECKS[question]
    print(f"Sanity check for question {question}: {part}")
    check = getattr(sanity_cases, f"check_{part.lower()}")
    failures = []
    for failure, claim in check(number(arguments, "--seed")):
        print(f"  {'FAILED' if failure else 'passed'}: {claim}")
        if failure:
            failures.append(failure)
            print(f"    {failure}")
    if not failures:
        print(f"All Sanity Checks Passed for Question {question}: {part}!")
    return failures


if __name__ == "__main__":
    sys.exit(main())
