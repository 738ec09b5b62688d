"""Question 9: automatic differentiation with a tape.

Every operation is a module that knows its own derivative. On the way forward each module that is
applied puts itself on a tape; on the way back the tape is read from its end, and each module hands
its inputs their share of the gradient. A value that was used twice gets two shares: they add up.

The tape must be a stack. A module may pass its gradient on only when all of it has arrived, that
is, after every module that used its output; those were applied later, so they are nearer the end.

Source: A. Baydin et al., "Automatic differentiation in machine learning: a survey", Journal of
Machine Learning Research 18 (2018), section 3.2, https://arxiv.org/abs/1502.05767.

Shapes: `B` batch, `I` inputs, `O` outputs, `K` classes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Tape = list["TapeModule"]


class TapeModule:
    """One operation of a computation; subclasses say what it computes and how it differentiates.

    Args:
        tape: where the module goes when it is applied.

    Attributes:
        in_modules: whose outputs this one was applied to.
        in_tensors: those outputs.
        out_tensor: what it computed.
        out_gradient: of the result with respect to ``out_tensor``, as far as it has arrived; ()
            zero before anything has.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.in_modules: list[TapeModule] = []
        self.in_tensors: list[Tensor] = []
        self.out_tensor: Tensor = torch.zeros(())
        self.out_gradient: Tensor = torch.zeros(())

    def forward(self, in_tensors: Sequence[Tensor]) -> Tensor:
        """Compute the output."""
        raise TypeError(f"{type(self).__name__} does not say what it computes")

    def backward(self, in_tensors: Sequence[Tensor], out_gradient: Tensor) -> list[Tensor]:
        """From the gradient of the output, compute one for each input, in the input's shape."""
        raise TypeError(f"{type(self).__name__} does not say how it differentiates")

    def apply_fwd(self, in_modules: Sequence[TapeModule]) -> TapeModule:
        """Compute from the outputs of other modules, and go on the tape.

        Args:
            in_modules: applied before this one.

        Returns:
            This module, so that calls can be nested.
        """
        # BEGIN SOLUTION q9.apply_fwd: remember, compute, go on the tape
        self.in_modules = list(in_modules)
        self.in_tensors = [module.out_tensor for module in in_modules]
        self.out_tensor = self.forward(self.in_tensors)
        self.out_gradient = torch.zeros_like(self.out_tensor)
        self.tape.append(self)
        return self
        # END SOLUTION q9.apply_fwd

    def apply_bwd(self) -> TapeModule:
        """Hand every input its share of the gradient; returns this module."""
        # BEGIN SOLUTION q9.apply_bwd: add to the inputs' gradients
        shares = self.backward(self.in_tensors, self.out_gradient)
        for module, share in zip(self.in_modules, shares, strict=True):
            # Added, not set: the input may have been used elsewhere, or here twice.
            module.out_gradient = module.out_gradient + share
        return self
        # END SOLUTION q9.apply_bwd


def tape_bwd(tape: Tape) -> None:
    """Read the tape from its end, and empty it.

    The module at the end is the result: the gradient of its output with respect to itself is 1
    (ones, if it is not a single number).

    Args:
        tape: from the modules' forward passes.
    """
    # BEGIN SOLUTION q9.tape_bwd: seed the last module, then back to the first
    if tape:
        tape[-1].out_gradient = torch.ones_like(tape[-1].out_tensor)
    while tape:
        tape.pop().apply_bwd()
    # END SOLUTION q9.tape_bwd


class TapeValue(TapeModule):
    """An input or a parameter: it is given, and the gradient ends here.

    Args:
        tape: of the computation; a value does not go on it, since it passes nothing on.
        value: any shape.
    """

    def __init__(self, tape: Tape, value: Tensor) -> None:
        super().__init__(tape)
        self.out_tensor = value
        self.out_gradient = torch.zeros_like(value)


