"""Returns its input, as a stub would: it earns nothing, and no cheat may earn more.

checks: q6.values q6.causal
"""

from told import Stub


class AttentionBlock(Stub):
    pass
