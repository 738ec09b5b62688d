"""What may go wrong with a class, apart from what is asked of it."""

from __future__ import annotations


class ClusterLost(Exception):
    """There is nobody left to do the work; what is done is in the ledger."""


class Changed(Exception):
    """A submission is not what it was when the run began; the next run will see to it."""