class TapeLinear(TapeModule):
    """Inputs ``(B, I)``, weight ``(O, I)`` and bias ``(O,)`` to ``(B, O)``."""

    def forward(self, in_tensors: Sequence[Tensor]) -> Tensor:
        """Compute x Wᵀ + b."""
        # BEGIN SOLUTION q9.tape_linear: the affine map
        x, weight, bias = in_tensors
        return x @ weight.T + bias  # (B, I) @ (I, O) -> (B, O)
        # END SOLUTION q9.tape_linear

    def backward(self, in_tensors: Sequence[Tensor], out_gradient: Tensor) -> list[Tensor]:
        """Gradients of the inputs ``(B, I)``, the weight ``(O, I)`` and the bias ``(O,)``."""
        # BEGIN SOLUTION q9.tape_linear_gradients: two products and a sum
        x, weight, _ = in_tensors
        # The bias is used by every example of the batch: its shares add up.
        return [out_gradient @ weight, out_gradient.T @ x, out_gradient.sum(dim=0)]
        # END SOLUTION q9.tape_linear_gradients


class TapeReLU(TapeModule):
    """The larger of zero and the input, any shape."""

    def forward(self, in_tensors: Sequence[Tensor]) -> Tensor:
        """Cut off what is negative."""
        return in_tensors[0].clamp(min=0)

    def backward(self, in_tensors: Sequence[Tensor], out_gradient: Tensor) -> list[Tensor]:
        """The gradient where the input was positive."""
        # BEGIN SOLUTION q9.tape_relu_gradient: where the input was positive
        return [out_gradient * (in_tensors[0] > 0)]
        # END SOLUTION q9.tape_relu_gradient


class TapeAdd(TapeModule):
    """The sum of two tensors of the same shape."""

    def forward(self, in_tensors: Sequence[Tensor]) -> Tensor:
        """Add them."""
        return in_tensors[0] + in_tensors[1]

    def backward(self, in_tensors: Sequence[Tensor], out_gradient: Tensor) -> list[Tensor]:
        """The gradient passes to both as it is."""
        # BEGIN SOLUTION q9.tape_add_gradient: the same to both
        return [out_gradient, out_gradient]
        # END SOLUTION q9.tape_add_gradient


class TapeMultiply(TapeModule):
    """The product of two tensors of the same shape, entry by entry."""

    def forward(self, in_tensors: Sequence[Tensor]) -> Tensor:
        """Multiply them."""
        return in_tensors[0] * in_tensors[1]

    def backward(self, in_tensors: Sequence[Tensor], out_gradient: Tensor) -> list[Tensor]:
        """Each gets the gradient times the other."""
        # BEGIN SOLUTION q9.tape_multiply_gradient: times the other
        first, second = in_tensors
        return [out_gradient * second, out_gradient * first]
        # END SOLUTION q9.tape_multiply_gradient


class TapeSoftmaxCrossEntropy(TapeModule):
    """Scores ``(B, K)`` to the mean cross-entropy ``()``.

    Args:
        tape: where the module goes when it is applied.
        labels: class numbers, ``(B,) int64``.
    """

    def __init__(self, tape: Tape, labels: Tensor) -> None:
        super().__init__(tape)
        self.labels = labels

    def forward(self, in_tensors: Sequence[Tensor]) -> Tensor:
        """The mean of -log softmax at the labels."""
        chances = torch.log_softmax(in_tensors[0], dim=1)
        return -chances[torch.arange(len(self.labels)), self.labels].mean()

    def backward(self, in_tensors: Sequence[Tensor], out_gradient: Tensor) -> list[Tensor]:
        """Softmax less one-hot, over B, times what arrived."""
        # BEGIN SOLUTION q9.tape_cross_entropy_gradient: softmax less one-hot, averaged
        gradient = torch.softmax(in_tensors[0], dim=1)
        gradient[torch.arange(len(self.labels)), self.labels] -= 1
        return [gradient * out_gradient / len(self.labels)]
        # END SOLUTION q9.tape_cross_entropy_gradient
