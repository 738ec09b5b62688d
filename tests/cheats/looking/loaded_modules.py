"""Looks for the checks, their yardsticks and the examiner among the loaded modules.

checks: q6.values q6.causal
"""

import sys

from told import Stub, through

SECRETS = ("grading.checks", "grading.compare", "grading.examiner", "grading.claims")

for name in [*sys.modules]:
    if name.startswith(SECRETS):
        through("reads")
try:
    import grading.checks  # noqa: F401
except ImportError:
    pass
else:
    through("reads")


class AttentionBlock(Stub):
    pass
