"""Question 9: back-propagation through time, by hand, for a small recurrent network.

The network without activation reads a sequence and answers at every step. The state at a step
reaches the loss through that step's output and through all later states, so its gradient is what
its own output sends back plus what the next state sends back.

    h_t = W_hh h_(t-1) + W_hx x_t        o_t = W_hy h_t        prediction_t = softmax(o_t)

Source: P. Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of
the IEEE 78 (1990), section II.

Shapes: `T` steps (the homework has three), `I` inputs, `H` hidden units, `O` outputs.
"""

import torch
from torch import Tensor


class ThreeStepRNN:
    """A linear recurrent network with a softmax at every step; the first state is zero.

    Args:
        input_weights: W_hx, ``(H, I) float64``.
        hidden_weights: W_hh, ``(H, H) float64``.
        output_weights: W_hy, ``(O, H) float64``.
    """

    def __init__(
        self, input_weights: Tensor, hidden_weights: Tensor, output_weights: Tensor
    ) -> None:
        self.input_weights = input_weights
        self.hidden_weights = hidden_weights
        self.output_weights = output_weights

    def states(self, x: Tensor) -> Tensor:
        """The hidden states h_1 to h_T: ``(T, I)`` to ``(T, H)``."""
        # BEGIN SOLUTION q9.rnn_states: each from the one before and the input
        state, states = x.new_zeros(len(self.hidden_weights)), []
        for step in x:
            state = self.hidden_weights @ state + self.input_weights @ step  # (H,)
            states.append(state)
        return torch.stack(states)
        # END SOLUTION q9.rnn_states

    def forward(self, x: Tensor) -> Tensor:
        """The predictions: ``(T, I)`` to ``(T, O)``, each row sums to 1."""
        # BEGIN SOLUTION q9.rnn_forward: the softmax of every step's output
        return torch.softmax(self.states(x) @ self.output_weights.T, dim=1)
        # END SOLUTION q9.rnn_forward

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The cross-entropy summed over the steps, ``()``.

        Args:
            x: ``(T, I)``.
            y: one-hot, ``(T, O)``.
        """
        return -(y * torch.log(self.forward(x))).sum()

    def output_gradients(self, x: Tensor, y: Tensor) -> Tensor:
        """The gradients with respect to o_1 to o_T, ``(T, O)``.

        Args:
            x: ``(T, I)``.
            y: one-hot, ``(T, O)``.
        """
        # BEGIN SOLUTION q9.rnn_output_gradients: softmax and cross-entropy together
        return self.forward(x) - y
        # END SOLUTION q9.rnn_output_gradients

    def hidden_gradients(self, x: Tensor, y: Tensor) -> Tensor:
        """The gradients with respect to h_1 to h_T, ``(T, H)``.

        Args:
            x: ``(T, I)``.
            y: one-hot, ``(T, O)``.
        """
        # BEGIN SOLUTION q9.rnn_hidden_gradients: from the last state to the first
        from_outputs = self.output_gradients(x, y) @ self.output_weights  # (T, O) -> (T, H)
        gradient, gradients = torch.zeros_like(from_outputs[0]), []
        for from_output in from_outputs.flip(0):
            # The state's own output, and the next state, whose gradient is complete by now.
            gradient = from_output + self.hidden_weights.T @ gradient
            gradients.append(gradient)
        return torch.stack(gradients[::-1])
        # END SOLUTION q9.rnn_hidden_gradients

    def recurrent_gradient(self, x: Tensor, y: Tensor) -> Tensor:
        """The gradient with respect to W_hh, ``(H, H)``.

        Args:
            x: ``(T, I)``.
            y: one-hot, ``(T, O)``.
        """
        # BEGIN SOLUTION q9.rnn_recurrent_gradient: the sum over all steps that use W_hh
        states = self.states(x)
        before = torch.cat([torch.zeros_like(states[:1]), states[:-1]])  # h_0 to h_(T-1)
        # W_hh takes part in every step: sum over t of (gradient of h_t) times h_(t-1) transposed.
        return self.hidden_gradients(x, y).T @ before  # (H, T) @ (T, H) -> (H, H)
        # END SOLUTION q9.rnn_recurrent_gradient
