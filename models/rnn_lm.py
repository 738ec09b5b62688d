"""Question 10: a recurrent language model with self-attention.

A recurrent network reads tokens one after the other and keeps what it has read in its hidden
state. Self-attention then lets every position look back at all outputs so far, and a linear layer
turns what it finds into scores for the next token.

Network and attention have a `step`, which computes one position as the equations say, and a
`forward`, which computes a whole sequence with few large products; both give the same numbers.

Sources: J. Elman, "Finding structure in time" (1990); A. Vaswani et al., "Attention is all you
need" (2017), section 3.2.1, equation 1.

Shapes: `B` batch, `T` time, `t` steps so far, `I` input width, `H` hidden width, `dk` and `dv`
width of keys and values, `E` embedding width, `V` vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Generator, Tensor, nn

Activation: TypeAlias = Callable[[Tensor], Tensor]


class RNNCell(nn.Module):
    """One step of a recurrent network: the next hidden state from the input and the last state.

    Args:
        input_dim: the width I of an input.
        hidden_dim: the width H of the hidden state.
        activation: applied to every entry of the sum; ReLU or tanh.
    """

    def __init__(
        self, input_dim: int, hidden_dim: int, activation: Activation = torch.relu
    ) -> None:
        super().__init__()
        self.i2h = nn.Linear(input_dim, hidden_dim)
        self.h2h = nn.Linear(hidden_dim, hidden_dim)
        self.activation = activation

    def forward(self, input: Tensor, hidden_state: Tensor) -> Tensor:
        """Compute the next hidden state.

        Args:
            input: ``(B, I) float32``.
            hidden_state: the last one, ``(B, H) float32``.

        Returns:
            ``(B, H) float32``.
        """
        # BEGIN SOLUTION q10.cell: the activation of the two projections' sum
        return self.activation(self.i2h(input) + self.h2h(hidden_state))
        # END SOLUTION q10.cell


class RNN(nn.Module):
    """A recurrent network with a linear layer on every hidden state; widths as in `RNNCell`."""

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.cell = RNNCell(input_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, hidden_dim)

    def step(self, input: Tensor, hidden_prev: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read one more input.

        Args:
            input: ``(B, I) float32``.
            hidden_prev: all hidden states so far, ``(B, t - 1, H)``; None means a state of zeros.

        Returns:
            hidden: the next hidden state, ``(B, H) float32``.
            output: the linear layer's output for it, ``(B, H) float32``.
        """
        # BEGIN SOLUTION q10.rnn_step: a step from the newest state, and its output
        if hidden_prev is None:
            last = input.new_zeros(*input.shape[:-1], self.hidden_dim)
        else:
            last = hidden_prev[:, -1]  # (B, t - 1, H) -> (B, H)
        hidden = self.cell(input, last)
        return hidden, self.out(hidden)
        # END SOLUTION q10.rnn_step

    def forward(self, sequence: Tensor) -> tuple[Tensor, Tensor]:
        """Read a whole sequence.

        Args:
            sequence: ``(B, T, I) float32``, T >= 1.

        Returns:
            hidden: the hidden state at every step, ``(B, T, H) float32``.
            outputs: the linear layer's outputs, ``(B, T, H) float32``.
        """
        # BEGIN SOLUTION q10.rnn_forward: all states, each from the last, and outputs
        # Only the recurrence waits for the step before: the rest is one product over all steps.
        projected = self.cell.i2h(sequence)  # (B, T, I) -> (B, T, H)
        state = sequence.new_zeros(len(sequence), self.hidden_dim)
        states = []
        for contribution in projected.unbind(dim=1):
            state = self.cell.activation(contribution + self.cell.h2h(state))
            states.append(state)
        hidden = torch.stack(states, dim=1)  # T times (B, H) -> (B, T, H)
        return hidden, self.out(hidden)
        # END SOLUTION q10.rnn_forward


