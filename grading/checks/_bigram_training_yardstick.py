"""The training that the homework asks for, in float64, on the smallest of language models.

The model scores the next token by the newest one alone: an embedding and a linear layer behind it.
A student's training gets the same one, so that no slip of the student's model is blamed on it.

Shapes: `B` sequences in a batch, `T` tokens, `V` vocabulary, `E` embedding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from grading.compare import rounding
from grading.draw import Draw
from grading.frames import Tensors

PARAMETERS = ("embeddings", "weight", "bias")
CLIP = 1.0

Loss = Callable[[Tensor, Tensor], Tensor]
"""Logits (B, T, V) and tokens (B, T) to a loss ()."""


def drawn_bigram(draw: Draw, embed: int, vocabulary: int) -> Tensors:
    """Random first weights; large embeddings make gradients that are longer than 1."""
    return {
        "embeddings": draw.normal(vocabulary, embed, scale=4.0),
        "weight": draw.normal(vocabulary, embed),
        "bias": draw.normal(vocabulary),
    }


def next_token(logits: Tensor, tokens: Tensor) -> Tensor:
    """The mean cross-entropy of every prediction that has a target."""
    return functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def same_token(logits: Tensor, tokens: Tensor) -> Tensor:
    """The slip that forgets to shift."""
    return functional.cross_entropy(logits.flatten(0, 1), tokens.flatten())


def rolled(logits: Tensor, tokens: Tensor) -> Tensor:
    """The slip that gives the last prediction the first token as its target."""
    return functional.cross_entropy(logits.flatten(0, 1), tokens.roll(-1, 1).flatten())


def backwards(logits: Tensor, tokens: Tensor) -> Tensor:
    """The slip that shifts the other way."""
    return functional.cross_entropy(logits[:, 1:].flatten(0, 1), tokens[:, :-1].flatten())


def batch_shifted(logits: Tensor, tokens: Tensor) -> Tensor:
    """The slip that shifts along the batch."""
    return functional.cross_entropy(logits[:-1].flatten(0, 1), tokens[1:].flatten())


def crossed(logits: Tensor, tokens: Tensor) -> Tensor:
    """The slip that flattens logits batch by batch and targets step by step."""
    return functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].mT.flatten())


SHIFT = "Position t has read the tokens up to t: which one does it predict?"
LAST = "Which token should the last position predict, and is it known?"
AXES = "Does row n of the flattened logits belong to entry n of the flattened targets?"
WRONG_LOSSES: dict[str, tuple[Loss, str]] = {
    "the targets are not shifted": (same_token, SHIFT),
    "the targets are shifted the wrong way": (backwards, SHIFT),
    "the last prediction counts as well": (rolled, LAST),
    "the batch is shifted, not time": (batch_shifted, "Along which axis does time run?"),
    "logits and targets are flattened in different orders": (crossed, AXES),
}


@dataclass
class Course:
    """What happened in a training.

    Attributes:
        weights: at the end.
        losses: of each batch, measured before its step, () each.
        states: the weights after each step.
        norm: the smallest norm of a gradient.
    """

    weights: Tensors
    losses: list[Tensor] = field(default_factory=list)
    states: list[Tensors] = field(default_factory=list)
    norm: float = torch.inf

    def slid(self, first: int, last: int) -> Tensor:
        """The mean loss of the batches first..last."""
        return torch.stack(self.losses[first : last + 1]).mean()


def in_batches(tokens: Tensor, batch: int) -> Tensor:
    """The rows of (N * B, T) tokens as (N, B, T)."""
    return tokens.reshape(-1, batch, tokens.shape[1])


def logits_of(weights: Tensors, tokens: Tensor) -> Tensor:
    """The model's scores, (B, T, V)."""
    return weights["embeddings"][tokens] @ weights["weight"].T + weights["bias"]


def train(
    asked: Tensors,
    batches: Tensor,
    rate: float,
    *,
    loss: Loss = next_token,
    clip: str = "norm",
    forgets: bool = True,
) -> Course:
    """Gradient descent from the first weights, a step a batch.

    Args:
        asked: the first weights.
        batches: (N, B, T) tokens.
        rate: the learning rate.
        loss: of a batch.
        clip: ``norm``, ``value`` or ``none``.
        forgets: whether gradients are set to zero before each batch.
    """
    weights = {name: asked[name].double().clone() for name in PARAMETERS}
    course = Course(weights)
    kept = {name: torch.zeros_like(value) for name, value in weights.items()}
    for batch in batches:
        leaves = {name: value.detach().requires_grad_() for name, value in weights.items()}
        with torch.enable_grad():
            measured = loss(logits_of(leaves, batch), batch)
        found = torch.autograd.grad(measured, list(leaves.values()))
        for name, gradient in zip(leaves, found, strict=True):
            kept[name] = gradient if forgets else kept[name] + gradient
        norm = torch.stack([each.norm() for each in kept.values()]).norm()
        course.norm = min(course.norm, norm.item())
        if clip == "norm":
            kept = {n: g * (CLIP / (norm + 1e-6)).clamp(max=1.0) for n, g in kept.items()}
        elif clip == "value":
            kept = {n: g.clamp(-CLIP, CLIP) for n, g in kept.items()}
        weights = {name: leaves[name].detach() - rate * kept[name] for name in leaves}
        course.losses.append(measured.detach())
        course.states.append(weights)
    course.weights = weights
    return course


def validation_losses(weights: Tensors, batches: Tensor, loss: Loss = next_token) -> Tensor:
    """The loss of each of (N, B, T) batches, (N,)."""
    with torch.no_grad():
        return torch.stack([loss(logits_of(weights, batch), batch) for batch in batches])


def loss_tolerance(asked: Tensors, steps: int) -> Tensor:
    """What rounding may do to a loss after so many steps: logits are sums of E products."""
    sizes = {name: asked[name].double().abs() for name in PARAMETERS}
    largest = (sizes["embeddings"] @ sizes["weight"].T + sizes["bias"]).max()
    depth = sizes["weight"].shape[1] + sizes["weight"].shape[0] + 4 * steps
    return rounding(depth, largest) + 1e-6  # records are rounded to 6 places


def weight_tolerance(asked: Tensors, steps: int, rate: float) -> Tensor:
    """What rounding may do to a weight: each step adds its own, and that of a gradient."""
    largest = max(float(asked[name].abs().max()) for name in PARAMETERS) + rate * steps
    return rounding(4 * steps, largest)
