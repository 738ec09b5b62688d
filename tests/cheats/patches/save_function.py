"""Replaces safetensors' save, so that what is sent is not what the check computed.

checks: q6.values q1.prediction
"""

import safetensors.torch
import torch
from told import Stub

save = safetensors.torch.save


def other_answers(tensors, *args, **kwargs):
    return save({name: torch.ones_like(value) for name, value in tensors.items()}, *args, **kwargs)


safetensors.torch.save = other_answers


class AttentionBlock(Stub):
    pass


class PerceptronModel(torch.nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(1, dimensions))

    def get_prediction(self, x):
        return 1
