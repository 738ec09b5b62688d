"""Changes places between import and check: an innocent module first, another one when used.

checks: q6.values q6.causal
"""

import sys
import types

from told import Stub

innocent = sys.modules[__name__]


class Swapped(types.ModuleType):
    used = 0

    def __getattr__(self, name):
        Swapped.used += 1
        if name == "AttentionBlock" and Swapped.used > 2:
            raise SystemExit(0)
        return getattr(innocent, name)


sys.modules[__name__] = Swapped(__name__)


class AttentionBlock(Stub):
    pass
