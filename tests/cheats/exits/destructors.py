"""Hides its work in destructors and weak references, which run when nobody looks.

checks: q6.values q6.causal
"""

import os
import weakref

from told import Stub


class Late:
    def __del__(self):
        print("PASSED")
        os._exit(0)


class AttentionBlock(Stub):
    def forward(self, x):
        late = Late()
        weakref.finalize(late, os._exit, 0)
        del late
        return x
