"""Returns types that the examiner may not expect: float8, complex, quantized, sparse, meta.

checks: q6.values q6.causal
"""

import random

import torch
from told import Stub

STRANGE = (
    lambda x: x.to(torch.float8_e4m3fn),
    lambda x: x.to(torch.complex64),
    lambda x: x.to_sparse(),
    lambda x: x.to("meta"),
    lambda x: x.to(torch.int32),
)


class AttentionBlock(Stub):
    def forward(self, x):
        return random.choice(STRANGE)(x)
