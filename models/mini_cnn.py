"""Question 9: a convolutional network small enough to differentiate by hand.

Three inputs, one filter of two weights that slides over them, a ReLU, and a weighted sum. The two
filter weights are used twice each, so the loss depends on each of them along two paths, and its
gradient is the sum over both.

    a1 = x1 w1 + x2 w2      o1 = max(0, a1)
    a2 = x2 w1 + x3 w2      o2 = max(0, a2)      prediction = o1 v1 + o2 v2

Source: Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", Neural
Computation 1 (1989), section 3, for shared weights.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class Forward(NamedTuple):
    """What a forward pass computes.

    Attributes:
        a: before the ReLU, ``(2,)``.
        o: after it, ``(2,)``.
        prediction: ``()``.
    """

    a: Tensor
    o: Tensor
    prediction: Tensor


class MiniCNN:
    """Filter, ReLU, weighted sum; trained with the logistic loss on labels 1 and -1.

    Args:
        w: the filter, ``(2,) float64``.
        v: the weights of the last layer, ``(2,) float64``.
    """

    def __init__(self, w: Tensor, v: Tensor) -> None:
        self.w = w.clone()
        self.v = v.clone()

    def forward(self, x: Tensor) -> Forward:
        """Run the network on one example.

        Args:
            x: ``(3,) float64``.

        Returns:
            Everything on the way to the prediction.
        """
        # BEGIN SOLUTION q9.forward: filter, ReLU, weighted sum
        windows = torch.stack([x[:2], x[1:]])  # (3,) -> (2, 2): the filter sees x2 twice
        a = windows @ self.w  # (2,)
        o = a.clamp(min=0)
        return Forward(a, o, o @ self.v)
        # END SOLUTION q9.forward

    def loss(self, x: Tensor, label: int) -> Tensor:
        """The logistic loss ln(1 + exp(-label * prediction)), ``()``.

        Args:
            x: ``(3,) float64``.
            label: 1 or -1.
        """
        # softplus does not overflow where the prediction is far off.
        return functional.softplus(-label * self.forward(x).prediction)

    def loss_gradient(self, x: Tensor, label: int) -> Tensor:
        """The derivative of the loss with respect to the prediction, ``()``.

        Args:
            x: ``(3,) float64``.
            label: 1 or -1.
        """
        # BEGIN SOLUTION q9.loss_gradient: by the sigmoid
        # The steeper, the more the prediction is on the wrong side.
        return -label * torch.sigmoid(-label * self.forward(x).prediction)
        # END SOLUTION q9.loss_gradient

    def v_gradient(self, x: Tensor, label: int) -> Tensor:
        """The gradient of the loss with respect to v, ``(2,)``.

        Args:
            x: ``(3,) float64``.
            label: 1 or -1.
        """
        # BEGIN SOLUTION q9.v_gradient: the chain rule, one link
        return self.loss_gradient(x, label) * self.forward(x).o
        # END SOLUTION q9.v_gradient

    def w_gradient(self, x: Tensor, label: int) -> Tensor:
        """The gradient of the loss with respect to the filter, ``(2,)``.

        Args:
            x: ``(3,) float64``.
            label: 1 or -1.
        """
        # BEGIN SOLUTION q9.w_gradient: back through the ReLU, over both paths
        on = (self.forward(x).a > 0).to(x.dtype)  # (2,): the ReLU's derivative at its input
        a_gradient = self.loss_gradient(x, label) * self.v * on  # (2,)
        # w1 meets x1 on the way to a1 and x2 on the way to a2; w2 meets x2 and x3.
        return torch.stack([a_gradient @ x[:2], a_gradient @ x[1:]])
        # END SOLUTION q9.w_gradient

    def step(self, x: Tensor, label: int, learning_rate: float) -> None:
        """Take one step of stochastic gradient descent on one example.

        Args:
            x: ``(3,) float64``.
            label: 1 or -1.
            learning_rate: the length of the step.
        """
        # BEGIN SOLUTION q9.step: both gradients first, then both changes
        # The filter's gradient holds v: it must be the v that the forward pass used.
        w_gradient, v_gradient = self.w_gradient(x, label), self.v_gradient(x, label)
        self.w = self.w - learning_rate * w_gradient
        self.v = self.v - learning_rate * v_gradient
        # END SOLUTION q9.step
