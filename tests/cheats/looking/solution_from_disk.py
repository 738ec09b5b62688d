"""Imports the reference solution that lies beside the grader.

checks: q6.values q6.causal
"""

import importlib.util

import told
from told import Stub

try:
    file = f"{told.ROOT}/models/attention.py"
    spec = importlib.util.spec_from_file_location("solution", file)
    solution = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(solution)
    AttentionBlock = solution.AttentionBlock
    told.through("reads")
except (ImportError, OSError):  # not there, or not to be read
    AttentionBlock = Stub