class SelfAttention(nn.Module):
    """Causal scaled dot-product attention with one head.

    Args:
        hidden_dim: the width H of what it reads and returns.
        key_dim: the width dk of queries and keys.
        value_dim: the width dv of values.
    """

    def __init__(self, hidden_dim: int, key_dim: int, value_dim: int) -> None:
        super().__init__()
        self.key_dim = key_dim
        self.query_transform = nn.Linear(hidden_dim, key_dim)
        self.key_transform = nn.Linear(hidden_dim, key_dim)
        self.value_transform = nn.Linear(hidden_dim, value_dim)
        self.output_transform = nn.Linear(value_dim, hidden_dim)

    def step(self, y_all: Tensor) -> Tensor:
        """Attend from the newest position to all positions so far.

        Args:
            y_all: the recurrent network's outputs so far, ``(B, t, H) float32``, t >= 1.

        Returns:
            What the last of them finds, ``(B, H) float32``.
        """
        # BEGIN SOLUTION q10.attention_step: one query, the keys and values of all
        query = self.query_transform(y_all[:, -1])  # (B, t, H) -> (B, dk)
        return self.look_up(query, self.key_transform(y_all), self.value_transform(y_all))
        # END SOLUTION q10.attention_step

    def look_up(self, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Mix values by how well their keys fit one query a sequence.

        Args:
            query: ``(B, dk) float32``.
            keys: ``(B, t, dk) float32``.
            values: ``(B, t, dv) float32``.

        Returns:
            ``(B, H) float32``.
        """
        # BEGIN SOLUTION q10.look_up: score, share out, mix, project
        scores = keys @ query[:, :, None]  # (B, t, dk) @ (B, dk, 1) -> (B, t, 1)
        # A dot product of dk terms has a spread of sqrt(dk), which the softmax must not see.
        weights = torch.softmax(scores / math.sqrt(self.key_dim), dim=1)
        mixture = (weights * values).sum(dim=1)  # (B, t, dv) -> (B, dv)
        return self.output_transform(mixture)
        # END SOLUTION q10.look_up

    def forward(self, y_all: Tensor) -> Tensor:
        """Attend from every position to itself and all positions before it.

        Args:
            y_all: ``(B, T, H) float32``, T >= 1.

        Returns:
            ``(B, T, H) float32``; position t is `step` of the first t + 1 positions.
        """
        # BEGIN SOLUTION q10.attention_forward: every position, none looking ahead
        queries, keys = self.query_transform(y_all), self.key_transform(y_all)
        scores = queries @ keys.movedim(1, 2) / math.sqrt(self.key_dim)  # (B, T, T)
        steps = y_all.shape[1]
        later = torch.ones(steps, steps, dtype=torch.bool, device=y_all.device).triu(diagonal=1)
        weights = torch.softmax(scores.masked_fill(later, -math.inf), dim=-1)
        return self.output_transform(weights @ self.value_transform(y_all))  # (B, T, H)
        # END SOLUTION q10.attention_forward


class RNNLanguageModel(nn.Module):
    """Scores for the next token after every token of a text.

    The modules are made in the homework's order: in another, a seed would draw other weights.

    Args:
        embed_dim: the width E of the embeddings.
        hidden_dim: the width H of the recurrent network.
        vocab_size: the number of different tokens V.
        key_dim: the width dk of the attention's keys; H if not given.
        value_dim: the width dv of its values; H if not given.
    """

    def __init__(
        self,
        embed_dim: int,
        hidden_dim: int,
        vocab_size: int,
        key_dim: int | None = None,
        value_dim: int | None = None,
    ) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, embed_dim)
        self.rnn = RNN(embed_dim, hidden_dim)
        self.attention = SelfAttention(
            hidden_dim,
            hidden_dim if key_dim is None else key_dim,
            hidden_dim if value_dim is None else value_dim,
        )
        self.lm_head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Score every token as the next one, at every position.

        Args:
            tokens: ``(B, T) int64`` in 0..V-1, T >= 1.

        Returns:
            logits: ``(B, T, V) float32``; position t has read tokens 0..t.
            hidden: the recurrent network's hidden states, ``(B, T, H) float32``.
            outputs: its outputs, which the attention reads, ``(B, T, H) float32``.
        """
        # BEGIN SOLUTION q10.logits: embed, read, attend, score
        hidden, outputs = self.rnn(self.embeddings(tokens))
        return self.lm_head(self.attention(outputs)), hidden, outputs
        # END SOLUTION q10.logits

    def select_token(
        self, token_logits: Tensor, temperature: float, generator: Generator | None = None
    ) -> Tensor:
        """Choose the next token.

        Args:
            token_logits: ``(V,) float32``.
            temperature: 0 takes the likeliest token; else one is drawn from
                softmax(logits / temperature): below 1 likely tokens become likelier still.
            generator: the source of the random draw; the global one without it.

        Returns:
            Its id, ``() int64``.

        Raises:
            ValueError: if the temperature is negative.
        """
        if temperature < 0:
            raise ValueError(f"temperature is {temperature}; give 0 or more")
        # BEGIN SOLUTION q10.select_token: the likeliest, or one drawn
        if temperature > 0:
            below = (token_logits - token_logits.max()).double()  # at most 0: no quotient is inf
            chances = torch.softmax(below / temperature, dim=-1)
            return torch.multinomial(chances, 1, generator=generator)[0]
        return token_logits.argmax()
        # END SOLUTION q10.select_token

    @torch.no_grad()
    def generate(
        self,
        tokens: Tensor,
        max_tokens: int = 10,
        temperature: float = 0.0,
        generator: Generator | None = None,
    ) -> Tensor:
        """Write on after a prefix, one token at a time.

        Args:
            tokens: the prefix, ``(1, L) int64``, L >= 1.
            max_tokens: how many tokens to write.
            temperature: see `select_token`.
            generator: see `select_token`.

        Returns:
            The new tokens alone, ``(max_tokens,) int64``.

        Raises:
            ValueError: if the prefix is empty or is more than one sequence.
        """
        if tokens.ndim != 2 or tokens.shape[0] != 1 or tokens.shape[1] == 0:
            raise ValueError(
                f"tokens has shape {tuple(tokens.shape)}; give one prefix of at least one token"
            )
        # BEGIN SOLUTION q10.generate: read the prefix, then go token by token
        logits, hidden, outputs = self(tokens)
        attention = self.attention
        keys, values = attention.key_transform(outputs), attention.value_transform(outputs)
        scores = logits[0, -1]  # (1, L, V) -> (V,)
        chosen: list[Tensor] = []
        while len(chosen) < max_tokens:
            token = self.select_token(scores, temperature, generator)
            chosen.append(token)
            # The newest state is all that the network needs, and keys and values of the past stay
            # as they are: a token costs the same however long the prefix was, the mixing apart.
            state, output = self.rnn.step(self.embeddings(token)[None], hidden)
            hidden = state[:, None]  # (1, H) -> (1, 1, H)
            keys = torch.cat([keys, attention.key_transform(output)[:, None]], dim=1)
            values = torch.cat([values, attention.value_transform(output)[:, None]], dim=1)
            mixed = attention.look_up(attention.query_transform(output), keys, values)
            scores = self.lm_head(mixed)[0]  # (1, V) -> (V,)
        return torch.stack(chosen) if chosen else tokens.new_empty(0)
        # END SOLUTION q10.generate
